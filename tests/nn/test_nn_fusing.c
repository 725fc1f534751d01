/* Modules that a sequential runs in one pass, against the same modules one by one. */
#include <math.h>
#include <unistd.h>

#include "core/op_internal.h"
#include "nn/module_internal.h"
#include "tests/nn/nn_test.h"

#ifdef TARN_DOUBLE
static const double tolerance = 1e-12;
#else
static const double tolerance = 1e-5;
#endif

/* Wherever a test stops, the next begins as a program does. */
static void fuse(void)
{
    set_fusing(true);
}

TestSuite(fusing, .init = fuse);

static tarn_tensor *copy_of(tarn_tensor *t, const tarn_real *values)
{
    cr_assert(values);
    return tarn_from_array(tarn_shape_get(t), values);
}

/* The output, the input's gradient, and the gradients and buffers of the module afterwards. */
enum { MOST_RESULTS = 48 };
typedef struct results {
    int count;
    tarn_tensor *t[MOST_RESULTS];
} results;

static void keep(results *r, tarn_tensor *t, const tarn_real *values)
{
    cr_assert_lt(r->count, MOST_RESULTS);
    r->t[r->count++] = copy_of(t, values);
}

static void free_results(results *r)
{
    for (int i = 0; i < r->count; i++)
        tarn_free(r->t[i]);
}

/* Frees the module. Called with the same seed twice, it does the same twice. */
static results run(tarn_module *model, tarn_shape input, bool training, bool fusing)
{
    results r = {0};
    tarn_tensor *x = tarn_requires_grad(tarn_randn(input), true);
    tarn_params list = tarn__nn_list(model, true);
    tarn_nn_train(model, training);
    set_fusing(fusing);
    tarn_tape *tape = tarn_tape_begin();
    tarn_tensor *y = tarn_nn_forward(model, x), *dy = tarn_randn(tarn_shape_get(y));
    cr_assert(tarn_backward(tarn_sum(tarn_mul(y, dy))), "%s", tarn_error());
    set_fusing(true);
    keep(&r, y, tarn_values(y));
    keep(&r, x, tarn_gradients(x));
    for (int i = 0; i < list.count; i++) {
        const tarn_real *gradients = tarn_gradients(list.tensors[i]);
        keep(&r, list.tensors[i], gradients ? gradients : tarn_values(list.tensors[i]));
    }
    tarn_tape_end(tape);
    tarn_free(x);
    tarn_free(dy);
    free(list.tensors);
    tarn_nn_free(model);
    return r;
}

/* The largest difference, relative to the largest element, or to 1. */
static double difference(tarn_tensor *a, tarn_tensor *b)
{
    double apart = 0, largest = 1;
    cr_assert(tarn_shape_equal(tarn_shape_get(a), tarn_shape_get(b)));
    for (int64_t i = 0; i < tarn_size(a); i++) {
        const double x = (double)tarn_values(a)[i], y = (double)tarn_values(b)[i];
        cr_assert(isfinite(x) && isfinite(y));
        largest = larger(largest, fabs(y));
        apart = larger(apart, fabs(x - y));
    }
    return apart / largest;
}

/* ---- Models */

static tarn_module *conv(int in, int out)
{
    return tarn_nn_conv2d(in, out, 3, .padding = 1);
}

static tarn_module *conv_relu(void)
{
    return tarn_nn_sequential(conv(3, 5), tarn_nn_relu());
}

static tarn_module *conv_pool(void)
{
    return tarn_nn_sequential(conv(3, 5), tarn_nn_max_pool2d(3));
}

static tarn_module *conv_relu_pool(void)
{
    return tarn_nn_sequential(conv(3, 18), tarn_nn_relu(), tarn_nn_max_pool2d(2));
}

static tarn_module *conv_pool_relu(void)
{
    return tarn_nn_sequential(conv(3, 18), tarn_nn_max_pool2d(2), tarn_nn_relu());
}

static tarn_module *with_groups(void)
{
    return tarn_nn_sequential(
        tarn_nn_conv2d(3, 6, 3, .stride = 2, .dilation = 2, .groups = 3, .padding = 3),
        tarn_nn_relu(), tarn_nn_max_pool2d(2));
}

static tarn_module *without_bias(void)
{
    return tarn_nn_sequential(tarn_nn_conv2d(3, 6, 5, .bias = false), tarn_nn_max_pool2d(2),
                              tarn_nn_relu());
}

