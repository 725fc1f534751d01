/* What holds for every layer of nn/nn.h and nn/extras.h: the gradients of its input and parameters
   are right, the summary shows it, and a copy that was saved and loaded computes the same. */
#include <unistd.h>

#include "tests/nn/nn_test.h"
#include "tests/support/heap.h"

/* Each layer: what it gets, how the summary shows it, and one. */
enum input { ROWS, IMAGES, IDS };

#define LAYERS(LAYER)                                                                              \
    LAYER(linear, ROWS, "Linear(5, 3)", tarn_nn_linear(5, 3))                                      \
    LAYER(conv2d, IMAGES, "Conv2d(4, 6, 3, .padding = 1, .groups = 2)",                            \
          tarn_nn_conv2d(4, 6, 3, .padding = 1, .groups = 2))                                      \
    LAYER(pixel_shuffle, IMAGES, "PixelShuffle(2)", tarn_nn_pixel_shuffle(2))                      \
    LAYER(pixel_unshuffle, IMAGES, "PixelUnshuffle(1)", tarn_nn_pixel_unshuffle(1))                \
    LAYER(adaptive_max_pool2d, IMAGES, "AdaptiveMaxPool2d(2, 3)",                                  \
          tarn_nn_adaptive_max_pool2d(2, 3))                                                       \
    LAYER(global_max_pool2d, IMAGES, "GlobalMaxPool2d()", tarn_nn_global_max_pool2d())             \
    LAYER(conv_transpose2d, IMAGES, "ConvTranspose2d(4, 6, 3, .stride = 2, .groups = 2)",          \
          tarn_nn_conv_transpose2d(4, 6, 3, .stride = 2, .groups = 2))                             \
    LAYER(max_pool2d, IMAGES, "MaxPool2d(2)", tarn_nn_max_pool2d(2))                               \
    LAYER(avg_pool2d, IMAGES, "AvgPool2d(3, .stride = 1, .padding = 1)",                           \
          tarn_nn_avg_pool2d(3, .stride = 1, .padding = 1))                                        \
    LAYER(adaptive_avg_pool2d, IMAGES, "AdaptiveAvgPool2d(2, 3)",                                  \
          tarn_nn_adaptive_avg_pool2d(2, 3))                                                       \
    LAYER(global_avg_pool2d, IMAGES, "GlobalAvgPool2d()", tarn_nn_global_avg_pool2d())             \
    LAYER(upsample2d, IMAGES, "Upsample2d(2, .bilinear = 1)",                                      \
          tarn_nn_upsample2d(2, .bilinear = true))                                                 \
    LAYER(pad2d, IMAGES, "Pad2d(1)", tarn_nn_pad2d(1))                                             \
    LAYER(relu, ROWS, "ReLU()", tarn_nn_relu())                                                    \
    LAYER(sigmoid, ROWS, "Sigmoid()", tarn_nn_sigmoid())                                           \
    LAYER(tanh, ROWS, "Tanh()", tarn_nn_tanh())                                                    \
    LAYER(gelu, ROWS, "GELU()", tarn_nn_gelu())                                                    \
    LAYER(gelu_tanh, ROWS, "GELUTanh()", tarn_nn_gelu_tanh())                                      \
    LAYER(silu, ROWS, "SiLU()", tarn_nn_silu())                                                    \
    LAYER(softplus, ROWS, "Softplus()", tarn_nn_softplus())                                        \
    LAYER(leaky_relu, ROWS, "LeakyReLU(.slope = 0.2)", tarn_nn_leaky_relu(.slope = 0.2))           \
    LAYER(elu, ROWS, "ELU(.alpha = 1.5)", tarn_nn_elu(.alpha = 1.5))                               \
    LAYER(log_sigmoid, ROWS, "LogSigmoid()", tarn_nn_log_sigmoid())                                \
    LAYER(mish, ROWS, "Mish()", tarn_nn_mish())                                                    \
    LAYER(selu, ROWS, "SELU()", tarn_nn_selu())                                                    \
    LAYER(softsign, ROWS, "Softsign()", tarn_nn_softsign())                                        \
    LAYER(relu6, ROWS, "ReLU6()", tarn_nn_relu6())                                                 \
    LAYER(hardsigmoid, ROWS, "Hardsigmoid()", tarn_nn_hardsigmoid())                               \
    LAYER(hardswish, ROWS, "Hardswish()", tarn_nn_hardswish())                                     \
    LAYER(glu, IMAGES, "GLU()", tarn_nn_glu())                                                     \
    LAYER(celu, ROWS, "CELU(.alpha = 1.5)", tarn_nn_celu(.alpha = 1.5))                            \
    LAYER(prelu, IMAGES, "PReLU(.channels = 4)", tarn_nn_prelu(.channels = 4))                     \
    LAYER(rms_norm, IMAGES, "RMSNorm(4)", tarn_nn_rms_norm(4))                                     \
    LAYER(softmax, ROWS, "Softmax()", tarn_nn_softmax())                                           \
    LAYER(log_softmax, ROWS, "LogSoftmax()", tarn_nn_log_softmax())                                \
    LAYER(flatten, IMAGES, "Flatten()", tarn_nn_flatten())                                         \
    LAYER(dropout, ROWS, "Dropout(0.4)", tarn_nn_dropout(0.4))                                     \
    LAYER(dropout2d, IMAGES, "Dropout2d(0.4)", tarn_nn_dropout2d(0.4))                             \
    LAYER(batch_norm2d, IMAGES, "BatchNorm2d(4)", tarn_nn_batch_norm2d(4))                         \
    LAYER(layer_norm, IMAGES, "LayerNorm(4)", tarn_nn_layer_norm(4))                               \
    LAYER(group_norm, IMAGES, "GroupNorm(2, 4)", tarn_nn_group_norm(2, 4))                         \
    LAYER(embedding, IDS, "Embedding(3, 2)", tarn_nn_embedding(3, 2))                              \
    LAYER(residual, ROWS, "Residual(.relu = 1)",                                                   \
          tarn_nn_residual(tarn_nn_linear(5, 5), .relu = true))                                    \
    LAYER(recompute, ROWS, "Recompute()",                                                          \
          tarn_nn_recompute(tarn_nn_sequential(tarn_nn_linear(5, 4), tarn_nn_tanh())))             \
    LAYER(sequential, IMAGES, "Sequential()",                                                      \
          tarn_nn_sequential(tarn_nn_conv2d(4, 3, 2), tarn_nn_relu(), tarn_nn_flatten()))          \
    LAYER(concat, IMAGES, "Concat()",                                                              \
          tarn_nn_concat(TARN_NN_IDENTITY, tarn_nn_conv2d(4, 2, 1), tarn_nn_tanh()))               \
    LAYER(sum, IMAGES, "Sum()",                                                                    \
          tarn_nn_sum(tarn_nn_tanh(), tarn_nn_conv2d(4, 4, 1), TARN_NN_IDENTITY))                  \
    LAYER(stochastic_depth, IMAGES, "StochasticDepth(0.4)", tarn_nn_stochastic_depth(0.4))         \
    LAYER(local_response_norm, IMAGES, "LocalResponseNorm(3, .alpha = 0.5)",                       \
          tarn_nn_local_response_norm(3, .alpha = 0.5))

