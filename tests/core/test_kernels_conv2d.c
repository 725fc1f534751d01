/* Convolution and its gradients, of every set of kernels this machine can run, against the naive
 * loops. */
#include "tests/core/convolution_test.h"

/* Winograd's algorithm multiplies by fractions, so sums of integers are only close to integers, and
   of two that are equal either may win. */
static bool is_close_only(const tarn__conv2d *s)
{
    return s->stride_h == 1 && s->stride_w == 1 && s->dilation_h == 1 && s->dilation_w == 1 &&
           s->groups == 1 &&
           ((s->kh == 3 && s->kw == 3 && s->c >= 16 && s->o >= 16) ||
            (s->kh == 5 && s->kw == 5 && s->c >= 3 && s->o >= 8 && s->pool == 2));
}

/* To the integers that they are close to. */
static void round_numbers(array a)
{
    const double most = sizeof(tarn_real) == sizeof(float) ? 1e-2 : 1e-10;
    for (int64_t i = 0; i < a.size; i++)
        if (fabs((double)a.values[i] - rint((double)a.values[i])) < most)
            a.values[i] = (tarn_real)rint((double)a.values[i]) + 0; /* not -0 */
}

/* Whether each winner has the largest sum of its window; then it may be another one that has. */
static bool winners_win(const convolution *v)
{
    const tarn__conv2d *s = &v->s;
    const int64_t ph = s->oh / s->pool, pw = s->ow / s->pool;
    convolution sums = *v;
    sums.s.pool = 1, sums.s.relu = false;
    sums.y = sums.dy = new_array(s->n * s->oh * s->ow * s->o);
    run_convolution(tarn__kernels_available()[0], &sums);
    bool win = true;
    for (int64_t at = 0; at < v->y.size; at++) {
        const int64_t o = at % s->o, j = at / s->o % pw, i = at / (s->o * pw) % ph;
        const int64_t n = at / (s->o * pw * ph), place = v->winners[at];
        const int64_t row = n * s->oh + i * s->pool + place / s->pool;
        const int64_t column = j * s->pool + place % s->pool;
        const tarn_real won =
            place == TARN__NO_WINNER ? 0 : sums.y.values[(row * s->ow + column) * s->o + o];
        win &= won == v->y.values[at];
    }
    free_array(sums.dy);
    free_results(&sums);
    return win;
}

static void compare_convolution(tarn__conv2d s, int form)
{
    convolution v = new_convolution(s, integers);
    tarn_set_threads(form % 16 == 7 ? 2 : 1);
    v.with_bias = form & 1;
    v.add = form & 2;
    v.only_bias = form % 5 == 3;
    v.only_weight = form % 7 == 4;
    v.only_input = form % 11 == 5 && !v.only_weight;
    convolution expected = v;
    run_convolution(tarn__kernels_available()[0], &expected);
    EACH_SET(set)
    {
        convolution result = v;
        if (is_close_only(&s))
            result.like = &expected;
        run_convolution(*set, &result);
        if (is_close_only(&s)) {
            round_numbers(result.y), round_numbers(result.dx), round_numbers(result.dweight);
            if (s.pool > 1 && winners_win(&result))
                memcpy(result.winners, expected.winners, (size_t)result.y.size);
        }
        cr_assert(results_same(&result, &expected) && results_guarded(&result),
                  "%s: x (%d,%d,%d,%d), weight (%d,%d,%d,%d), sums %d x %d, stride %d x %d, "
                  "padding %d x %d, dilation %d x %d, groups %d, relu %d, pool %d, form %d: %s",
                  (*set)->name, (int)s.n, (int)s.h, (int)s.w, (int)s.c, (int)s.kh, (int)s.kw,
                  (int)(s.c / s.groups), (int)s.o, (int)s.oh, (int)s.ow, (int)s.stride_h,
                  (int)s.stride_w, (int)s.top, (int)s.left, (int)s.dilation_h, (int)s.dilation_w,
                  (int)s.groups, s.relu, (int)s.pool, form,
                  !results_guarded(&result)             ? "writes outside"
                  : !same(result.y, expected.y)         ? "value"
                  : !same(result.dx, expected.dx)       ? "input gradient"
                  : !same(result.dbias, expected.dbias) ? "bias gradient"
                                                        : "weight gradient");
        free_results(&result);
    }
    free_results(&expected);
    free_convolution(&v);
}