/* Winograd's algorithm, and what follows the convolutions that take it. */
static tarn_module *wide(void)
{
    return tarn_nn_sequential(conv(3, 17), tarn_nn_relu(), conv(17, 16), tarn_nn_relu(),
                              tarn_nn_max_pool2d(3), conv(16, 16), tarn_nn_relu());
}

static tarn_module *linear_relu(void)
{
    return tarn_nn_sequential(tarn_nn_flatten(), tarn_nn_linear(240, 19), tarn_nn_relu(),
                              tarn_nn_linear(19, 3, .bias = false), tarn_nn_relu());
}

static tarn_module *norm_relu(void)
{
    return tarn_nn_sequential(tarn_nn_batch_norm2d(3), tarn_nn_relu(), conv(3, 4),
                              tarn_nn_batch_norm2d(4), tarn_nn_relu());
}

static tarn_module *residual_relu(void)
{
    return tarn_nn_sequential(tarn_nn_residual(tarn_nn_sequential(conv(3, 3), tarn_nn_relu())),
                              tarn_nn_relu(),
                              tarn_nn_residual(conv(3, 4), .projection = conv(3, 4)),
                              tarn_nn_relu(), tarn_nn_residual(conv(4, 4), .relu = true),
                              tarn_nn_relu(), tarn_nn_residual(conv(4, 4), .relu = true),
                              tarn_nn_flatten(), tarn_nn_residual(tarn_nn_linear(320, 320)));
}

/* Batch normalization in the pass of the convolution before it. */
static tarn_module *conv_norm(void)
{
    return tarn_nn_sequential(conv(3, 17), tarn_nn_batch_norm2d(17), tarn_nn_relu(), conv(17, 16),
                              tarn_nn_batch_norm2d(16), tarn_nn_relu(), tarn_nn_relu());
}

static tarn_module *separable(void)
{
    return tarn_nn_sequential(tarn_nn_conv2d(3, 3, 3, .padding = 1, .groups = 3, .bias = false),
                              tarn_nn_batch_norm2d(3), tarn_nn_relu(),
                              tarn_nn_conv2d(3, 5, 1, .stride = 2), tarn_nn_batch_norm2d(5));
}

/* With the sum of a residual connection in it: the input of the convolution itself, and that of one
   before; with and without ReLU; not where ReLU comes before the sum. */
static tarn_module *conv_norm_sum(void)
{
    return tarn_nn_sequential(
        tarn_nn_residual(tarn_nn_sequential(conv(3, 3), tarn_nn_batch_norm2d(3)), .relu = true),
        tarn_nn_residual(
            tarn_nn_sequential(conv(3, 4), tarn_nn_relu(), conv(4, 3), tarn_nn_batch_norm2d(3))),
        tarn_nn_residual(tarn_nn_sequential(conv(3, 3), tarn_nn_batch_norm2d(3), tarn_nn_relu())),
        tarn_nn_residual(tarn_nn_sequential(tarn_nn_conv2d(3, 5, 3, .stride = 2, .padding = 1),
                                            tarn_nn_batch_norm2d(5)),
                         .projection =
                             tarn_nn_sequential(tarn_nn_conv2d(3, 5, 1, .stride = 2, .bias = false),
                                                tarn_nn_batch_norm2d(5)),
                         .relu = true));
}

/* A sequential inside another: modules are fused within each. */
static tarn_module *nested(void)
{
    return tarn_nn_sequential(tarn_nn_sequential(conv(3, 4), tarn_nn_relu()), tarn_nn_max_pool2d(2),
                              tarn_nn_flatten(), tarn_nn_sequential(tarn_nn_linear(80, 7)),
                              tarn_nn_relu(), tarn_nn_linear(7, 4));
}

static tarn_module *overlapping_pool(void)
{
    return tarn_nn_sequential(conv(3, 5), tarn_nn_relu(), tarn_nn_max_pool2d(3, .stride = 2));
}

static tarn_module *gapped_pool(void)
{
    return tarn_nn_sequential(conv(3, 5), tarn_nn_relu(), tarn_nn_max_pool2d(2, .stride = 3));
}

static tarn_module *padded_pool(void)
{
    return tarn_nn_sequential(conv(3, 5), tarn_nn_relu(), tarn_nn_max_pool2d(2, .padding = 1));
}

static tarn_module *mean_pool(void)
{
    return tarn_nn_sequential(conv(3, 5), tarn_nn_avg_pool2d(2), tarn_nn_relu());
}

