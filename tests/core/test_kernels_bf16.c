/* Convolutions with their operands rounded, by the kernels in use, against the naive loops over
   operands that are rounded before. The numbers are integers, so that the gradient that
   normalization makes is exact, and so what it is rounded to. */
#include "core/base/precision.h"
#include "core/kernels/bf16.h"
#include "tests/core/convolution_test.h"

/* Those from 257 on change when they are rounded. */
static array wide_integers(int64_t size)
{
    array a = new_array(size);
    for (int64_t i = 0; i < size; i++)
        a.values[i] = (tarn_real)choose(-600, 600);
    return a;
}

static array rounded(array from)
{
    array to = new_array(from.size);
    for (int64_t i = 0; i < from.size; i++) {
        const double x = from.values[i], unit = fabs(x) < 256 ? 1 : exp2(floor(log2(fabs(x))) - 7);
        to.values[i] = (tarn_real)(nearbyint(x / unit) * unit);
    }
    return to;
}

static const tarn__kernels *bf16(void)
{
    tarn_set_precision(TARN_BF16);
    const tarn__kernels *set = tarn__conv2d_kernels();
    tarn_set_precision(TARN_FLOAT);
    return set;
}

/* ---- Rounding */

/* NaN, infinities, denormal numbers and what is in the middle of two are among them. */
Test(kernels_bf16, every_set_rounds_the_same_bits)
{
    enum { COUNT = 20005 };
    array from = new_array(COUNT), expected = new_array(COUNT);
    for (int i = 0; i < COUNT; i++) {
        const uint32_t random = (uint32_t)tarn__random_at(state++, 0);
        const uint32_t bits = i % 4 == 0 ? (random & 0xffff0000) | 0x8000 : random;
        float x;
        memcpy(&x, &bits, sizeof x);
        from.values[i] = (tarn_real)(i % 4 == 1 ? x * 1e-38f : i % 4 == 2 ? x * 1e38f : x);
    }
    tarn__kernels_available()[0]->round(COUNT, from.values, expected.values);
    EACH_SET(set)
    {
        array found = new_array(COUNT);
        (*set)->round(COUNT, from.values, found.values);
        cr_assert(same(found, expected) && guards_hold(found), "%s", (*set)->name);
        free_array(found);
    }
    free_array(from);
    free_array(expected);
}

/* ---- Without normalization */

/* The pool leaves a row of sums out, which lies in the last of Winograd's patches; what only that
   row reads must not be what the workspace held before. Of 5 x 5 it is in no patch. */
Test(kernels_bf16, patches_beyond_the_pool_read_no_old_bytes)
{
    for (int64_t kernel = 3; kernel <= 5; kernel += 2) {
        tarn__conv2d s = {.n = 1,
                          .h = 9,
                          .w = 10,
                          .c = 16,
                          .o = 16,
                          .kh = kernel,
                          .kw = kernel,
                          .stride_h = 1,
                          .stride_w = 1,
                          .dilation_h = 1,
                          .dilation_w = 1,
                          .groups = 1,
                          .pool = 2,
                          .rounds = true};
        cr_assert(complete_with(&s, 1 << 20) && s.oh % s.pool == 1);
        cr_assert_eq(tarn__is_by_winograd(&s), kernel == 3);
        convolution v = new_convolution(s, fractions);
        EACH_SET(set)
        {
            array y[2];
            for (int k = 0; k < 2; k++) {
                const size_t size = (*set)->conv2d_forward_workspace(&s);
                workspace w = new_workspace(size);
                memset(w.bytes, k == 0 ? 0 : 'o', size); /* 0, or large numbers */
                y[k] = copy(v.y);
                (*set)->conv2d_forward(&s, v.x.values, v.weight.values, NULL, y[k].values, NULL,
                                       w.bytes);
                cr_assert(close_workspace(w));
            }
            cr_assert(same(y[0], y[1]), "%s, %d", (*set)->name, (int)kernel);
            free_array(y[0]);
            free_array(y[1]);
        }
        free_convolution(&v);
    }
}

