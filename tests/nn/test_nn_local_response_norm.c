#include <limits.h>
#include <math.h>
#include <unistd.h>

#include "tests/nn/nn_test.h"

Test(local_response_norm, equals_pytorch)
{
    golden *file = golden_open("nn/local_response_norm");
    int cases = 0;
    for (const golden_case *c = golden_next(file, NULL); c; c = golden_next(file, c), cases++)
        check_module(tarn_nn_local_response_norm((int)golden_number(c, "size", 0), .alpha = 0.5,
                                                 .beta = 0.6, .k = 2),
                     c);
    cr_assert_eq(cases, 2);
    golden_close(file);
}

/* Windows wider than the channels, of one channel, and no samples at all. */
Test(local_response_norm, odd_shapes)
{
    tarn_module *wide = tarn_nn_local_response_norm(9, .alpha = 9, .beta = 1),
                *single = tarn_nn_local_response_norm(1, .alpha = 1, .beta = 0.5);
    tarn_tensor *x = tarn_from_array(tarn_shape(2), (const tarn_real[]){3, 4}),
                *none = tarn_zeros(tarn_shape(0, 2, 2, 3));
    tarn_tape *tape = tarn_tape_begin();
    const tarn_tensor *y = tarn_nn_forward(wide, x), *z = tarn_nn_forward(single, x);
    cr_expect_float_eq((double)tarn_values((tarn_tensor *)y)[0], 3.0 / 26, 1e-6);
    cr_expect_float_eq((double)tarn_values((tarn_tensor *)y)[1], 4.0 / 26, 1e-6);
    cr_expect_float_eq((double)tarn_values((tarn_tensor *)z)[1], 4 / sqrt(17), 1e-6);
    cr_expect_eq(tarn_size(tarn_nn_forward(wide, none)), 0);
    tarn_tape_end(tape);
    tarn_free(x);
    tarn_free(none);
    tarn_nn_free(wide);
    tarn_nn_free(single);
}

/* ONNX has another window of an even size. */
Test(local_response_norm, an_even_size_is_not_in_onnx)
{
    tarn_module *model = tarn_nn_sequential(tarn_nn_local_response_norm(4));
    cr_assert_not(tarn_nn_export_onnx(model, tarn_shape(2, 2, 4), "/tmp/never.onnx"));
    cr_assert(strstr(tarn_error(), "\"0\" (LocalResponseNorm)"), "%s", tarn_error());
    tarn_nn_free(model);
}

/* ---- From ONNX */

static tarn_tensor *as_it_is(tarn_module *self, tarn_tensor *x)
{
    (void)self;
    return tarn_scale(x, 1);
}

/* The numbers of a node: those that are NaN are left out. */
typedef struct numbers {
    double alpha, beta, bias, size;
} numbers;

static bool say(tarn_onnx *onnx, const tarn_onnx_place *at)
{
    const numbers *n = at->context;
    if (!isnan(n->alpha))
        tarn_onnx_float(onnx, "alpha", n->alpha);
    if (!isnan(n->beta))
        tarn_onnx_float(onnx, "beta", n->beta);
    if (!isnan(n->bias))
        tarn_onnx_float(onnx, "bias", n->bias);
    if (!isnan(n->size))
        tarn_onnx_int(onnx, "size", (int64_t)n->size);
    tarn_onnx_node(onnx, "LRN", at->output, 1, (const char *[]){at->input});
    return true;
}

/* What a file becomes that has a node of those numbers; NULL if it is refused. */
static tarn_module *read_node(numbers n, tarn_shape sample)
{
    static const tarn_module_type type = {.name = "Own", .forward = as_it_is};
    char path[64];
    snprintf(path, sizeof path, "/tmp/tarn-lrn-%ld.onnx", (long)getpid());
    tarn_module *own = tarn_nn_new(&type, sizeof *own);
    cr_assert(tarn_nn_export_onnx(own, sample, path, .own = say, .context = &n), "%s",
              tarn_error());
    tarn_module *model = tarn_nn_from_onnx(path);
    unlink(path);
    tarn_nn_free(own);
    return model;
}