/* The same layers in another way. */
#define VARIANTS(LAYER)                                                                            \
    LAYER(linear_of_images, IMAGES, "Linear(4, 3)", tarn_nn_linear(4, 3))                          \
    LAYER(linear_weight_norm, ROWS, "Linear(5, 3, .weight_norm = 1)",                              \
          tarn_nn_linear(5, 3, .weight_norm = true))                                               \
    LAYER(conv2d_weight_norm, IMAGES, "Conv2d(4, 3, 2, .weight_norm = 1)",                         \
          tarn_nn_conv2d(4, 3, 2, .weight_norm = true))                                            \
    LAYER(conv_transpose2d_weight_norm, IMAGES, "ConvTranspose2d(4, 3, 2, .weight_norm = 1)",      \
          tarn_nn_conv_transpose2d(4, 3, 2, .weight_norm = true))                                  \
    LAYER(batch_norm2d_plain, IMAGES, "BatchNorm2d(4, .affine = 0, .cumulative = 1)",              \
          tarn_nn_batch_norm2d(4, .affine = false, .cumulative = true))                            \
    LAYER(batch_norm2d_fused, IMAGES, "BatchNorm2d(4, .affine = 0, .cumulative = 1)",              \
          tarn_nn_sequential(tarn_nn_conv2d(4, 4, 1),                                              \
                             tarn_nn_batch_norm2d(4, .affine = false, .cumulative = true),         \
                             tarn_nn_tanh()))                                                      \
    LAYER(softplus_sharp, ROWS, "Softplus(.beta = 3)", tarn_nn_softplus(.beta = 3))                \
    LAYER(layer_norm_plain, IMAGES, "LayerNorm(4, .affine = 0)",                                   \
          tarn_nn_layer_norm(4, .affine = false))                                                  \
    LAYER(group_norm_plain, IMAGES, "GroupNorm(2, 4, .affine = 0)",                                \
          tarn_nn_group_norm(2, 4, .affine = false))                                               \
    LAYER(rms_norm_plain, IMAGES, "RMSNorm(4, .affine = 0)", tarn_nn_rms_norm(4, .affine = false)) \
    LAYER(conv2d_sides, IMAGES,                                                                    \
          "Conv2d(4, 3, 2, .kernel_w = 3, .stride_w = 2, .padding_w = 1, .dilation_w = 2)",        \
          tarn_nn_conv2d(4, 3, 2, .kernel_w = 3, .stride_w = 2, .padding_w = 1, .dilation_w = 2))  \
    LAYER(conv2d_same, IMAGES, "Conv2d(4, 3, 2, .same = 1)",                                       \
          tarn_nn_conv2d(4, 3, 2, .kernel_w = 2, .same = true))                                    \
    LAYER(conv_transpose2d_sides, IMAGES,                                                          \
          "ConvTranspose2d(4, 2, 2, .kernel_w = 3, .stride = 2, .stride_w = 1)",                   \
          tarn_nn_conv_transpose2d(4, 2, 2, .kernel_w = 3, .stride = 2, .stride_w = 1))            \
    LAYER(max_pool2d_sides, IMAGES,                                                                \
          "MaxPool2d(2, .kernel_w = 3, .stride = 1, .ceil_mode = 1, .dilation_w = 2)",             \
          tarn_nn_max_pool2d(2, .kernel_w = 3, .stride = 1, .ceil_mode = true, .dilation_w = 2))   \
    LAYER(conv2d_reflecting, IMAGES, "Conv2d(4, 2, 3, .padding = 2, .padding_mode = 1)",           \
          tarn_nn_conv2d(4, 2, 3, .padding = 2, .padding_mode = TARN_PAD_REFLECT))                 \
    LAYER(pad2d_sides, IMAGES, "Pad2d(1, .padding_w = 3, .mode = 3)",                              \
          tarn_nn_pad2d(1, .padding_w = 3, .mode = TARN_PAD_CIRCULAR))                             \
    LAYER(avg_pool2d_sides, IMAGES,                                                                \
          "AvgPool2d(3, .kernel_w = 2, .padding_w = 1, .count_include_pad = 0)",                   \
          tarn_nn_avg_pool2d(3, .kernel_w = 2, .stride = 3, .stride_w = 2, .padding_w = 1,         \
                             .count_include_pad = false))