/* The numbers for the width: in half of all cases those for the height. */
static void set_width(tarn__conv2d *s)
{
    const bool same = choose(0, 1);
    s->stride_w = same ? s->stride_h : choose(1, 3);
    s->left = same ? s->top : choose(0, 4);
    s->dilation_w = same || s->dilation_h == 1 ? s->dilation_h : choose(1, 3);
}

/* More sums at the end than as much padding behind the image as before it gives: so has even
   kernels' `same`. */
static void set_end(tarn__conv2d *s)
{
    s->oh += choose(0, 3) == 0;
    s->ow += choose(0, 3) == 0;
}

static tarn__conv2d random_sizes(void)
{
    static const int64_t channels[] = {1, 2, 3, 4, 5, 6, 8, 13, 16, 17, 31, 33, 35, 64, 70};
    const int64_t last = sizeof channels / sizeof *channels - 1;
    tarn__conv2d s = {.n = choose(0, 10) % 4, .h = choose(1, 9), .w = choose(1, 20)};
    s.groups = choose(0, 2) ? 1 : choose(2, 4);
    s.c = s.groups * channels[choose(0, s.groups == 1 ? last : 8)];
    s.o = s.groups * channels[choose(0, s.groups == 1 ? last : 8)];
    if (choose(0, 5) == 0) /* each channel a group of its own */
        s.groups = s.c = s.o = channels[choose(1, last)];
    s.kh = choose(1, 5);
    s.kw = choose(0, 1) ? s.kh : choose(1, 5);
    s.stride_h = choose(0, 1) ? 1 : choose(2, 4);
    s.dilation_h = choose(0, 2) ? 1 : choose(2, 3);
    s.top = choose(0, 2) ? choose(0, 2) : choose(3, 7);
    s.relu = choose(0, 1);
    s.pool = choose(0, 1) ? 1 : choose(2, 4);
    set_width(&s);
    return s;
}

Test(kernels, conv2d)
{
    int compared = 0;
    while (compared < 1200) {
        tarn__conv2d s = random_sizes();
        if (complete(&s)) {
            set_end(&s);
            compare_convolution(s, compared++);
        }
    }
}

Test(kernels, conv2d_without_channels)
{
    tarn__conv2d no_input = {.n = 2,
                             .h = 4,
                             .w = 4,
                             .c = 0,
                             .kh = 3,
                             .kw = 3,
                             .o = 5,
                             .stride_h = 1,
                             .stride_w = 1,
                             .dilation_h = 1,
                             .dilation_w = 1,
                             .groups = 1};
    tarn__conv2d no_output = no_input;
    no_output.c = 5;
    no_output.o = 0;
    cr_assert(complete(&no_input) && complete(&no_output));
    for (int form = 0; form < 4; form++) {
        compare_convolution(no_input, form);
        compare_convolution(no_output, form);
    }
}

/* What Winograd's algorithm takes, with sums of few rows and columns and of many. */
static tarn__conv2d winograd_sizes(void)
{
    static const int64_t channels[] = {16, 17, 24, 31, 32, 33, 48, 63, 64, 65, 70};
    const int64_t last = sizeof channels / sizeof *channels - 1;
    static const int64_t extents[] = {1, 2, 3, 4, 5, 6, 7, 8, 9, 12, 13, 16, 33, 50};
    const int64_t last_extent = sizeof extents / sizeof *extents - 1;
    tarn__conv2d s = {.n = choose(0, 9) ? choose(1, 3) : choose(8, 9),
                      .kh = 3,
                      .kw = 3,
                      .stride_h = 1,
                      .stride_w = 1,
                      .dilation_h = 1,
                      .dilation_w = 1,
                      .groups = 1};
    s.c = channels[choose(0, last)];
    s.o = channels[choose(0, last)];
    s.top = s.left = choose(0, 2) ? choose(0, 1) : choose(2, 4);
    s.h = extents[choose(0, last_extent)] + 2 - 2 * s.top;
    s.w = extents[choose(0, last_extent)] + 2 - 2 * s.top;
    s.relu = choose(0, 1);
    s.pool = choose(0, 1) ? 1 : choose(2, 5);
    return s;
}

Test(kernels, conv2d_by_winograd)
{
    int compared = 0;
    while (compared < 250) {
        tarn__conv2d s = winograd_sizes();
        if (s.h > 0 && s.w > 0 && complete_with(&s, 800000)) {
            set_end(&s);
            compare_convolution(s, compared++);
        }
    }
}

/* The same of 5 x 5 with a pool of 2: rows of fewer patches than are multiplied at a time, and of
   more; padding on all sides, without any, and beyond the image. */
