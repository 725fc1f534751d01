/* A convolution with all that it reads and writes, for the tests of its kernels. */
#ifndef TARN_TESTS_CORE_CONVOLUTION_TEST_H
#define TARN_TESTS_CORE_CONVOLUTION_TEST_H

#include "tests/core/kernels_test.h"

typedef struct convolution {
    tarn__conv2d s;
    array x, weight, bias, dy;   /* inputs; bias and dbias may be left out */
    array y, dx, dweight, dbias; /* results, and what is there before */
    uint8_t *winners;
    bool with_bias, add, only_bias, only_weight, only_input;
    const struct convolution *like; /* whose y and winners backward reads; NULL: its own */
} convolution;

/* Runs all three with copies of the results, which it returns in place. */
static inline void run_convolution(const tarn__kernels *set, convolution *v)
{
    v->y = copy(v->y), v->dx = copy(v->dx);
    v->dweight = copy(v->dweight), v->dbias = copy(v->dbias);
    v->winners = malloc((size_t)v->y.size + TARN__SLACK);
    cr_assert(v->winners);

    workspace w = new_workspace(set->conv2d_forward_workspace(&v->s));
    set->conv2d_forward(&v->s, v->x.values, v->weight.values, v->with_bias ? v->bias.values : NULL,
                        v->y.values, v->s.pool > 1 ? v->winners : NULL, w.bytes);
    cr_assert(close_workspace(w), "%s: forward writes behind its workspace", set->name);

    const tarn__conv2d_gradients g = {
        .x = v->x.values,
        .weight = v->weight.values,
        .dy = v->dy.values,
        .y = (v->like ? v->like : v)->y.values,
        .winners = (v->like ? v->like : v)->winners,
        .dx = {v->only_weight ? NULL : v->dx.values, v->add},
        .dweight = {v->only_bias || v->only_input ? NULL : v->dweight.values, v->add},
        .dbias = {v->only_weight || v->only_input ? NULL : v->dbias.values, v->add}};
    w = new_workspace(set->conv2d_backward_workspace(&v->s));
    set->conv2d_backward(&v->s, &g, w.bytes);
    cr_assert(close_workspace(w), "%s: backward writes behind its workspace", set->name);
}

static inline void free_results(convolution *v)
{
    free_array(v->y);
    free_array(v->dx);
    free_array(v->dweight);
    free_array(v->dbias);
    free(v->winners);
    v->winners = NULL;
}

static inline bool results_guarded(const convolution *v)
{
    return guards_hold(v->y) && guards_hold(v->dx) && guards_hold(v->dweight) &&
           guards_hold(v->dbias);
}

static inline bool results_same(const convolution *a, const convolution *b)
{
    return same(a->y, b->y) && same(a->dx, b->dx) && same(a->dweight, b->dweight) &&
           same(a->dbias, b->dbias) &&
           (a->s.pool == 1 || !memcmp(a->winners, b->winners, (size_t)a->y.size));
}

static inline int64_t extent(int64_t input, int64_t kernel, int64_t padding, int64_t stride,
                             int64_t dilation)
{
    int64_t room = input + 2 * padding - dilation * (kernel - 1) - 1;
    return room < 0 ? 0 : room / stride + 1;
}

/* False if the kernel does not fit, or if there are more products than that. */
static inline bool complete_with(tarn__conv2d *s, int64_t most_products)
{
    s->oh = extent(s->h, s->kh, s->top, s->stride_h, s->dilation_h);
    s->ow = extent(s->w, s->kw, s->left, s->stride_w, s->dilation_w);
    s->pool = s->pool ? s->pool : 1;
    int64_t products = s->n * s->oh * s->ow * s->o * s->kh * s->kw * (s->c / s->groups);
    return s->oh >= s->pool && s->ow >= s->pool && products <= most_products;
}

/* The same, and the naive loops do not take long. */
static inline bool complete(tarn__conv2d *s)
{
    return complete_with(s, 300000);
}

static inline convolution new_convolution(tarn__conv2d s, array (*numbers)(int64_t size))
{
    const int64_t y = s.n * (s.oh / s.pool) * (s.ow / s.pool) * s.o, x = s.n * s.h * s.w * s.c;
    const int64_t weight = s.kh * s.kw * (s.c / s.groups) * s.o;
    return (convolution){.s = s,
                         .x = numbers(x),
                         .weight = numbers(weight),
                         .bias = numbers(s.o),
                         .dy = numbers(y),
                         .y = numbers(y),
                         .dx = numbers(x),
                         .dweight = numbers(weight),
                         .dbias = numbers(s.o)};
}

static inline void free_convolution(convolution *v)
{
    free_results(v);
    free_array(v->x);
    free_array(v->weight);
    free_array(v->bias);
    free_array(v->dy);
}

#endif
