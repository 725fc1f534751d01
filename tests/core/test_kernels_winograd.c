/* How far Winograd's algorithm is from the exact sums. */
#include "tests/core/convolution_test.h"
#include "tests/support/larger.h"

typedef long double exact;

/* One sum of the convolution of x by weight. */
static exact exact_sum(const convolution *v, int64_t n, int64_t i, int64_t j, int64_t o)
{
    const tarn__conv2d *s = &v->s;
    exact sum = 0;
    for (int64_t p = 0; p < s->kh; p++)
        for (int64_t q = 0; q < s->kw; q++)
            for (int64_t c = 0; c < s->c; c++)
                sum += (exact)v->x.values[((n * s->h + i + p) * s->w + j + q) * s->c + c] *
                       (exact)v->weight.values[((p * s->kw + q) * s->c + c) * s->o + o];
    return sum;
}

/* One sum of the input gradient. */
static exact exact_gradient(const convolution *v, int64_t n, int64_t h, int64_t w, int64_t c)
{
    const tarn__conv2d *s = &v->s;
    exact sum = 0;
    for (int64_t p = 0; p < 3; p++)
        for (int64_t q = 0; q < 3; q++)
            for (int64_t o = 0; o < s->o; o++) {
                const int64_t i = h - p, j = w - q;
                if (i >= 0 && i < s->oh && j >= 0 && j < s->ow)
                    sum += (exact)v->dy.values[((n * s->oh + i) * s->ow + j) * s->o + o] *
                           (exact)v->weight.values[((p * 3 + q) * s->c + c) * s->o + o];
            }
    return sum;
}

/* One number of the weight gradient. */
static exact exact_weight_gradient(const convolution *v, int64_t p, int64_t q, int64_t c, int64_t o)
{
    const tarn__conv2d *s = &v->s;
    exact sum = 0;
    for (int64_t n = 0; n < s->n; n++)
        for (int64_t i = 0; i < s->oh; i++)
            for (int64_t j = 0; j < s->ow; j++)
                sum += (exact)v->x.values[((n * s->h + i + p) * s->w + j + q) * s->c + c] *
                       (exact)v->dy.values[((n * s->oh + i) * s->ow + j) * s->o + o];
    return sum;
}

typedef struct errors {
    double largest, squares;
} errors;

static void add_error(errors *e, tarn_real value, exact expected)
{
    const double error = (double)fabsl((exact)value - expected);
    e->largest = larger(e->largest, error);
    e->squares += error * error;
}

enum { VALUE, GRADIENT, WEIGHT, ALL };

/* The errors of y, dx and dweight, looked at in some of their elements. */
static void measure_errors(const tarn__kernels *set, const convolution *inputs, errors e[ALL])
{
    enum { STEP = 37 };
    const tarn__conv2d *s = &inputs->s;
    convolution v = *inputs;
    run_convolution(set, &v);
    memset(e, 0, ALL * sizeof *e);
    for (int64_t at = 0; at < v.y.size; at += STEP)
        add_error(&e[VALUE], v.y.values[at],
                  exact_sum(&v, at / (s->oh * s->ow * s->o), at / (s->ow * s->o) % s->oh,
                            at / s->o % s->ow, at % s->o));
    for (int64_t at = 0; at < v.dx.size; at += STEP)
        add_error(&e[GRADIENT], v.dx.values[at],
                  exact_gradient(&v, at / (s->h * s->w * s->c), at / (s->w * s->c) % s->h,
                                 at / s->c % s->w, at % s->c));
    for (int64_t at = 0; at < v.dweight.size; at += STEP)
        add_error(&e[WEIGHT], v.dweight.values[at],
                  exact_weight_gradient(&v, at / (3 * s->c * s->o), at / (s->c * s->o) % 3,
                                        at / s->o % s->c, at % s->o));
    free_results(&v);
}

/* At the size of the second convolution of cnn (examples/lab/lib/networks.c), beside the plain
   loops, which add one product after the other, as the direct way does: two to three times their
   error, root mean square; the largest is more of chance. */
Test(kernels, conv2d_by_winograd_is_nearly_as_exact_as_directly)
{
    tarn__conv2d s = {.n = 2,
                      .h = 26,
                      .w = 26,
                      .c = 32,
                      .o = 64,
                      .kh = 3,
                      .kw = 3,
                      .stride_h = 1,
                      .stride_w = 1,
                      .dilation_h = 1,
                      .dilation_w = 1,
                      .groups = 1};
    cr_assert(complete_with(&s, 1 << 26));
    convolution v = new_convolution(s, fractions);
    errors direct[ALL], e[ALL];
    measure_errors(tarn__kernels_available()[0], &v, direct);
    EACH_SET(set)
    {
        measure_errors(*set, &v, e);
        for (int i = VALUE; i < ALL; i++)
            cr_assert(e[i].largest <= 4 * direct[i].largest &&
                          e[i].squares <= 3 * 3 * direct[i].squares,
                      "%s: largest %g, directly %g; squares %g, directly %g", (*set)->name,
                      e[i].largest, direct[i].largest, e[i].squares, direct[i].squares);
    }
    free_convolution(&v);
}