/* The gradient of the bias is that of dy as it is. */
static void compare(tarn__conv2d s)
{
    const tarn__kernels *naive = tarn__kernels_available()[0];
    cr_assert(complete_with(&s, 300000000));
    convolution v = new_convolution(s, wide_integers), expected = v, of_bias = v;
    v.with_bias = expected.with_bias = of_bias.with_bias = v.add = expected.add = of_bias.add =
        true;
    expected.x = rounded(v.x), expected.weight = rounded(v.weight), expected.dy = rounded(v.dy);
    run_convolution(naive, &expected);
    of_bias.x = expected.x, of_bias.weight = expected.weight;
    run_convolution(naive, &of_bias);
    for (int threads = 1; threads <= 3; threads++) {
        convolution found = v;
        tarn_set_threads(threads);
        run_convolution(bf16(), &found);
        cr_assert(results_guarded(&found));
        cr_assert(difference(found.y, expected.y) <= tolerance, "y");
        cr_assert(difference(found.dx, expected.dx) <= tolerance, "dx");
        cr_assert(difference(found.dweight, expected.dweight) <= tolerance, "dweight");
        cr_assert(difference(found.dbias, of_bias.dbias) <= tolerance, "dbias");
        free_results(&found);
    }
    free_results(&expected), free_results(&of_bias);
    free_array(expected.x), free_array(expected.weight), free_array(expected.dy);
    free_convolution(&v);
}

static tarn__conv2d square(int64_t n, int64_t extent, int64_t c, int64_t o, int64_t kernel)
{
    return (tarn__conv2d){.n = n,
                          .h = extent,
                          .w = extent + 1,
                          .c = c,
                          .o = o,
                          .kh = kernel,
                          .kw = kernel,
                          .stride_h = 1,
                          .stride_w = 1,
                          .top = kernel / 2,
                          .left = kernel / 2,
                          .dilation_h = 1,
                          .dilation_w = 1,
                          .groups = 1};
}

/* Plain, then with a stride, in groups, and channel by channel. */
static void compare_kinds(bool relu, int64_t pool)
{
    enum { KINDS = 9 };
    tarn__conv2d kinds[KINDS] = {
        square(2, 9, 16, 17, 3), square(9, 5, 18, 16, 3), square(2, 8, 3, 16, 3),
        square(3, 10, 1, 6, 5),  square(2, 10, 6, 16, 5), square(2, 6, 12, 20, 1),
        square(2, 9, 4, 18, 3),  square(2, 8, 8, 12, 3),  square(2, 7, 17, 17, 3)};
    kinds[6].stride_h = kinds[6].stride_w = 2;
    kinds[7].groups = 4;
    kinds[7].dilation_h = 2;
    kinds[8].groups = 17;
    for (int i = 0; i < KINDS; i++) {
        kinds[i].relu = relu;
        kinds[i].pool = pool;
        compare(kinds[i]);
    }
}

Test(kernels_bf16, convolutions)
{
    compare_kinds(false, 1);
    compare_kinds(true, 1);
    compare_kinds(false, 2);
    compare_kinds(true, 2);
    compare(square(0, 5, 3, 4, 3));
    compare(square(1, 5, 9, 8, 3));
    compare(square(19, 46, 2, 16, 3)); /* parts of several groups of images */
    compare(square(2, 30, 17, 16, 3)); /* bands of rows, by Winograd's algorithm */
    tarn_set_precision(TARN_FLOAT);
    cr_assert_eq(tarn__conv2d_kernels(), tarn__kernels_in_use());
}

/* Of fractions, whose sums are rounded. */
static void compare_threads(tarn__conv2d s, bool relu, int64_t pool)
{
    s.relu = relu;
    s.pool = pool;
    cr_assert(complete_with(&s, 300000000));
    convolution v = new_convolution(s, fractions), first = v;
    first.with_bias = true;
    tarn_set_threads(1);
    run_convolution(bf16(), &first);
    for (int threads = 2; threads <= 4; threads++) {
        convolution found = v;
        found.with_bias = true;
        tarn_set_threads(threads);
        run_convolution(bf16(), &found);
        cr_assert(results_same(&found, &first), "%d threads", threads);
        free_results(&found);
    }
    free_results(&first);
    free_convolution(&v);
}

Test(kernels_bf16, same_bits_on_any_number_of_threads)
{
    for (int relu = 0; relu <= 1; relu++)
        for (int64_t pool = 1; pool <= 2; pool++) {
            compare_threads(square(17, 9, 16, 24, 3), relu, pool);
            compare_threads(square(19, 30, 8, 33, 3), relu, pool);
            compare_threads(square(2, 30, 17, 16, 5), relu, pool);
            compare_threads(square(2, 30, 17, 16, 3), relu, pool);
        }
}

/* NaN, infinity and a number that becomes infinite reach what is summed from them and nothing else,
   not what is beside them in a pair; a denormal number is 0. */
static bool alike(array a, array b)
{
    for (int64_t i = 0; i < a.size; i++)
        if (a.values[i] != b.values[i] && !(isnan(a.values[i]) && isnan(b.values[i])))
            return false;
    return true;
}