static tarn__conv2d winograd_5x5_sizes(void)
{
    tarn__conv2d s = {.n = choose(0, 9) ? choose(1, 3) : choose(8, 9),
                      .h = choose(1, 20),
                      .w = choose(0, 9) ? choose(1, 40) : choose(80, 120),
                      .c = choose(0, 3) ? choose(3, 9) : choose(10, 40),
                      .o = choose(0, 3) ? choose(8, 17) : choose(18, 70),
                      .kh = 5,
                      .kw = 5,
                      .top = choose(0, 6),
                      .stride_h = 1,
                      .dilation_h = 1,
                      .groups = 1,
                      .relu = choose(0, 1),
                      .pool = 2};
    s.stride_w = s.dilation_w = 1;
    s.left = choose(0, 1) ? s.top : choose(0, 6);
    return s;
}

Test(kernels, conv2d_5x5_by_winograd)
{
    int compared = 0;
    while (compared < 250) {
        tarn__conv2d s = winograd_5x5_sizes();
        if (complete_with(&s, 800000)) {
            set_end(&s);
            compare_convolution(s, compared++);
        }
    }
}

/* To few channels, or from few, whose gradient then is one to few. */
static tarn__conv2d few_channels_sizes(void)
{
    tarn__conv2d s = {.n = choose(1, 3), .h = choose(1, 12), .w = choose(1, 40), .groups = 1};
    const int64_t few = choose(1, 8), many = choose(1, 90);
    const bool to_few = choose(0, 1);
    s.c = to_few ? many : few;
    s.o = to_few ? few : many;
    s.kh = choose(1, 5);
    s.kw = choose(1, 5);
    s.stride_h = choose(0, 1) ? 1 : choose(2, 3);
    s.dilation_h = choose(0, 2) ? 1 : choose(2, 3);
    s.top = choose(0, 3);
    set_width(&s);
    s.relu = choose(0, 1);
    s.pool = choose(0, 3) ? 1 : choose(2, 3);
    return s;
}

Test(kernels, conv2d_to_few_channels)
{
    int compared = 0;
    while (compared < 200) {
        tarn__conv2d s = few_channels_sizes();
        if (complete(&s)) {
            set_end(&s);
            compare_convolution(s, compared++);
        }
    }
}

/* Followed by a pool, which makes the gradients sparse: images of more rows than one strip of the
   cache has, images of which not even one row fits, kernels cut into several blocks, more channels
   than a word has bits, and rows of whole vectors, whose gradient is added up in place. */
static tarn__conv2d pooled_sizes(void)
{
    tarn__conv2d s = {.n = choose(1, 2),
                      .dilation_h = 1,
                      .dilation_w = 1,
                      .groups = 1,
                      .stride_h = choose(0, 2) ? 1 : choose(2, 3),
                      .stride_w = choose(0, 2) ? 1 : choose(2, 3),
                      .top = choose(0, 3),
                      .left = choose(0, 3),
                      .relu = choose(0, 1),
                      .pool = choose(0, 1) ? 2 : choose(3, 15)};
    s.kh = choose(1, 7);
    s.kw = choose(0, 1) ? s.kh : choose(1, 7);
    const int64_t kind = choose(0, 2);
    s.h = kind == 0 ? choose(30, 90) : choose(1, 20);
    s.w = kind == 1 ? choose(200, 500) : choose(1, 30);
    s.c = kind == 2 ? choose(1, 70) : choose(1, 20);
    s.o = kind == 2 ? choose(1, 140) : choose(1, 18);
    if (choose(0, 2) == 0) {
        s.top = s.left = 0;
        s.c = 16 * choose(1, 3);
    }
    return s;
}

Test(kernels, conv2d_of_large_images_with_pool)
{
    int compared = 0;
    while (compared < 150) {
        tarn__conv2d s = pooled_sizes();
        if (complete_with(&s, 3000000)) {
            set_end(&s);
            compare_convolution(s, compared++);
        }
    }
}

/* The input gradient to fewer channels than lanes, by whole rows of the kernel; windows that begin
   before the image, end behind it, lie apart from each other, or leave some of it out. */
static tarn__conv2d scattered_sizes(void)
{
    tarn__conv2d s = {.n = choose(1, 2),
                      .h = choose(1, 18),
                      .w = choose(1, 18),
                      .c = choose(2, 15),
                      .o = choose(1, 40),
                      .kh = choose(1, 7),
                      .kw = choose(3, 9),
                      .stride_h = choose(0, 1) ? 1 : choose(2, 6),
                      .stride_w = choose(0, 1) ? 1 : choose(2, 6),
                      .top = choose(0, 9),
                      .left = choose(0, 9),
                      .dilation_h = 1,
                      .dilation_w = 1,
                      .groups = 1,
                      .pool = 1};
    return s;
}

