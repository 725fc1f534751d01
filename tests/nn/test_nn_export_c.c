/* C files of networks: each is compiled as its user would, loaded, and run beside the network. */
#include <math.h>
#include <unistd.h>

#include "nn/layer.h"
#include "tests/nn/compiled.h"
#include "tests/nn/nn_test.h"
#include "tests/support/heap.h"

typedef struct sample_network {
    tarn_module *model;
    tarn_shape input;
} sample_network;

static tarn_module *normed(tarn_module *layer, int channels)
{
    return tarn_nn_sequential(layer, tarn_nn_batch_norm2d(channels));
}

static sample_network lenet(void)
{
    return (sample_network){
        tarn_nn_sequential(tarn_nn_conv2d(1, 6, 5, .padding = 2), tarn_nn_relu(),
                           tarn_nn_max_pool2d(2), tarn_nn_conv2d(6, 16, 5), tarn_nn_relu(),
                           tarn_nn_max_pool2d(2), tarn_nn_flatten(), tarn_nn_linear(400, 120),
                           tarn_nn_relu(), tarn_nn_dropout(0.5), tarn_nn_linear(120, 10)),
        tarn_shape(28, 28, 1)};
}

/* Sums of branches, with a projection and without, within each other; depthwise convolution. */
static sample_network residual(void)
{
    tarn_module *inner = tarn_nn_residual(
        tarn_nn_sequential(normed(tarn_nn_conv2d(6, 6, 3, .padding = 1, .bias = false), 6),
                           tarn_nn_relu(), normed(tarn_nn_conv2d(6, 6, 1), 6)),
        .relu = true);
    tarn_module *outer =
        tarn_nn_residual(tarn_nn_sequential(tarn_nn_conv2d(6, 6, 3, .padding = 1, .groups = 6),
                                            inner, tarn_nn_dropout2d(0.5)),
                         .projection = normed(tarn_nn_conv2d(6, 6, 1), 6));
    return (sample_network){
        tarn_nn_sequential(tarn_nn_conv2d(3, 6, 3, .stride = 2, .padding = 1, .dilation = 2),
                           tarn_nn_recompute(outer), tarn_nn_residual(tarn_nn_sequential()),
                           tarn_nn_global_avg_pool2d(), tarn_nn_linear(6, 4, .bias = false)),
        tarn_shape(9, 11, 3)};
}

static sample_network images(void)
{
    return (sample_network){
        tarn_nn_sequential(
            tarn_nn_batch_norm2d(4), tarn_nn_pad2d(2), tarn_nn_avg_pool2d(3, .padding = 1),
            tarn_nn_conv_transpose2d(4, 6, 3, .stride = 2, .padding = 1, .output_padding = 1,
                                     .groups = 2, .dilation = 2),
            tarn_nn_leaky_relu(), tarn_nn_group_norm(2, 6), tarn_nn_upsample2d(2),
            tarn_nn_max_pool2d(3, .stride = 2, .padding = 1), tarn_nn_adaptive_avg_pool2d(3, 2),
            tarn_nn_softmax(), tarn_nn_conv_transpose2d(6, 2, 2, .bias = false)),
        tarn_shape(7, 5, 4)};
}

static sample_network activations(void)
{
    return (sample_network){
        tarn_nn_sequential(tarn_nn_flatten(), tarn_nn_linear(6, 8), tarn_nn_sigmoid(),
                           tarn_nn_linear(8, 8), tarn_nn_batch_norm2d(8), tarn_nn_tanh(),
                           tarn_nn_batch_norm2d(8), tarn_nn_elu(.alpha = 0.5), tarn_nn_linear(8, 8),
                           tarn_nn_gelu(), tarn_nn_linear(8, 8), tarn_nn_gelu_tanh(),
                           tarn_nn_linear(8, 8), tarn_nn_silu(), tarn_nn_layer_norm(8),
                           tarn_nn_softplus(.beta = 2), tarn_nn_log_softmax()),
        tarn_shape(2, 3)};
}