static void put_special_numbers(array to, array rounded)
{
    const double large = (double)3.4e38f, denormal = 1e-40;
    const double numbers[] = {(double)NAN, (double)INFINITY, -large, denormal};
    const double become[] = {(double)NAN, (double)INFINITY, (double)-INFINITY, 0};
    for (int64_t i = 0; i < 4; i++) {
        const int64_t at = to.size * (2 * i + 1) / 8;
        to.values[at] = (tarn_real)numbers[i];
        rounded.values[at] = (tarn_real)become[i];
    }
}

static void compare_special(tarn__conv2d s)
{
    cr_assert(complete_with(&s, 3000000));
    for (int of = 0; of < 3; of++) {
        if (of == 1 && s.kh > 1) /* at the border kernels multiply weights by 0 */
            continue;
        convolution v = new_convolution(s, wide_integers), expected = v, found = v;
        expected.x = rounded(v.x), expected.weight = rounded(v.weight), expected.dy = rounded(v.dy);
        put_special_numbers(of == 0   ? v.x
                            : of == 1 ? v.weight
                                      : v.dy,
                            of == 0   ? expected.x
                            : of == 1 ? expected.weight
                                      : expected.dy);
        run_convolution(tarn__kernels_available()[0], &expected);
        run_convolution(bf16(), &found);
        cr_assert(alike(found.y, expected.y) && alike(found.dx, expected.dx), "in operand %d", of);
        cr_assert(alike(found.dweight, expected.dweight), "in operand %d", of);
        free_results(&expected), free_results(&found);
        free_array(expected.x), free_array(expected.weight), free_array(expected.dy);
        free_convolution(&v);
    }
}

Test(kernels_bf16, special_numbers)
{
    compare_special(square(3, 9, 9, 9, 3));
    compare_special(square(2, 8, 4, 16, 1));
    compare_special(square(3, 7, 17, 33, 5));
}

/* ---- With it */

typedef struct normalized {
    tarn__conv2d s;
    bool relu, adds, add;
    array x, weight, z, y, dy, skip, centre, scale, shift, of_dy, of_x, constant;
    array dx, dweight, dbias, dskip;
} normalized;

static normalized new_normalized(tarn__conv2d s, int form)
{
    const int64_t x = s.n * s.h * s.w * s.c, y = s.n * s.oh * s.ow * s.o;
    const int64_t weight = s.kh * s.kw * s.c * s.o;
    return (normalized){.s = s,
                        .relu = form & 1,
                        .adds = form & 2,
                        .add = form & 4,
                        .x = wide_integers(x),
                        .weight = wide_integers(weight),
                        .z = integers(y),
                        .y = integers(y),
                        .dy = wide_integers(y),
                        .skip = integers(y),
                        .centre = integers(s.o),
                        .scale = integers(s.o),
                        .shift = integers(s.o),
                        .of_dy = integers(s.o),
                        .of_x = integers(s.o),
                        .constant = integers(s.o),
                        .dx = wide_integers(x),
                        .dweight = wide_integers(weight),
                        .dbias = wide_integers(s.o),
                        .dskip = wide_integers(y)};
}

static void free_gradients(normalized *v)
{
    free_array(v->dx), free_array(v->dweight), free_array(v->dbias), free_array(v->dskip);
}

static void free_normalized(normalized *v)
{
    const array all[] = {v->x,      v->weight, v->z,     v->y,     v->dy,   v->skip,
                         v->centre, v->scale,  v->shift, v->of_dy, v->of_x, v->constant};
    for (size_t i = 0; i < sizeof all / sizeof *all; i++)
        free_array(all[i]);
    free_gradients(v);
}

static tarn__norm_behind norm_of(const normalized *v)
{
    return (tarn__norm_behind){.s = {.pixels = v->s.n * v->s.oh * v->s.ow,
                                     .channels = v->s.o,
                                     .centre = v->centre.values,
                                     .scale = v->scale.values,
                                     .shift = v->shift.values,
                                     .relu = v->relu,
                                     .skip = v->adds ? v->skip.values : NULL,
                                     .y = v->adds ? v->y.values : NULL},
                               .back = {v->of_dy.values, v->of_x.values, v->constant.values},
                               .z = v->z.values,
                               .dskip = {v->adds ? v->dskip.values : NULL, v->add}};
}

static normalized with_copies(const normalized *from)
{
    normalized v = *from;
    v.dx = copy(v.dx), v.dweight = copy(v.dweight);
    v.dbias = copy(v.dbias), v.dskip = copy(v.dskip);
    return v;
}

static void run_backward(const tarn__kernels *set, const tarn__conv2d *s,
                         const tarn__conv2d_gradients *g)
{
    workspace w = new_workspace(set->conv2d_backward_workspace(s));
    set->conv2d_backward(s, g, w.bytes);
    cr_assert(close_workspace(w), "writes behind its workspace");
}