static tarn_module *pool_of_one(void)
{
    return tarn_nn_sequential(conv(3, 5), tarn_nn_max_pool2d(1), tarn_nn_relu());
}

static tarn_module *large_pool(void)
{
    return tarn_nn_sequential(tarn_nn_conv2d(3, 2, 3, .padding = 6), tarn_nn_max_pool2d(16),
                              tarn_nn_relu());
}

static tarn_module *two_relus(void)
{
    return tarn_nn_sequential(conv(3, 5), tarn_nn_relu(), tarn_nn_relu(), tarn_nn_max_pool2d(2));
}

static tarn_module *two_pools(void)
{
    return tarn_nn_sequential(conv(3, 5), tarn_nn_max_pool2d(2), tarn_nn_max_pool2d(2),
                              tarn_nn_relu());
}

static tarn_module *relu_first(void)
{
    return tarn_nn_sequential(tarn_nn_relu(), tarn_nn_max_pool2d(2), conv(3, 4));
}

static tarn_module *other_activation(void)
{
    return tarn_nn_sequential(conv(3, 4), tarn_nn_tanh(), tarn_nn_max_pool2d(2));
}

static tarn_module *nothing_to_take(void)
{
    return tarn_nn_sequential(tarn_nn_batch_norm2d(3), tarn_nn_tanh(), tarn_nn_flatten(),
                              tarn_nn_linear(240, 9), tarn_nn_tanh(), tarn_nn_linear(9, 3));
}

/* A model, and its operations where its modules take over what they can. */
static const struct {
    const char *name;
    tarn_module *(*make)(void);
    const char *operations;
} models[] = {
    {"conv_relu", conv_relu, "conv2d+relu"},
    {"conv_pool", conv_pool, "conv2d+max_pool"},
    {"conv_relu_pool", conv_relu_pool, "conv2d+relu+max_pool"},
    {"conv_pool_relu", conv_pool_relu, "conv2d+relu+max_pool"},
    {"with_groups", with_groups, "conv2d+relu+max_pool"},
    {"without_bias", without_bias, "conv2d+relu+max_pool"},
    {"wide", wide, "conv2d+relu conv2d+relu+max_pool conv2d+relu"},
    {"linear_relu", linear_relu, "flatten linear+relu linear+relu"},
    {"norm_relu", norm_relu, "batch_norm2d+relu conv2d+batch_norm2d+relu"},
    {"conv_norm", conv_norm, "conv2d+batch_norm2d+relu conv2d+batch_norm2d+relu relu"},
    {"separable", separable, "conv2d+batch_norm2d+relu conv2d+batch_norm2d"},
    {"conv_norm_sum", conv_norm_sum,
     "conv2d+batch_norm2d+add_relu conv2d+relu conv2d+batch_norm2d+add conv2d+batch_norm2d+relu "
     "add "
     "conv2d+batch_norm2d conv2d+batch_norm2d+add_relu"},
    {"residual_relu", residual_relu,
     "conv2d+relu add_relu conv2d conv2d add_relu conv2d add_relu conv2d add_relu flatten linear "
     "add"},
    {"nested", nested, "conv2d+relu max_pool2d flatten linear relu linear"},
    {"overlapping_pool", overlapping_pool, "conv2d+relu max_pool2d"},
    {"gapped_pool", gapped_pool, "conv2d+relu max_pool2d"},
    {"padded_pool", padded_pool, "conv2d+relu max_pool2d"},
    {"mean_pool", mean_pool, "conv2d avg_pool2d relu"},
    {"pool_of_one", pool_of_one, "conv2d max_pool2d relu"},
    {"large_pool", large_pool, "conv2d max_pool2d relu"},
    {"two_relus", two_relus, "conv2d+relu relu max_pool2d"},
    {"two_pools", two_pools, "conv2d+max_pool max_pool2d relu"},
    {"relu_first", relu_first, "relu max_pool2d conv2d"},
    {"other_activation", other_activation, "conv2d tanh max_pool2d"},
    {"nothing_to_take", nothing_to_take, "batch_norm2d tanh flatten linear tanh linear"},
};

enum { MODELS = sizeof models / sizeof *models };

#define INPUT tarn_shape(2, 8, 10, 3)