static sample_network more_activations(void)
{
    return (sample_network){
        tarn_nn_sequential(
            tarn_nn_conv2d(3, 8, 1), tarn_nn_rms_norm(8), tarn_nn_mish(), tarn_nn_batch_norm2d(8),
            tarn_nn_prelu(.channels = 8), tarn_nn_conv2d(8, 8, 1), tarn_nn_glu(),
            tarn_nn_batch_norm2d(4), tarn_nn_hardswish(), tarn_nn_batch_norm2d(4), tarn_nn_selu(),
            tarn_nn_batch_norm2d(4), tarn_nn_celu(.alpha = 0.5), tarn_nn_batch_norm2d(4),
            tarn_nn_softsign(), tarn_nn_batch_norm2d(4), tarn_nn_relu6(), tarn_nn_conv2d(4, 4, 1),
            tarn_nn_hardsigmoid(), tarn_nn_batch_norm2d(4), tarn_nn_prelu(),
            tarn_nn_conv2d(4, 4, 1), tarn_nn_log_sigmoid(), tarn_nn_rms_norm(4, .affine = false)),
        tarn_shape(5, 4, 3)};
}

/* Sides of different lengths, even kernels, gaps, and windows over the end. */
static sample_network windows(void)
{
    return (sample_network){
        tarn_nn_sequential(
            tarn_nn_conv2d(2, 4, 2, .kernel_w = 3, .same = true),
            tarn_nn_conv2d(4, 6, 3, .kernel_w = 1, .stride = 2, .stride_w = 1, .padding = 2,
                           .padding_w = 1, .dilation = 2, .dilation_w = 1, .groups = 2),
            tarn_nn_max_pool2d(3, .kernel_w = 2, .stride = 2, .stride_w = 1, .padding = 1,
                               .padding_w = 0, .dilation_w = 2, .ceil_mode = true),
            tarn_nn_pad2d(1, .padding_w = 2),
            tarn_nn_avg_pool2d(2, .kernel_w = 3, .stride = 1, .stride_w = 2, .padding_w = 1),
            tarn_nn_conv_transpose2d(6, 3, 3, .kernel_w = 2, .stride = 3, .stride_w = 2,
                                     .padding = 1, .padding_w = 0, .output_padding = 1,
                                     .output_padding_w = 0),
            tarn_nn_stochastic_depth(0.5)),
        tarn_shape(9, 8, 2)};
}

/* Padding that repeats the image, and means that do not count it, at sizes that nothing divides. */
static sample_network edges(void)
{
    return (sample_network){
        tarn_nn_sequential(
            tarn_nn_pad2d(4, .padding_w = 2, .mode = TARN_PAD_REFLECT),
            tarn_nn_conv2d(2, 3, 3, .kernel_w = 2, .stride = 2, .padding = 1, .dilation_w = 2,
                           .padding_mode = TARN_PAD_CIRCULAR),
            tarn_nn_avg_pool2d(3, .stride = 2, .padding = 1, .ceil_mode = true),
            tarn_nn_conv2d(3, 6, 4, .same = true, .padding_mode = TARN_PAD_REPLICATE, .groups = 3),
            tarn_nn_pad2d(3, .padding_w = 1, .mode = TARN_PAD_CIRCULAR),
            tarn_nn_avg_pool2d(3, .kernel_w = 2, .stride_w = 1, .padding = 1, .ceil_mode = true,
                               .count_include_pad = false),
            tarn_nn_pad2d(2, .mode = TARN_PAD_REPLICATE),
            tarn_nn_conv2d(6, 2, 3, .padding = 2, .padding_mode = TARN_PAD_REFLECT)),
        tarn_shape(7, 5, 2)};
}

/* Pixels that become others: by windows that cover, between each other, and out of channels. */
static sample_network resized(void)
{
    return (sample_network){
        tarn_nn_sequential(tarn_nn_conv2d(2, 12, 1), tarn_nn_pixel_shuffle(2),
                           tarn_nn_local_response_norm(2), tarn_nn_upsample2d(3, .bilinear = true),
                           tarn_nn_adaptive_max_pool2d(7, 4),
                           tarn_nn_upsample2d(2, .bilinear = true, .align_corners = true),
                           tarn_nn_pixel_unshuffle(2),
                           tarn_nn_local_response_norm(5, .alpha = 0.5, .beta = -0.5, .k = 2),
                           tarn_nn_adaptive_max_pool2d(9, 5), tarn_nn_conv2d(12, 7, 2),
                           tarn_nn_global_max_pool2d()),
        tarn_shape(3, 5, 2)};
}