/* Of the largest sum of each window, where it was found. */
static errors pooled_errors(const tarn__kernels *set, const convolution *inputs)
{
    const tarn__conv2d *s = &inputs->s;
    const int64_t ph = s->oh / s->pool, pw = s->ow / s->pool;
    convolution v = *inputs;
    run_convolution(set, &v);
    errors e = {0};
    for (int64_t at = 0; at < v.y.size; at++) {
        const int64_t i = at / (s->o * pw) % ph * s->pool + v.winners[at] / s->pool;
        const int64_t j = at / s->o % pw * s->pool + v.winners[at] % s->pool;
        add_error(&e, v.y.values[at], exact_sum(&v, at / (s->o * pw * ph), i, j, at % s->o));
    }
    free_results(&v);
    return e;
}

/* At the size of LeNet's second convolution: about twice their error. */
Test(kernels, conv2d_5x5_by_winograd_is_nearly_as_exact_as_directly)
{
    tarn__conv2d s = {.n = 4,
                      .h = 14,
                      .w = 14,
                      .c = 6,
                      .o = 16,
                      .kh = 5,
                      .kw = 5,
                      .stride_h = 1,
                      .stride_w = 1,
                      .dilation_h = 1,
                      .dilation_w = 1,
                      .groups = 1,
                      .pool = 2};
    cr_assert(complete_with(&s, 1 << 26));
    convolution v = new_convolution(s, fractions);
    const errors direct = pooled_errors(tarn__kernels_available()[0], &v);
    EACH_SET(set)
    {
        const errors e = pooled_errors(*set, &v);
        cr_assert(e.largest <= 4 * direct.largest && e.squares <= 3 * 3 * direct.squares,
                  "%s: largest %g, directly %g; squares %g, directly %g", (*set)->name, e.largest,
                  direct.largest, e.squares, direct.squares);
    }
    free_convolution(&v);
}

static int kind_of(tarn_real x)
{
    return isnan(x) ? 0 : x == (tarn_real)INFINITY ? 1 : x == -(tarn_real)INFINITY ? 2 : 3;
}

static void compare_kinds(const char *set, int kind, const char *name, array fast, array plain)
{
    for (int64_t i = 0; i < plain.size; i++)
        cr_assert_eq(kind_of(fast.values[i]), kind_of(plain.values[i]),
                     "%s, kind %d: %s[%d] is %g, plainly %g", set, kind, name, (int)i,
                     (double)fast.values[i], (double)plain.values[i]);
}

/* Numbers of a kind that Winograd's algorithm would make too much of, among others. */
static void add_extremes(convolution *v, int kind)
{
    const tarn__conv2d *s = &v->s;
    const int64_t width = s->ow / s->pool;
    const tarn_real large =
        sizeof(tarn_real) == sizeof(float) ? (tarn_real)0x1p127 : (tarn_real)0x1p1023;
    if (kind == 0)
        v->x.values[(3 * s->w + 2) * s->c + 5] = (tarn_real)INFINITY;
    else if (kind == 1)
        v->dy.values[(2 * width + 3) * s->o + 16] = -(tarn_real)INFINITY;
    else if (kind == 2)
        v->x.values[3 * s->w * s->c] = v->x.values[5 * s->w * s->c] = large;
    else
        v->x.values[(3 * s->w + 3) * s->c] = v->dy.values[(3 * width + 3) * s->o] =
            (tarn_real)sqrt(large / 8);
}

/* An infinity among the pixels or the gradients, two large numbers whose sum is infinite, and a
   pixel and a gradient whose product is a sixteenth of the largest number, make of all results what
   the plain loops make of them. */
Test(kernels, conv2d_by_winograd_of_infinite_and_large_numbers)
{
    static const tarn__conv2d shapes[] = {
        {.n = 3, .h = 7, .w = 6, .c = 16, .o = 17, .kh = 3, .kw = 3},
        {.n = 3, .h = 10, .w = 13, .c = 6, .o = 17, .kh = 5, .kw = 5, .pool = 2}};
    for (int form = 0; form < 16; form++) {
        tarn__conv2d s = shapes[form / 8];
        s.top = s.left = s.stride_h = s.stride_w = s.dilation_h = s.dilation_w = s.groups = 1;
        cr_assert(complete_with(&s, 1 << 26));
        const int kind = form / 2 % 4;
        convolution v = new_convolution(s, fractions);
        v.add = form % 2;
        add_extremes(&v, kind);
        convolution plain = v;
        run_convolution(tarn__kernels_available()[0], &plain);
        EACH_SET(set)
        {
            convolution fast = v;
            fast.like = &plain;
            run_convolution(*set, &fast);
            compare_kinds((*set)->name, kind, "y", fast.y, plain.y);
            compare_kinds((*set)->name, kind, "dx", fast.dx, plain.dx);
            compare_kinds((*set)->name, kind, "dweight", fast.dweight, plain.dweight);
            free_results(&fast);
        }
        free_results(&plain);
        free_convolution(&v);
    }
}