Test(fusing, changes_no_value_and_no_gradient)
{
    for (int i = 0; i < MODELS; i++)
        for (int training = 0; training < 2; training++) {
            results r[2];
            for (int fusing = 0; fusing < 2; fusing++) {
                tarn_seed(5);
                r[fusing] = run(models[i].make(), INPUT, training, fusing);
            }
            cr_assert_eq(r[0].count, r[1].count);
            for (int k = 0; k < r[0].count; k++) {
                const double apart = difference(r[1].t[k], r[0].t[k]);
                cr_expect_leq(apart, tolerance, "%s, training %d: result %d differs by %g",
                              models[i].name, training, k, apart);
            }
            free_results(&r[0]);
            free_results(&r[1]);
        }
}

static tarn_tensor *evaluated(tarn_module *model, tarn_tensor *x, bool fusing)
{
    set_fusing(fusing);
    tarn_tape *tape = tarn_tape_begin_no_grad();
    tarn_tensor *y = tarn_clone(tarn_nn_forward(model, x));
    tarn_tape_end(tape);
    set_fusing(true);
    return y;
}

/* In evaluation, also where normalization is folded into the weights. */
Test(fusing, changes_no_value_of_an_evaluation)
{
    for (int i = 0; i < MODELS; i++) {
        tarn_module *model = models[i].make();
        tarn_tensor *x = tarn_randn(INPUT);
        tarn_tape *tape = tarn_tape_begin();
        cr_assert(tarn_nn_forward(model, x)); /* moves the statistics */
        tarn_tape_end(tape);
        tarn_nn_train(model, false);
        tarn_tensor *y = evaluated(model, x, true), *expected = evaluated(model, x, false);
        const double apart = difference(y, expected);
        cr_expect_leq(apart, tolerance, "%s differs by %g", models[i].name, apart);
        tarn_free(x);
        tarn_free(y);
        tarn_free(expected);
        tarn_nn_free(model);
    }
}

/* Weights that would overflow with the scale of normalization in them are left as they are. */
Test(fusing, folds_nothing_that_is_too_large)
{
    tarn_module *model = tarn_nn_sequential(tarn_nn_conv2d(3, 4, 1), tarn_nn_batch_norm2d(4));
    tarn_tensor *x = tarn_zeros(INPUT);
    tarn_values(tarn_nn_parameters(model).tensors[0])[0] = (tarn_real)1e20;
    tarn_values(tarn_nn_parameters(model).tensors[2])[0] = (tarn_real)1e25; /* gamma */
    tarn_values(tarn_nn_parameters(model).tensors[1])[0] = 0;               /* bias */
    tarn_nn_train(model, false);
    tarn_tensor *y = evaluated(model, x, true);
    cr_expect_eq(tarn_values(y)[0], 0, "%g", (double)tarn_values(y)[0]);
    tarn_free(x);
    tarn_free(y);
    tarn_nn_free(model);
}

/* The operations of a forward pass, in order, with a space between. */
static void operations_of(tarn_module *model, char text[256])
{
    const tarn_node *nodes[32];
    int count = 0;
    tarn_tensor *x = tarn_zeros(INPUT);
    tarn_tape *tape = tarn_tape_begin();
    cr_assert(tarn_nn_forward(model, x));
    for (const tarn_node *node = tarn_tape_last(tape); node; node = node->previous)
        nodes[count++] = node;
    *text = '\0';
    while (count-- > 0)
        snprintf(text + strlen(text), 256 - strlen(text), "%s%s", *text ? " " : "",
                 nodes[count]->op->name);
    tarn_tape_end(tape);
    tarn_free(x);
}

Test(fusing, takes_what_it_may_and_no_more)
{
    for (int i = 0; i < MODELS; i++) {
        char text[256];
        tarn_module *model = models[i].make();
        operations_of(model, text);
        cr_expect_str_eq(text, models[i].operations, "%s: %s", models[i].name, text);
        tarn_nn_free(model);
    }
}

/* ---- What a user sees of it: nothing */

static char *summary(tarn_module *model)
{
    FILE *stream = tmpfile();
    cr_assert(tarn_nn_summary(model, INPUT, stream));
    const size_t size = (size_t)ftell(stream);
    char *text = calloc(1, size + 1);
    rewind(stream);
    cr_assert_eq(fread(text, 1, size, stream), size);
    fclose(stream);
    return text;
}