Test(kernels, conv2d_with_scattered_gradient)
{
    int compared = 0;
    while (compared < 250) {
        tarn__conv2d s = scattered_sizes();
        if (complete_with(&s, 800000)) {
            set_end(&s);
            compare_convolution(s, compared++);
        }
    }
}

/* Few channels and a pool of 2: windows in the lanes. */
static tarn__conv2d windows_sizes(void)
{
    tarn__conv2d s = {.n = choose(0, 9) ? choose(1, 3) : choose(8, 9),
                      .h = choose(1, 40),
                      .w = choose(1, 80),
                      .c = choose(1, 4),
                      .o = choose(1, 15),
                      .kh = choose(1, 7),
                      .stride_h = 1,
                      .stride_w = 1,
                      .top = choose(0, 3),
                      .left = choose(0, 3),
                      .dilation_h = 1,
                      .dilation_w = 1,
                      .groups = 1,
                      .relu = choose(0, 1),
                      .pool = 2};
    s.kw = choose(0, 1) ? s.kh : choose(1, 12);
    return s;
}

Test(kernels, conv2d_with_windows_in_the_lanes)
{
    int compared = 0;
    while (compared < 250) {
        tarn__conv2d s = windows_sizes();
        if (complete_with(&s, 800000)) {
            set_end(&s);
            compare_convolution(s, compared++);
        }
    }
}

/* Whether the places agree that NaN has won; and all others, unless sums are only close. */
static bool same_winners(const convolution *a, const convolution *b)
{
    for (int64_t i = 0; a->s.pool > 1 && i < a->y.size; i++)
        if (a->winners[i] != b->winners[i] &&
            (!is_close_only(&a->s) || isnan((double)b->y.values[i])))
            return false;
    return true;
}

static bool same_nans(array a, array b)
{
    for (int64_t i = 0; i < a.size; i++)
        if (isnan((double)a.values[i]) != isnan((double)b.values[i]))
            return false;
    return true;
}

/* A few NaN in x, which the sums below them and the choice of the winners see, or in dy, which the
   input gradient below them sees; and nothing else. */
static void compare_nans(tarn__conv2d s, bool in_x)
{
    convolution v = new_convolution(s, integers);
    array at = in_x ? v.x : v.dy;
    tarn_set_threads(1);
    v.only_input = true;
    for (int i = 0; i < 3 && at.size > 0; i++)
        at.values[choose(0, at.size - 1)] = (tarn_real)NAN;
    convolution expected = v;
    run_convolution(tarn__kernels_available()[0], &expected);
    EACH_SET(set)
    {
        convolution result = v;
        if (is_close_only(&s))
            result.like = &expected;
        run_convolution(*set, &result);
        cr_assert(same_nans(result.y, expected.y) && same_nans(result.dx, expected.dx) &&
                      same_winners(&result, &expected),
                  "%s: x (%d,%d,%d,%d), weight (%d,%d,%d,%d), pool %d, NaN in %s", (*set)->name,
                  (int)s.n, (int)s.h, (int)s.w, (int)s.c, (int)s.kh, (int)s.kw,
                  (int)(s.c / s.groups), (int)s.o, (int)s.pool, in_x ? "x" : "dy");
        free_results(&result);
    }
    free_results(&expected);
    free_convolution(&v);
}

Test(kernels, conv2d_keeps_nan_where_it_is)
{
    tarn__conv2d (*const sizes[])(void) = {random_sizes, winograd_sizes, winograd_5x5_sizes,
                                           pooled_sizes, windows_sizes,  scattered_sizes};
    int compared = 0;
    while (compared < 384) {
        tarn__conv2d s = sizes[compared % 6]();
        if (s.h > 0 && s.w > 0 && complete(&s))
            compare_nans(s, compared++ / 6 % 2);
    }
}

/* Gradients that are infinite where ReLU cut an element off, as those of a square root behind it
   are. */