static normalized gradients_of(const normalized *from)
{
    normalized v = with_copies(from);
    const tarn__norm_behind norm = norm_of(&v);
    run_backward(bf16(), &v.s,
                 &(tarn__conv2d_gradients){.x = v.x.values,
                                           .weight = v.weight.values,
                                           .dy = v.dy.values,
                                           .norm = &norm,
                                           .dx = {v.dx.values, v.add},
                                           .dweight = {v.dweight.values, v.add},
                                           .dbias = {v.dbias.values, v.add}});
    return v;
}

/* In naive steps: normalization's gradients, then those of the convolution. */
static normalized expected_gradients(const normalized *from)
{
    const tarn__kernels *naive = tarn__kernels_available()[0];
    normalized v = with_copies(from);
    const tarn__norm_behind norm = norm_of(&v);
    array ones = new_array(v.s.o), dz = new_array(v.dy.size);
    for (int64_t o = 0; o < v.s.o; o++)
        ones.values[o] = 1;
    if (v.adds)
        naive->batch_norm_input_gradient(&norm.s, &(tarn__batch_norm_back){.of_dy = ones.values},
                                         v.z.values, v.dy.values, norm.dskip, NULL);
    naive->batch_norm_input_gradient(&norm.s, &norm.back, v.z.values, v.dy.values,
                                     (tarn__target){dz.values, false}, NULL);
    tarn__conv2d s = v.s;
    s.norm = false;
    run_backward(naive, &s,
                 &(tarn__conv2d_gradients){.dy = dz.values, .dbias = {v.dbias.values, v.add}});
    array x = rounded(v.x), weight = rounded(v.weight), near = rounded(dz);
    run_backward(naive, &s,
                 &(tarn__conv2d_gradients){.x = x.values,
                                           .weight = weight.values,
                                           .dy = near.values,
                                           .dx = {v.dx.values, v.add},
                                           .dweight = {v.dweight.values, v.add}});
    free_array(x), free_array(weight), free_array(near), free_array(ones), free_array(dz);
    return v;
}

static void compare_normalized(tarn__conv2d s, int form)
{
    s.norm = true;
    cr_assert(complete(&s));
    normalized v = new_normalized(s, form), expected = expected_gradients(&v);
    for (int threads = 1; threads <= 2; threads++) {
        tarn_set_threads(threads);
        normalized found = gradients_of(&v);
        cr_assert(guards_hold(found.dx) && guards_hold(found.dweight) && guards_hold(found.dskip));
        cr_assert(difference(found.dx, expected.dx) <= tolerance, "dx");
        cr_assert(difference(found.dweight, expected.dweight) <= tolerance, "dweight");
        cr_assert(difference(found.dbias, expected.dbias) <= tolerance, "dbias");
        cr_assert(same(found.dskip, expected.dskip), "dskip");
        free_gradients(&found);
    }
    free_gradients(&expected);
    free_normalized(&v);
}

Test(kernels_bf16, convolutions_with_normalization)
{
    for (int form = 0; form < 8; form++) {
        compare_normalized(square(2, 5, 16, 16, 3), form);
        compare_normalized(square(3, 6, 3, 18, 1), form);
    }
}

/* The sums are those of forward, and the statistics theirs. */
Test(kernels_bf16, statistics)
{
    enum { CHANNELS = 16 };
    tarn__conv2d s = square(3, 6, 5, CHANNELS, 3);
    s.norm = true;
    cr_assert(complete(&s));
    const tarn__kernels *naive = tarn__kernels_available()[0];
    array x = wide_integers(s.n * s.h * s.w * s.c), weight = wide_integers(9 * s.c * s.o);
    array near_x = rounded(x), near_weight = rounded(weight),
          sums = new_array(s.n * s.oh * s.ow * s.o);
    array expected = copy(sums);
    double distance[2][CHANNELS], variance[2][CHANNELS];
    workspace w = new_workspace(bf16()->conv2d_forward_workspace(&s));
    bf16()->conv2d_statistics(&s, x.values, weight.values, NULL, sums.values, distance[0],
                              variance[0], w.bytes);
    cr_assert(close_workspace(w) && guards_hold(sums));
    naive->conv2d_statistics(&s, near_x.values, near_weight.values, NULL, expected.values,
                             distance[1], variance[1], NULL);
    cr_assert(difference(sums, expected) <= tolerance);
    for (int o = 0; o < CHANNELS; o++)
        cr_assert(fabs(variance[0][o] / variance[1][o] - 1) < 1e-5);
    const array all[] = {x, weight, near_x, near_weight, sums, expected};
    for (size_t i = 0; i < sizeof all / sizeof *all; i++)
        free_array(all[i]);
}