#define MAKE(name, input, title, call)                                                             \
    static tarn_module *make_##name(void)                                                          \
    {                                                                                              \
        return call;                                                                               \
    }
LAYERS(MAKE)
VARIANTS(MAKE)

#define ROW(name, input, title, call) {#name, title, make_##name, input},
static const struct layer {
    const char *name, *title; /* as in the header, and in the summary */
    tarn_module *(*make)(void);
    enum input input;
} layers[] = {LAYERS(ROW) VARIANTS(ROW)};

#define ONE(name, input, title, call) +1
enum { COUNT = sizeof layers / sizeof *layers, OF_THE_HEADERS = 0 LAYERS(ONE) };

static tarn_shape shape_of(enum input input)
{
    return input == ROWS     ? tarn_shape(3, 5)
           : input == IMAGES ? tarn_shape(2, 4, 5, 4)
                             : tarn_shape(4);
}

static tarn_tensor *new_input(enum input input)
{
    return input == IDS ? tarn_full(shape_of(input), 1) : tarn_randn(shape_of(input));
}

/* Returns how many the header declares. */
static int look_for_layers_of(const char *header)
{
    const char start[] = "tarn_module *tarn_nn_";
    char line[1024];
    int found = 0;
    FILE *stream = fopen(header, "r");
    cr_assert(stream, "%s", header);
    while (fgets(line, sizeof line, stream)) {
        if (strncmp(line, start, strlen(start)) != 0)
            continue;
        const char *name = line + strlen(start);
        bool here = false;
        for (int i = 0; i < OF_THE_HEADERS && !here; i++) {
            const size_t length = strlen(layers[i].name);
            here = strncmp(name, layers[i].name, length) == 0 &&
                   (name[length] == '(' || strncmp(name + length, "_with(", 6) == 0 ||
                    strncmp(name + length, "_of(", 4) == 0);
        }
        cr_expect(here, "no test here of %s", name);
        found++;
    }
    fclose(stream);
    return found;
}

Test(layers, of_the_headers_are_all_here)
{
    cr_assert_eq(look_for_layers_of(TARN_SOURCE_DIR "/nn/nn.h") +
                     look_for_layers_of(TARN_SOURCE_DIR "/nn/extras.h"),
                 OF_THE_HEADERS);
}

#ifdef TARN_DOUBLE
/* Parameters are among the inputs, but belong to the module, which uses them anyway. */
static tarn_tensor *run(tarn_tensor *const *inputs, void *context)
{
    tarn_seed(7);
    return tarn_nn_forward(context, inputs[0]);
}