/* Between sixteen pixels each, sharp and less so. */
static sample_network enlarged(void)
{
    return (sample_network){
        tarn_nn_sequential(tarn_nn_upsample2d(2, .bicubic = true), tarn_nn_conv2d(2, 3, 1),
                           tarn_nn_upsample2d(2, .bicubic = true, .align_corners = true),
                           tarn_nn_max_pool2d(3),
                           tarn_nn_upsample2d(3, .bicubic = true, .antialias = true),
                           tarn_nn_upsample2d(1, .bilinear = true, .antialias = true)),
        tarn_shape(3, 5, 2)};
}

/* One pixel, between which and the next there is nothing. */
static sample_network one_pixel(void)
{
    return (sample_network){
        tarn_nn_sequential(tarn_nn_upsample2d(1, .bilinear = true, .align_corners = true),
                           tarn_nn_upsample2d(3, .bilinear = true),
                           tarn_nn_adaptive_max_pool2d(1, 1),
                           tarn_nn_upsample2d(1, .bicubic = true, .align_corners = true),
                           tarn_nn_upsample2d(2, .bicubic = true, .antialias = true),
                           tarn_nn_adaptive_max_pool2d(1, 1), tarn_nn_pixel_shuffle(1),
                           tarn_nn_pad2d(1, .mode = TARN_PAD_CIRCULAR)),
        tarn_shape(1, 1, 1)};
}

/* A flattened image, which normalization sees as a vector. */
static sample_network flattened(void)
{
    return (sample_network){tarn_nn_sequential(tarn_nn_conv2d(2, 3, 2), tarn_nn_flatten(),
                                               tarn_nn_batch_norm2d(18), tarn_nn_group_norm(2, 18),
                                               tarn_nn_rms_norm(18), tarn_nn_prelu(.channels = 18),
                                               tarn_nn_local_response_norm(4), tarn_nn_glu(),
                                               tarn_nn_layer_norm(9), tarn_nn_linear(9, 2)),
                            tarn_shape(4, 3, 2)};
}

static sample_network words(void)
{
    return (sample_network){tarn_nn_sequential(tarn_nn_embedding(1, 5), tarn_nn_layer_norm(5),
                                               tarn_nn_flatten(), tarn_nn_linear(15, 2)),
                            tarn_shape(3)};
}

static sample_network nothing(void)
{
    return (sample_network){tarn_nn_sequential(tarn_nn_dropout(0.5), tarn_nn_flatten()),
                            tarn_shape(2, 2)};
}

static sample_network (*const networks[])(void) = {
    lenet,    residual,  images,    activations, more_activations, windows, edges, resized,
    enlarged, one_pixel, flattened, words,       nothing};
enum { NETWORKS = sizeof networks / sizeof *networks };

/* A batch of count samples of the shape, from 0 to 1 where the network is for ids of 0 alone. */
static tarn_tensor *batch(tarn_shape sample, int count)
{
    tarn_shape shape = {.ndim = sample.ndim + 1, .dim = {count}};
    memcpy(shape.dim + 1, sample.dim, (size_t)sample.ndim * sizeof *sample.dim);
    return sample.ndim == 1 ? tarn_zeros(shape) : tarn_randn(shape);
}

/* Moves the running statistics and what batch normalization starts with. */
static void unsettle(sample_network n)
{
    tarn_params list = tarn_nn_parameters(n.model);
    for (int i = 0; i < list.count; i++)
        for (int64_t k = 0; k < tarn_size(list.tensors[i]); k++)
            tarn_values(list.tensors[i])[k] += (tarn_real)(0.1 * sin((double)k));
    tarn_tensor *x = batch(n.input, 8);
    tarn_tape *tape = tarn_tape_begin_no_grad();
    tarn_nn_train(n.model, true);
    cr_assert(tarn_nn_forward(n.model, x));
    tarn_tape_end(tape);
    tarn_free(x);
}

