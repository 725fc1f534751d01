/*
 * Attention as a module of one's own, in a tiny vision transformer (Dosovitskiy et al. 2020).
 *
 * An image of 28 x 28 pixels is cut into 7 x 7 patches, each of which becomes a vector of WIDTH, a
 * token, by a convolution, and gets its place added. In a block each token looks at all others,
 * head by head (Vaswani et al. 2017):
 *
 *     softmax(q k^T / sqrt(d)) v        q, k, v: thirds of x W, (N, HEADS, T, d), d = WIDTH / HEADS
 *
 * and then thinks by itself, in two linear layers. The mean of all tokens tells the digit.
 */
#include <err.h>
#include <math.h>
#include <stdio.h>

#include <tarn.h>

enum { PATCH = 4, TOKENS = 49, WIDTH = 48, HEADS = 4, BLOCKS = 3, CLASSES = 10 };

/* ---- Attention: (N,T,WIDTH) to the same */

typedef struct attention {
    tarn_module module;
    tarn_module *in, *out;
} attention;

static tarn_tensor *attention_forward(tarn_module *module, tarn_tensor *x)
{
    const attention *self = (const attention *)module;
    const int64_t n = tarn_dim(x, 0), tokens = tarn_dim(x, 1), d = WIDTH / HEADS;
    tarn_tensor *all =
        tarn_reshape(tarn_nn_forward(self->in, x), tarn_shape(n, tokens, 3, HEADS, d));
    all = tarn_permute(all, tarn_axes(2, 0, 3, 1, 4)); /* (3, N, HEADS, T, d) */
    tarn_tensor *qkv[3];
    for (int i = 0; i < 3; i++)
        qkv[i] = tarn_reshape(tarn_slice(all, 0, i, i + 1), tarn_shape(n, HEADS, tokens, d));
    tarn_tensor *scores = tarn_matmul(qkv[0], tarn_transpose(qkv[1], 2, 3));
    tarn_tensor *weights = tarn_softmax(tarn_scale(scores, 1 / sqrt((double)d)));
    tarn_tensor *seen = tarn_permute(tarn_matmul(weights, qkv[2]), tarn_axes(0, 2, 1, 3));
    return tarn_nn_forward(self->out, tarn_reshape(seen, tarn_shape(n, tokens, WIDTH)));
}

static tarn_module *attention_new(void)
{
    static const tarn_module_type type = {.name = "Attention", .forward = attention_forward};
    attention *self = tarn_nn_new(&type, sizeof *self);
    if (!self)
        return NULL;
    self->in = tarn_nn_linear(WIDTH, 3 * WIDTH);
    self->out = tarn_nn_linear(WIDTH, WIDTH);
    if (tarn_nn_add_child(&self->module, "in", self->in) &&
        tarn_nn_add_child(&self->module, "out", self->out))
        return &self->module;
    tarn_nn_free(&self->module);
    return NULL;
}

/* ---- The network: images (N,28,28,1) to logits (N,CLASSES) */

typedef struct vit {
    tarn_module module;
    tarn_tensor *places; /* (TOKENS, WIDTH) */
    tarn_module *patches, *blocks, *head;
} vit;

static tarn_tensor *vit_forward(tarn_module *module, tarn_tensor *x)
{
    const vit *self = (const vit *)module;
    tarn_tensor *tokens =
        tarn_reshape(tarn_nn_forward(self->patches, x), tarn_shape(tarn_dim(x, 0), TOKENS, WIDTH));
    tokens = tarn_nn_forward(self->blocks, tarn_add(tokens, self->places));
    return tarn_nn_forward(self->head, tarn_mean_axis(tokens, 1));
}

static tarn_module *block(void)
{
    return tarn_nn_sequential(
        tarn_nn_residual(tarn_nn_sequential(tarn_nn_layer_norm(WIDTH), attention_new())),
        tarn_nn_residual(tarn_nn_sequential(tarn_nn_layer_norm(WIDTH),
                                            tarn_nn_linear(WIDTH, 2 * WIDTH), tarn_nn_gelu(),
                                            tarn_nn_linear(2 * WIDTH, WIDTH))));
}

static tarn_module *vit_new(void)
{
    static const tarn_module_type type = {.name = "ViT", .forward = vit_forward};
    vit *self = tarn_nn_new(&type, sizeof *self);
    if (!self)
        return NULL;
    self->places = tarn_randn(tarn_shape(TOKENS, WIDTH));
    self->patches = tarn_nn_conv2d(1, WIDTH, PATCH, .stride = PATCH);
    tarn_module *blocks[BLOCKS];
    for (int i = 0; i < BLOCKS; i++)
        blocks[i] = block();
    self->blocks = tarn_nn_sequential_of(BLOCKS, blocks);
    self->head = tarn_nn_sequential(tarn_nn_layer_norm(WIDTH), tarn_nn_linear(WIDTH, CLASSES));
    bool complete = tarn_nn_add_parameter(&self->module, "places", self->places);
    complete &= tarn_nn_add_child(&self->module, "patches", self->patches);
    complete &= tarn_nn_add_child(&self->module, "blocks", self->blocks);
    complete &= tarn_nn_add_child(&self->module, "head", self->head);
    if (complete)
        return &self->module;
    tarn_nn_free(&self->module);
    return NULL;
}

static void train(tarn_module *model, tarn_loader *loader)
{
    tarn_optim *optimizer = tarn_optim_adamw(tarn_nn_parameters(model), .lr = 2e-3);
    for (int epoch = 0; epoch < 2; epoch++) {
        tarn_batch batch;
        while (tarn_loader_next(loader, &batch)) {
            tarn_tape *tape = tarn_tape_begin();
            tarn_tensor *loss =
                tarn_cross_entropy(tarn_nn_forward(model, batch.images), batch.labels);
            tarn_optim_zero_grad(optimizer);
            tarn_backward(loss);
            tarn_optim_step(optimizer);
            tarn_tape_end(tape);
        }
    }
    tarn_optim_free(optimizer);
}

int main(void)
{
    tarn_seed(1);
    tarn_dataset *digits = tarn_data_samples(TARN_SAMPLES, TARN_TRAIN);
    tarn_dataset *test_digits = tarn_data_samples(TARN_SAMPLES, TARN_TEST);
    tarn_loader *loader = tarn_loader_new(digits, 64, .shuffle = true, .seed = 1);
    tarn_loader *test = tarn_loader_new(test_digits, 250);
    tarn_module *model = vit_new();
    if (!loader || !test || !model)
        errx(1, "%s", tarn_error());
    tarn_nn_summary(model, tarn_shape(1, 28, 28, 1), stdout);
    train(model, loader);
    long correct = 0, images = 0;
    for (tarn_batch batch; tarn_loader_next(test, &batch); images += batch.count) {
        tarn_tape *tape = tarn_tape_begin_no_grad();
        correct += tarn_count_correct(tarn_nn_forward(model, batch.images), batch.labels);
        tarn_tape_end(tape);
    }
    printf("test accuracy: %.2f%%\n", 100 * (double)correct / (double)images);
    tarn_nn_free(model);
    tarn_loader_free(test), tarn_loader_free(loader);
    tarn_dataset_free(test_digits), tarn_dataset_free(digits);
    if (fflush(stdout) != 0 || ferror(stdout))
        errx(1, "standard output cannot be written");
    return 0;
}