Test(layers, gradients)
{
    for (int i = 0; i < COUNT; i++)
        for (int training = 0; training <= 1; training++) {
            tarn_seed(3);
            tarn_module *layer = layers[i].make();
            tarn_tensor *x = new_input(layers[i].input), *inputs[8] = {x};
            tarn_nn_train(layer, training);
            const tarn_params own = tarn_nn_parameters(layer);
            cr_assert_lt(own.count, 8);
            for (int k = 0; k < own.count; k++)
                inputs[1 + k] = own.tensors[k];
            tarn_requires_grad(x, layers[i].input != IDS);
            cr_expect(
                tarn_gradcheck(run, (tarn_params){1 + own.count, inputs, NULL}, .context = layer),
                "%s: %s", layers[i].name, tarn_error());
            tarn_free(x);
            tarn_nn_free(layer);
        }
}
#endif

Test(layers, are_shown_by_the_summary)
{
    for (int i = 0; i < COUNT; i++) {
        tarn_module *model = tarn_nn_sequential(layers[i].make());
        char *text = NULL;
        size_t size;
        FILE *stream = open_memstream(&text, &size);
        cr_expect(tarn_nn_summary(model, shape_of(layers[i].input), stream), "%s", layers[i].name);
        fclose(stream);
        cr_expect(strstr(text, layers[i].title), "%s: no %s in\n%s", layers[i].name,
                  layers[i].title, text);
        free(text);
        tarn_nn_free(model);
    }
}

Test(layers, compute_the_same_when_saved_and_loaded)
{
    char path[] = "/tmp/tarn-test-layer-XXXXXX";
    const int file = mkstemp(path);
    cr_assert(file >= 0);
    close(file);
    for (int i = 0; i < COUNT; i++) {
        tarn_module *layer = layers[i].make(), *copy = layers[i].make();
        tarn_tensor *x = new_input(layers[i].input);
        tarn_tape *tape = tarn_tape_begin_no_grad();
        tarn_nn_forward(layer, x); /* moves running statistics */
        cr_assert(tarn_nn_save(layer, path) && tarn_nn_load(copy, path), "%s: %s", layers[i].name,
                  tarn_error());
        const uint64_t random = tarn_random_state();
        tarn_module *rebuilt = tarn_nn_from_file(path);
        cr_assert(rebuilt, "%s: %s", layers[i].name, tarn_error());
        cr_assert_eq(rebuilt->type, layer->type);
        cr_assert_eq(tarn_random_state(), random);
        for (int training = 1; training >= 0; training--) {
            tarn_module *all[] = {layer, copy, rebuilt};
            tarn_tensor *y[3];
            for (int k = 0; k < 3; k++) {
                tarn_nn_train(all[k], training);
                tarn_seed(5);
                y[k] = tarn_nn_forward(all[k], x);
                cr_assert(y[k]);
                cr_expect_arr_eq(tarn_values(y[k]), tarn_values(y[0]),
                                 (size_t)tarn_size(y[0]) * sizeof(tarn_real), "%s", layers[i].name);
            }
        }
        tarn_tape_end(tape);
        tarn_free(x);
        tarn_nn_free(rebuilt);
        tarn_nn_free(copy);
        tarn_nn_free(layer);
    }
    unlink(path);
}

#ifdef TARN_TESTS_HEAP_IS_WATCHED
/* Makes one, runs it forward and back: NULL or false with an error, and nothing left, whichever
   allocation fails. */
static bool lives(const struct layer *layer)
{
    tarn_module *module = layer->make();
    tarn_tensor *x = new_input(layer->input);
    tarn_tape *tape = tarn_tape_begin();
    tarn_requires_grad(x, layer->input != IDS);
    tarn_tensor *y = tape ? tarn_nn_forward(module, x) : NULL;
    tarn_tensor *loss = tarn_sum(y);
    const bool complete = loss && tarn_backward(loss);
    tarn_tape_end(tape);
    tarn_free(x);
    tarn_nn_free(module);
    return complete;
}

Test(layers, survive_the_failure_of_each_allocation)
{
    tarn_set_threads(1); /* so that all allocations are this thread's */
    for (int i = 0; i < COUNT; i++) {
        bool complete = lives(&layers[i]);
        cr_assert(complete, "%s: %s", layers[i].name, tarn_error());
        complete = false;
        for (long calls = 0; !complete; calls++) {
            const long live = heap_live;
            heap_calls_left = calls;
            complete = lives(&layers[i]);
            heap_calls_left = -1;
            cr_assert(complete || strstr(tarn_error(), "emory"), "%s: %s", layers[i].name,
                      tarn_error());
            cr_assert_eq(heap_live, live, "%s: %ld bytes are left after %ld calls", layers[i].name,
                         heap_live - live, calls);
        }
    }
}
#endif