static void write_to(FILE *stream, sample_network n, const char *name)
{
    cr_assert(tarn_nn_export_c(n.model, n.input, stream, .name = name), "%s: %s", name,
              tarn_error());
    fclose(stream);
}

static void compare(sample_network n, predict_function *predict, const char *name)
{
    tarn_tensor *x = batch(n.input, 3);
    compiled_compare(n.model, x, predict, name);
    tarn_free(x);
}

Test(export_c, gives_what_the_network_gives)
{
    compiled c = compiled_begin();
    sample_network made[NETWORKS];
    char name[32];
    tarn_seed(1);
    for (int i = 0; i < NETWORKS; i++) {
        made[i] = networks[i]();
        unsettle(made[i]);
        snprintf(name, sizeof name, "predict_%d", i);
        write_to(compiled_file(&c, name), made[i], name);
    }
    compiled_load(&c);
    for (int i = 0; i < NETWORKS; i++) {
        snprintf(name, sizeof name, "predict_%d", i);
        compare(made[i], compiled_function(&c, name), name);
        tarn_nn_free(made[i].model);
    }
    compiled_end(&c);
}

/* As in the network, the largest of a window with NaN is NaN, wherever it stands. */
Test(export_c, nan_goes_on)
{
    compiled c = compiled_begin();
    tarn_module *model =
        tarn_nn_sequential(tarn_nn_max_pool2d(2, .stride = 1), tarn_nn_global_max_pool2d());
    write_to(compiled_file(&c, "predict"), (sample_network){model, tarn_shape(2, 2, 1)}, "predict");
    compiled_load(&c);
    for (int place = 0; place < 4; place++) {
        float image[4] = {1, 2, 4, 3}, score = 0;
        compiled_function(&c, "predict")(image, &score);
        cr_expect_eq(score, 4);
        image[place] = NAN;
        compiled_function(&c, "predict")(image, &score);
        cr_expect(isnan(score), "%d", place);
    }
    compiled_end(&c);
    tarn_nn_free(model);
}

/* ---- All kinds */

/* Whether one of the modules is of the type. */
static bool has_type(const tarn_module *module, const tarn_module_type *type)
{
    bool found = module->type == type;
    for (int i = 0; i < module->part_count && !found; i++)
        found = module->parts[i].child && has_type(module->parts[i].child, type);
    return found;
}

/* Each of the library's is in one of the networks above, but for those that others are made of:
   test_nn_branches.c and test_nn_export_c_graph.c have theirs. */
Test(export_c, leaves_no_kind_of_module_out)
{
#define TYPE(name) &tarn__nn_##name,
    static const tarn_module_type *const types[] = {TARN__LAYERS(TYPE)};
    static const tarn_module_type *const elsewhere[] = {&tarn__nn_concat, &tarn__nn_sum,
                                                        &tarn__nn_graph};
    bool found[sizeof types / sizeof *types] = {false};
    for (int i = 0; i < NETWORKS; i++) {
        tarn_module *model = networks[i]().model;
        for (size_t k = 0; k < sizeof types / sizeof *types; k++)
            found[k] |= has_type(model, types[k]);
        tarn_nn_free(model);
    }
    for (size_t k = 0; k < sizeof types / sizeof *types; k++) {
        for (size_t i = 0; i < sizeof elsewhere / sizeof *elsewhere; i++)
            found[k] |= types[k] == elsewhere[i];
        cr_expect(found[k], "%s is not tried", types[k]->name);
    }
}

/* The text of a file; the caller frees it. */
static char *text_of(tarn_module *model, tarn_shape input, tarn_nn_c_sizes *sizes)
{
    char *text = NULL;
    size_t size = 0;
    FILE *stream = open_memstream(&text, &size);
    cr_assert(tarn_nn_export_c(model, input, stream, .sizes = sizes), "%s", tarn_error());
    fclose(stream);
    return text;
}

