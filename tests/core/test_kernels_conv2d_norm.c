/* Convolution with batch normalization behind it, of every set of kernels: its statistics against
   those of the two kernels one after the other, its gradients against the naive loops. */
#include "tests/core/kernels_test.h"

enum { MOST_CHANNELS = 80 };

/* What is read, and the results, with what is there before. */
typedef struct normalized {
    tarn__conv2d s;
    bool relu, adds, constants, add; /* adds: a skip; constants: statistics; add: to gradients */
    array x, weight, bias, z, y, dy, skip, map[3], factors[3];
    array dx, dweight, dbias, dskip;
} normalized;

static normalized new_normalized(tarn__conv2d s, int form)
{
    const int64_t x = s.n * s.h * s.w * s.c, y = s.n * s.oh * s.ow * s.o;
    const int64_t weight = s.kh * s.kw * (s.c / s.groups) * s.o;
    normalized v = {.s = s,
                    .relu = form & 1,
                    .adds = form & 2,
                    .constants = form & 4,
                    .add = form & 8,
                    .x = fractions(x),
                    .weight = fractions(weight),
                    .bias = fractions(s.o),
                    .z = fractions(y),
                    .y = fractions(y),
                    .dy = fractions(y),
                    .skip = fractions(y),
                    .dx = fractions(x),
                    .dweight = fractions(weight),
                    .dbias = fractions(s.o),
                    .dskip = fractions(y)};
    for (int i = 0; i < 3; i++) {
        v.map[i] = fractions(s.o);
        v.factors[i] = fractions(s.o);
    }
    return v;
}

static void free_gradients(normalized *v)
{
    free_array(v->dx);
    free_array(v->dweight);
    free_array(v->dbias);
    free_array(v->dskip);
}

static void free_normalized(normalized *v)
{
    const array all[] = {v->x, v->weight, v->bias, v->z, v->y, v->dy, v->skip};
    for (size_t i = 0; i < sizeof all / sizeof *all; i++)
        free_array(all[i]);
    for (int i = 0; i < 3; i++) {
        free_array(v->map[i]);
        free_array(v->factors[i]);
    }
    free_gradients(v);
}

/* ---- Gradients */

/* With copies of the results, which it returns in place. */
static normalized gradients_of(const tarn__kernels *set, const normalized *from)
{
    normalized v = *from;
    v.dx = copy(v.dx), v.dweight = copy(v.dweight);
    v.dbias = copy(v.dbias), v.dskip = copy(v.dskip);
    const tarn__norm_behind norm = {.s = {.pixels = v.s.n * v.s.oh * v.s.ow,
                                          .channels = v.s.o,
                                          .centre = v.map[0].values,
                                          .scale = v.map[1].values,
                                          .shift = v.map[2].values,
                                          .relu = v.relu,
                                          .skip = v.adds ? v.skip.values : NULL,
                                          .y = v.adds ? v.y.values : NULL},
                                    .back = {v.factors[0].values,
                                             v.constants ? NULL : v.factors[1].values,
                                             v.constants ? NULL : v.factors[2].values},
                                    .z = v.z.values,
                                    .dskip = {v.adds ? v.dskip.values : NULL, v.add}};
    workspace w = new_workspace(set->conv2d_backward_workspace(&v.s));
    set->conv2d_backward(&v.s,
                         &(tarn__conv2d_gradients){.x = v.x.values,
                                                   .weight = v.weight.values,
                                                   .dy = v.dy.values,
                                                   .norm = &norm,
                                                   .dx = {v.dx.values, v.add},
                                                   .dweight = {v.dweight.values, v.add},
                                                   .dbias = {v.dbias.values, v.add}},
                         w.bytes);
    cr_assert(close_workspace(w), "%s: backward writes behind its workspace", set->name);
    cr_assert(guards_hold(v.dx) && guards_hold(v.dweight) && guards_hold(v.dbias) &&
                  guards_hold(v.dskip),
              "%s: writes outside", set->name);
    return v;
}