/* Also after the modules have run in one pass; and the summary does not end the fusing. */
Test(fusing, leaves_the_summary_as_it_is)
{
    tarn_module *model = conv_relu_pool();
    for (int round = 0; round < 2; round++) {
        char operations[256], *text = summary(model);
        cr_assert_str_eq(text,
                         "Name   Layer                           Output       Parameters\n"
                         "0      Conv2d(3, 18, 3, .padding = 1)  (2,8,10,18)         504\n"
                         "1      ReLU()                          (2,8,10,18)           0\n"
                         "2      MaxPool2d(2)                    (2,4,5,18)            0\n"
                         "Total                                                      504\n",
                         "\n%s", text);
        free(text);
        operations_of(model, operations);
        cr_assert_str_eq(operations, "conv2d+relu+max_pool");
    }
    tarn_nn_free(model);
}

static void assert_names(tarn_module *model)
{
    const char *const names[] = {"0.weight", "0.bias", "2.weight", "2.bias", "5.weight", "5.bias"};
    tarn_params list = tarn_nn_parameters(model);
    cr_assert_eq(list.count, 6);
    for (int i = 0; i < 6; i++)
        cr_assert_str_eq(list.names[i], names[i]);
}

/* The output for one fixed input, in evaluation, the caller's. */
static tarn_tensor *answer(tarn_module *model, bool fusing)
{
    tarn_seed(3);
    tarn_tensor *x = tarn_randn(INPUT);
    set_fusing(fusing);
    tarn_tape *tape = tarn_tape_begin_no_grad();
    tarn_tensor *y = tarn_clone(tarn_nn_forward(model, x));
    tarn_tape_end(tape);
    tarn_free(x);
    set_fusing(true);
    return y;
}

Test(fusing, leaves_names_and_files_as_they_are)
{
    char path[] = "/tmp/tarn-test-fusing-XXXXXX";
    cr_assert_eq(close(mkstemp(path)), 0);
    tarn_module *model = wide(), *other = wide();
    assert_names(model);
    tarn_tensor *before = answer(model, true);
    assert_names(model);
    cr_assert(tarn_nn_save(model, path), "%s", tarn_error());
    cr_assert(tarn_nn_load(other, path), "%s", tarn_error());
    tarn_tensor *after = answer(other, true), *separately = answer(other, false);
    cr_assert_eq(difference(after, before), 0);
    cr_assert_leq(difference(separately, before), tolerance);
    cr_assert_eq(unlink(path), 0);
    tarn_free(before);
    tarn_free(after);
    tarn_free(separately);
    tarn_nn_free(model);
    tarn_nn_free(other);
}

/* ---- Without gradients */

/* The bytes of the tape that a forward leaves in use; 0 where each block is a heap block. */
static size_t bytes_of_forward(tarn_module *model, tarn_tensor *x, tarn_tape *(*begin)(void))
{
    size_t bytes = 0;
    for (int round = 0; round < 2; round++) { /* the second finds one chunk that holds it all */
        tarn_tape *tape = begin();
        const tarn__arena_position first = tarn__scratch_push();
        cr_assert(tarn_nn_forward(model, x));
        const tarn__arena_position last = tarn__scratch_push();
        bytes = first.chunk == last.chunk ? last.used - first.used : 0;
        tarn_tape_end(tape);
    }
    return bytes;
}

Test(fusing, saves_no_winners_without_gradients)
{
    enum { Y = 64 * 64 * 18, ROOM = 4096 };
    tarn_module *model = conv_relu_pool();
    tarn_tensor *x = tarn_randn(tarn_shape(1, 128, 128, 3));
    const size_t with = bytes_of_forward(model, x, tarn_tape_begin);
    const size_t without = bytes_of_forward(model, x, tarn_tape_begin_no_grad);
    cr_assert_lt(without, Y * sizeof(tarn_real) + ROOM, "%zu bytes", without);
    cr_assert(with == 0 || with >= Y * (sizeof(tarn_real) + 1), "%zu bytes", with);
    tarn_free(x);
    tarn_nn_free(model);
}

Test(fusing, a_pool_that_does_not_fit)
{
    tarn_module *model =
        tarn_nn_sequential(tarn_nn_conv2d(3, 4, 5), tarn_nn_relu(), tarn_nn_max_pool2d(5));
    tarn_tensor *x = tarn_zeros(INPUT);
    tarn_tape *tape = tarn_tape_begin();
    assert_mistake(tarn_nn_forward(model, x),
                   "conv2d: max_pool is 5, expects 1 to 15 and no more than the 4 x 6 pixels it is "
                   "taken over");
    tarn_tape_end(tape);
    tarn_free(x);
    tarn_nn_free(model);
}