static void compare_with_dead_infinities(tarn__conv2d s)
{
    s.relu = true;
    convolution v = new_convolution(s, integers);
    v.with_bias = true;
    tarn_set_threads(1);
    convolution expected = v;
    run_convolution(tarn__kernels_available()[0], &expected);
    for (int64_t i = 0; i < v.dy.size; i++)
        if (expected.winners[i] == TARN__NO_WINNER)
            v.dy.values[i] = (tarn_real)INFINITY;
    free_results(&expected);
    expected = v;
    run_convolution(tarn__kernels_available()[0], &expected);
    EACH_SET(set)
    {
        convolution result = v;
        result.like = &expected;
        run_convolution(*set, &result);
        cr_assert(same_nans(result.dweight, expected.dweight) &&
                      same_nans(result.dx, expected.dx) && same_nans(result.dbias, expected.dbias),
                  "%s: x (%d,%d,%d,%d), weight (%d,%d,%d,%d), pool %d", (*set)->name, (int)s.n,
                  (int)s.h, (int)s.w, (int)s.c, (int)s.kh, (int)s.kw, (int)(s.c / s.groups),
                  (int)s.o, (int)s.pool);
        free_results(&result);
    }
    free_results(&expected);
    free_convolution(&v);
}

Test(kernels, conv2d_skips_infinite_gradients_of_the_dead)
{
    for (int compared = 0; compared < 60;) {
        tarn__conv2d s = compared % 2 ? windows_sizes() : pooled_sizes();
        if (s.dilation_h == 1 && s.dilation_w == 1 && s.groups == 1 && complete_with(&s, 200000)) {
            compare_with_dead_infinities(s);
            compared++;
        }
    }
}

static void compare_threads_of_convolution(tarn__conv2d s)
{
    convolution v = new_convolution(s, fractions);
    v.with_bias = v.add = true;
    convolution expected = v;
    run_convolution(tarn__kernels_available()[0], &expected);
    EACH_SET(set)
    {
        convolution first = v;
        tarn_set_threads(1);
        run_convolution(*set, &first);
        cr_assert_leq(difference(first.y, expected.y), tolerance, "%s", (*set)->name);
        cr_assert_leq(difference(first.dx, expected.dx), tolerance, "%s", (*set)->name);
        cr_assert_leq(difference(first.dweight, expected.dweight), tolerance, "%s", (*set)->name);
        cr_assert_leq(difference(first.dbias, expected.dbias), tolerance, "%s", (*set)->name);
        for (int threads = 2; threads <= 4; threads++) {
            convolution result = v;
            tarn_set_threads(threads);
            run_convolution(*set, &result);
            cr_assert(results_same(&result, &first), "%s: %d threads", (*set)->name, threads);
            cr_assert(results_guarded(&result), "%s: %d threads", (*set)->name, threads);
            free_results(&result);
        }
        free_results(&first);
    }
    free_results(&expected);
    free_convolution(&v);
}

/* Of enough work that threads share it: directly in two groups and in one, by Winograd's algorithm,
   also 5 x 5, with windows in the lanes, channel by channel, and with stride 2; few images, which
   are cut into bands, and many; with and without relu and pool. */
Test(kernels, conv2d_is_the_same_on_any_number_of_threads)
{
    static const tarn__conv2d kinds[] = {
        {.c = 8, .o = 34, .stride_h = 1, .stride_w = 1, .groups = 2},
        {.c = 8, .o = 34, .stride_h = 1, .stride_w = 1, .groups = 1},
        {.c = 18, .o = 17, .stride_h = 1, .stride_w = 1, .groups = 1},
        {.c = 6, .o = 17, .kh = 5, .kw = 5, .stride_h = 1, .stride_w = 1, .groups = 1},
        {.c = 4, .o = 15, .stride_h = 1, .stride_w = 1, .groups = 1},
        {.c = 40, .o = 1, .stride_h = 1, .stride_w = 1, .groups = 1},
        {.c = 1, .o = 40, .stride_h = 2, .stride_w = 2, .groups = 1},
        {.c = 40, .o = 40, .stride_h = 1, .stride_w = 1, .groups = 40},
        {.c = 8, .o = 34, .stride_h = 2, .stride_w = 2, .groups = 1},
    };
    static const int64_t images[] = {1, 2, 3, 11}, pools[] = {1, 2, 3};
    for (size_t kind = 0; kind < sizeof kinds / sizeof *kinds; kind++)
        for (int i = 0; i < 4; i++)
            for (int k = 0; k < 3; k++) {
                tarn__conv2d s = kinds[kind];
                s.n = images[i];
                s.h = images[i] < 3 ? 27 : 19;
                s.w = images[i] < 3 ? 22 : 13;
                s.kh = s.kw = s.kh ? s.kh : 3;
                s.top = s.left = s.dilation_h = s.dilation_w = 1;
                s.relu = (i + k) % 2;
                s.pool = pools[k];
                cr_assert(complete_with(&s, 1 << 24));
                compare_threads_of_convolution(s);
            }
}