static void compare_gradients(const tarn__kernels *set, const normalized *v,
                              const normalized *expected)
{
    tarn_set_threads(1);
    normalized first = gradients_of(set, v);
    const char *wrong = !(difference(first.dx, expected->dx) <= tolerance)             ? "input"
                        : !(difference(first.dweight, expected->dweight) <= tolerance) ? "weight"
                        : !(difference(first.dbias, expected->dbias) <= tolerance)     ? "bias"
                        : !(difference(first.dskip, expected->dskip) <= tolerance)     ? "skip"
                                                                                       : NULL;
    const tarn__conv2d *s = &v->s;
    cr_assert_null(wrong, "%s: %d images, %d x %d x %d to %d: gradient of the %s", set->name,
                   (int)s->n, (int)s->h, (int)s->w, (int)s->c, (int)s->o, wrong);
    for (int threads = 2; threads <= 3; threads++) {
        tarn_set_threads(threads);
        normalized result = gradients_of(set, v);
        cr_assert(same(result.dx, first.dx) && same(result.dweight, first.dweight) &&
                      same(result.dbias, first.dbias) && same(result.dskip, first.dskip),
                  "%s: %d threads", set->name, threads);
        free_gradients(&result);
    }
    free_gradients(&first);
}

/* ---- Statistics */

static void compare_statistics(const tarn__kernels *set, const normalized *v)
{
    double found[2][MOST_CHANNELS], expected[2][MOST_CHANNELS];
    const tarn__batch_norm norm = {.pixels = v->s.n * v->s.oh * v->s.ow, .channels = v->s.o};
    const size_t bytes = (size_t)v->s.o * sizeof(double);
    array one = copy(v->z), other = copy(v->z);
    tarn_set_threads(1);
    workspace w = new_workspace(set->conv2d_forward_workspace(&v->s));
    set->conv2d_forward(&v->s, v->x.values, v->weight.values, v->bias.values, one.values, NULL,
                        w.bytes);
    close_workspace(w);
    w = new_workspace(set->batch_norm_workspace(&norm));
    set->batch_norm_statistics(&norm, one.values, expected[0], expected[1], w.bytes);
    close_workspace(w);
    for (int threads = 1; threads <= 3; threads++) {
        tarn_set_threads(threads);
        w = new_workspace(set->conv2d_forward_workspace(&v->s));
        set->conv2d_statistics(&v->s, v->x.values, v->weight.values, v->bias.values, other.values,
                               found[0], found[1], w.bytes);
        cr_assert(close_workspace(w), "%s: writes behind its workspace", set->name);
        cr_assert(same(other, one) && guards_hold(other), "%s: sums", set->name);
        cr_assert(memcmp(found[0], expected[0], bytes) == 0 &&
                      memcmp(found[1], expected[1], bytes) == 0,
                  "%s: statistics of %d images", set->name, (int)v->s.n);
    }
    free_array(one);
    free_array(other);
}

/* ---- Both */

static void compare(tarn__conv2d s, int form)
{
    s.norm = true;
    s.pool = 1;
    s.oh = (s.h + 2 * s.top - s.kh) / s.stride_h + 1;
    s.ow = (s.w + 2 * s.left - s.kw) / s.stride_w + 1;
    normalized v = new_normalized(s, form);
    normalized expected = gradients_of(tarn__kernels_available()[0], &v);
    EACH_SET(set)
    {
        compare_gradients(*set, &v, &expected);
        compare_statistics(*set, &v);
    }
    free_gradients(&expected);
    free_normalized(&v);
}

static tarn__conv2d sizes(int64_t n, int64_t extent, int64_t c, int64_t o, int64_t kernel)
{
    return (tarn__conv2d){.n = n,
                          .h = extent,
                          .w = extent,
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

/* Directly, by Winograd's algorithm, of one pixel, with a stride, and channel by channel; of images
   that are whole rows of the folded pixels, and of such that are not. */
Test(kernels, conv2d_with_norm)
{
    for (int form = 0; form < 16; form++) {
        compare(sizes(3, 5, 3, 5, 3), form);
        compare(sizes(2, 8, 16, 16, 3), form);
        compare(sizes(2, 7, 17, 18, 3), form);
        compare(sizes(1, 4, 6, 32, 1), form);
    }
    tarn__conv2d strided = sizes(3, 9, 4, 16, 3), each = sizes(2, 6, 17, 17, 3);
    strided.stride_h = strided.stride_w = 2;
    each.groups = 17;
    for (int form = 0; form < 4; form++) {
        compare(strided, form);
        compare(each, form);
    }
}

/* Many images: parts of the sums are whole images, or are not; blocks end within images. */
Test(kernels, conv2d_with_norm_of_many_images)
{
    compare(sizes(16, 16, 3, 16, 3), 3);
    compare(sizes(32, 12, 2, 16, 3), 1);
    compare(sizes(16, 20, 3, 24, 1), 2);
    compare(sizes(33, 16, 2, 64, 1), 9);
    compare(sizes(16, 4, 16, 64, 3), 3);
}