Test(export_c, tells_how_large_it_is_and_leaves_the_network_as_it_was)
{
    sample_network n = lenet();
    const uint64_t random = tarn_random_state();
    tarn_nn_c_sizes sizes;
    char *text = text_of(n.model, n.input, &sizes);
    cr_assert_eq(sizes.constants, 4 * (156 + 2416 + 48120 + 1210));
    cr_assert_eq(sizes.work, 4 * (28 * 28 * 6 + 14 * 14 * 6));
    cr_assert(strstr(text, "static float work[5880];"));
    cr_assert(strstr(text, "It has 207608 bytes of constants and works in a buffer of 23520"));
    cr_assert(strstr(text, "Conv2d(1, 6, 5, .padding = 2)"));
    cr_assert(!strstr(text, "#include"), "what no layer needs is not included");
    cr_assert(n.model->training);
    cr_assert_eq(tarn_random_state(), random);
    free(text);
    tarn_nn_free(n.model);
}

/* ---- Modules of one's own */

static tarn_tensor *calls_others(tarn_module *self, tarn_tensor *x)
{
    return tarn_nn_forward(tarn_nn_child(self, 1), tarn_nn_forward(tarn_nn_child(self, 0), x));
}

static tarn_tensor *computes(tarn_module *self, tarn_tensor *x)
{
    return tarn_nn_forward(tarn_nn_child(self, 1),
                           tarn_square(tarn_nn_forward(tarn_nn_child(self, 0), x)));
}

static tarn_tensor *sums_up(tarn_module *self, tarn_tensor *x)
{
    (void)self;
    return tarn_sum_axis(x, 0);
}

static tarn_tensor *squares(tarn_module *self, tarn_tensor *x)
{
    (void)self;
    return tarn_square(x);
}

static const tarn_module_type chain = {.name = "Chain", .forward = calls_others},
                              between = {.name = "Between", .forward = computes},
                              square = {.name = "Square", .forward = squares},
                              sum = {.name = "Sum", .forward = sums_up};

static tarn_module *own(const tarn_module_type *type)
{
    tarn_module *module = tarn_nn_new(type, sizeof *module);
    if (type == &chain || type == &between) {
        cr_assert(tarn_nn_add_child(module, "first", tarn_nn_linear(3, 3)));
        cr_assert(tarn_nn_add_child(
            module, "second",
            tarn_nn_sequential(tarn_nn_residual(tarn_nn_sequential(tarn_nn_linear(3, 3))))));
    }
    return module;
}

Test(export_c, goes_into_modules_that_only_call_others)
{
    tarn_module *model = tarn_nn_sequential(own(&chain), tarn_nn_relu());
    char *text = text_of(model, tarn_shape(3), NULL);
    cr_assert(strstr(text, "0.second"));
    free(text);
    tarn_nn_free(model);
}

static void assert_refused(tarn_module *model, tarn_shape input, const char *words)
{
    FILE *stream = tmpfile();
    cr_assert(!tarn_nn_export_c(model, input, stream));
    cr_assert_eq(ftell(stream), 0, "nothing is written");
    fclose(stream);
    cr_assert(strstr(tarn_error(), words), "\"%s\" does not hold \"%s\"", tarn_error(), words);
    tarn_nn_free(model);
}

Test(export_c, names_the_modules_that_it_cannot_express)
{
    assert_refused(tarn_nn_sequential(own(&square), tarn_nn_relu(), own(&between), own(&square)),
                   tarn_shape(3),
                   "cannot be expressed: \"0\" (Square), \"2\" (Between), \"3\" (Square)");
    assert_refused(tarn_nn_sequential(tarn_nn_upsample2d(2)), tarn_shape(1, 1 << 15, 1),
                   "\"0\" (Upsample2d)");
    assert_refused(tarn_nn_sequential(tarn_nn_residual(own(&between))), tarn_shape(3),
                   "\"0.body\" (Between)");
    assert_refused(tarn_nn_sequential(tarn_nn_linear(3, 2), own(&sum)), tarn_shape(3),
                   "\"1\", a Sum, gives (2) of 3 samples");
}