static void assert_same(tarn_module *a, tarn_module *b, tarn_shape shape)
{
    tarn_tensor *x = tarn_randn(shape);
    tarn_tape *tape = tarn_tape_begin_no_grad();
    assert_equal(tarn_nn_forward(a, x), tarn_nn_forward(b, x));
    tarn_tape_end(tape);
    tarn_free(x);
}

/* With all numbers, with none but the size, and of vectors; a window wider than the channels. */
Test(local_response_norm, comes_from_onnx)
{
    static const struct {
        numbers said, meant;
        tarn_shape sample;
    } cases[] = {
        {{0.5, 0.625, 2, 3}, {0.5, 0.625, 2, 3}, {3, {3, 2, 5}}},
        {{NAN, NAN, NAN, 5}, {1e-4f, 0.75, 1, 5}, {3, {2, 2, 7}}},
        {{0.5, -2, 0.25, 1}, {0.5, -2, 0.25, 1}, {1, {4}}},
        {{0.5, 1, 1, INT_MAX}, {0.5, 1, 1, INT_MAX}, {3, {2, 2, 3}}},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        const numbers n = cases[i].meant;
        tarn_module *model = read_node(cases[i].said, cases[i].sample),
                    *expected = tarn_nn_local_response_norm((int)n.size, .alpha = n.alpha,
                                                            .beta = n.beta, .k = n.bias);
        cr_assert(model, "%s", tarn_error());
        cr_assert_str_eq(model->parts[0].child->type->name, "LocalResponseNorm");
        tarn_shape shape = {.ndim = cases[i].sample.ndim + 1, .dim = {3}};
        memcpy(shape.dim + 1, cases[i].sample.dim, sizeof shape.dim - sizeof *shape.dim);
        assert_same(model, expected, shape);
        tarn_nn_free(model);
        tarn_nn_free(expected);
    }
}

Test(local_response_norm, what_onnx_has_otherwise_is_refused)
{
    static const struct {
        numbers n;
        const char *words;
    } cases[] = {
        {{1, 1, 1, 4}, "\"output\" (LRN) has size 4, expects an odd number of channels"},
        {{1, 1, 1, NAN}, "has size 0"},
        {{1, 1, 1, -3}, "has size -3"},
        {{1, 1, 1, 4294967297}, "has size 4294967297"},
        {{-1, 1, 1, 3}, "has alpha -1, beta 1 and bias 1, expects"},
        {{INFINITY, 1, 1, 3}, "has alpha inf"},
        {{1, INFINITY, 1, 3}, "beta inf"},
        {{1, 1, 0, 3}, "bias 0"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        cr_assert_null(read_node(cases[i].n, tarn_shape(2, 2, 3)), "%zu", i);
        cr_expect(strstr(tarn_error(), cases[i].words), "%s", tarn_error());
    }
    cr_assert_null(read_node((numbers){1, 1, 1, 3}, tarn_shape()));
    cr_expect(strstr(tarn_error(), "has an input (N), expects (N,C,...)"), "%s", tarn_error());
}

Test(local_response_norm, mistakes)
{
    tarn_module *layer = tarn_nn_local_response_norm(3);
    tarn_tensor *x = tarn_zeros(tarn_shape());
    tarn_tape *tape = tarn_tape_begin();
    assert_mistake(tarn_nn_forward(layer, x), "nn_local_response_norm: input (), expects (...,C)");
    tarn_tape_end(tape);
    assert_mistake(tarn_nn_local_response_norm(0), "size is 0, expects at least 1");
    assert_mistake(tarn_nn_local_response_norm(3, .alpha = -1), "alpha is -1, expects a finite");
    assert_mistake(tarn_nn_local_response_norm(3, .beta = (double)NAN), "beta is nan, expects");
    assert_mistake(tarn_nn_local_response_norm(3, .k = 0), "k is 0, expects a finite number above");
    tarn_free(x);
    tarn_nn_free(layer);
}
