/*
 * A program with a library that was built without extras (-Dextras=false), as an argument the
 * folder to write to. What is left out of files is refused with a sentence, and all else is there.
 * With a call as LEFT_OUT, of a function that is not, it must not compile.
 */
#include <tarn.h>

#include <math.h>
#include <stdio.h>
#include <string.h>

static tarn_module *new_network(void)
{
    return tarn_nn_sequential(
        tarn_nn_residual(tarn_nn_sequential(tarn_nn_conv2d(3, 3, 3, .padding = 1,
                                                           .padding_mode = TARN_PAD_REFLECT),
                                            tarn_nn_batch_norm2d(3), tarn_nn_softplus(.beta = 2)),
                         .relu = true),
        tarn_nn_group_norm(1, 3), tarn_nn_global_avg_pool2d(),
        tarn_nn_linear(3, 2, .weight_norm = true));
}

/* One step; the loss before it. */
static float train(tarn_module *model)
{
    tarn_optim *optimizer = tarn_optim_by_name("adam", tarn_nn_parameters(model), "lr=0.1");
    tarn_tensor *images = tarn_rand(tarn_shape(4, 5, 5, 3));
    const int32_t labels[] = {0, 1, 1, 0};
    tarn_tape *tape = tarn_tape_begin();
    tarn_tensor *loss = tarn_cross_entropy(tarn_nn_forward(model, images), tarn_labels(4, labels));
    const float before = (float)tarn_item(loss);
    tarn_backward(loss);
    tarn_optim_step(optimizer);
    tarn_tape_end(tape);
    tarn_free(images);
    tarn_optim_free(optimizer);
    return before;
}

/* Whether it failed, with a sentence that says why. */
static bool refused(bool done)
{
    const char *error = done ? "no error" : tarn_error();
    printf("%s\n", error);
    return strstr(error, "takes nn/exchange/, which this library was built without") != NULL;
}

/* A file of a network that a library with extras has read from ONNX. */
static void write_graph(const char *path)
{
    static const char header[] =
        "{\"__metadata__\":{\"tarn\":\"{\\\"version\\\":1,\\\"network\\\":{\\\"type\\\":"
        "\\\"Graph\\\"}}\"}}";
    FILE *file = fopen(path, "wb");
    for (size_t i = 0, size = strlen(header); i < 8; i++)
        fputc((int)(size >> 8 * i & 255), file);
    fputs(header, file);
    fclose(file);
}

int main(int argc, char **argv)
{
    char path[512], npz[512];
    if (argc < 2)
        return 2;
    snprintf(path, sizeof path, "%s/small.safetensors", argv[1]);
    snprintf(npz, sizeof npz, "%s/small.npz", argv[1]);
    tarn_module *model = new_network(), *same = new_network();
    if (!isfinite(train(model)) || !tarn_nn_save(model, path) || !tarn_nn_load(same, path) ||
        memcmp(tarn_values(tarn_nn_parameters(model).tensors[0]),
               tarn_values(tarn_nn_parameters(same).tensors[0]), 81 * sizeof(tarn_real)) != 0)
        return 1;
    tarn_module *rebuilt = tarn_nn_from_file(path);
    if (!rebuilt || !isfinite(train(rebuilt)))
        return 1;
    tarn_nn_free(rebuilt);
    if (!refused(tarn_nn_save(model, npz)) || !refused(tarn_nn_load(model, npz)) ||
        !refused(tarn_nn_save(model, path, .layout = TARN_LAYOUT_TORCH)))
        return 1;
    write_graph(path);
    if (!refused(tarn_nn_from_file(path) != NULL))
        return 1;
    /* Nor is there a name for what is left out. */
    if (tarn_optim_by_name("lamb", tarn_nn_parameters(model), "") || !tarn_error())
        return 1;
#ifdef LEFT_OUT
    LEFT_OUT;
#endif
    tarn_nn_free(same);
    tarn_nn_free(model);
    return 0;
}