Test(export_c, refuses_numbers_that_c_has_no_word_for)
{
    tarn_module *model = tarn_nn_sequential(tarn_nn_linear(2, 2));
    tarn_values(parameter(model, "0.weight"))[3] = (tarn_real)NAN;
    assert_refused(model, tarn_shape(2), "weight of \"0\" holds nan at position 3");
    model = tarn_nn_sequential(tarn_nn_linear(2, 2), tarn_nn_batch_norm2d(2));
    for (int i = 0; i < 2; i++) {
        tarn_values(parameter(model, "0.weight"))[i] = 1e3;
        tarn_values(parameter(model, "1.weight"))[i] = (tarn_real)3e38;
    }
    assert_refused(model, tarn_shape(2), "no finite numbers of float");
}

Test(export_c, reports_mistakes)
{
    tarn_module *model = tarn_nn_linear(2, 2);
    FILE *stream = tmpfile();
    const tarn_shape shape = tarn_shape(2);
    assert_mistake(tarn_nn_export_c(NULL, shape, stream), "the model is NULL");
    assert_mistake(tarn_nn_export_c(model, shape, NULL), "the stream is NULL");
    assert_mistake(tarn_nn_export_c(model, tarn_shape(3), stream), "linear: input (3,3)");
    assert_mistake(tarn_nn_export_c(model, tarn_nn_unknown_shape, stream), "-1 dimensions");
    assert_mistake(tarn_nn_export_c(model, shape, stream, .name = "2fast"), "a name of C");
    assert_mistake(tarn_nn_export_c(model, shape, stream, .name = "a b"), "a name of C");
    assert_mistake(tarn_nn_export_c(model, shape, stream, .name = "_a"), "the first not _");
    fclose(stream);
    stream = fopen("/dev/full", "w");
    if (stream) {
        cr_assert(!tarn_nn_export_c(model, shape, stream));
        cr_assert(strstr(tarn_error(), "nn_export_c: cannot write: "));
        fclose(stream);
    }
    tarn_nn_free(model);
}

/* A name is taken where the compiler would not take it. */
Test(export_c, names_that_mean_something_else)
{
    static const char *const reserved[] = {"double", "restrict", "bool",      "main",  "sin",
                                           "cosl",   "powf",     "printf",    "y0",    "gammaf",
                                           "size_t", "my_t",     "UINT8_MAX", "INT_C", "free"};
    static const char *const taken[] = {"linear", "linear_1", "linear_1_weight", "tanh_each",
                                        "work"};
    static const char *const good[] = {"class", "conv2d", "sum",   "linear_2",
                                       "t",     "fall",   "image", "INTEGER"};
    tarn_module *model = tarn_nn_sequential(tarn_nn_linear(2, 2), tarn_nn_tanh());
    FILE *stream = tmpfile();
    const tarn_shape shape = tarn_shape(2);
    for (size_t i = 0; i < sizeof reserved / sizeof *reserved; i++)
        assert_mistake(tarn_nn_export_c(model, shape, stream, .name = reserved[i]),
                       "which C has for something else");
    for (size_t i = 0; i < sizeof taken / sizeof *taken; i++)
        assert_mistake(tarn_nn_export_c(model, shape, stream, .name = taken[i]),
                       "which the file has for something else");
    cr_assert_eq(ftell(stream), 0, "nothing is written");
    fclose(stream);
    compiled c = compiled_begin();
    for (size_t i = 0; i < sizeof good / sizeof *good; i++) {
        stream = compiled_file(&c, good[i]);
        cr_assert(tarn_nn_export_c(model, shape, stream, .name = good[i]), "%s", tarn_error());
        fclose(stream);
    }
    compiled_load(&c);
    compiled_end(&c);
    tarn_nn_free(model);
}

#ifdef TARN_TESTS_HEAP_IS_WATCHED
Test(export_c, survives_the_failure_of_each_allocation)
{
    sample_network n = residual();
    FILE *stream = tmpfile();
    cr_assert(tarn_nn_export_c(n.model, n.input, stream));
    bool done = false;
    for (long calls = 0; !done; calls++) {
        rewind(stream);
        heap_calls_left = calls;
        done = tarn_nn_export_c(n.model, n.input, stream);
        heap_calls_left = -1;
        cr_assert(done || strstr(tarn_error(), "memory"), "%s", tarn_error());
        cr_assert(n.model->training);
    }
    fclose(stream);
    tarn_nn_free(n.model);
}
#endif
