/* ONNX files of other programs in Tarn: what test_import.py compares them with. Tensors are bare
   floats, labels bare int32_t, shapes those of a sample, "28,28,1", in Tarn's order.

       imported run MODEL COUNT SHAPE IN OUT      in evaluation; prints the shape of what is given
       imported train MODEL COUNT SHAPE IN LABELS OPTIMIZER STEPS OUT
                                                  in batches of COUNT, in order; a loss a line, then
                                                  what the trained network gives for the last batch
       imported type MODEL                        prints the module's type and its parameters */
#include <stdlib.h>
#include <string.h>

#include <tarn.h>

#include "examples/lab/lib/optimizers.h"
#include "examples/lab/lib/options.h"

static tarn_module *model; /* so that a leak checker finds it where the program ends early */

static void *read_all(const char *path, size_t *size)
{
    FILE *file = fopen(path, "rb");
    if (!file || fseek(file, 0, SEEK_END) != 0)
        die("%s cannot be read", path);
    *size = (size_t)ftell(file);
    rewind(file);
    void *bytes = malloc(*size + 1);
    if (!bytes || fread(bytes, 1, *size, file) != *size)
        die("%s cannot be read", path);
    fclose(file);
    return bytes;
}

static void write_tensor(const char *path, const tarn_tensor *t)
{
    FILE *file = fopen(path, "wb");
    const size_t count = (size_t)tarn_size(t);
    if (!file || fwrite(tarn_values(t), sizeof(float), count, file) != count || fclose(file) != 0)
        die("%s cannot be written", path);
}

/* COUNT and SHAPE as one shape; "-" is a sample that is a number. */
static tarn_shape shape_of(const char *count, const char *sample)
{
    tarn_shape shape = tarn_shape(strtol(count, NULL, 10));
    char *end = (char *)sample;
    while (*end && *end != '-') {
        shape.dim[shape.ndim++] = strtol(end, &end, 10);
        end += *end == ',';
    }
    return shape;
}

static void run(char **words)
{
    size_t size;
    float *numbers = read_all(words[3], &size);
    tarn_tensor *x = tarn_from_array(shape_of(words[1], words[2]), numbers);
    tarn_nn_train(model, false);
    tarn_tape *tape = tarn_tape_begin_no_grad();
    tarn_tensor *y = tarn_nn_forward(model, x);
    write_tensor(words[4], y);
    printf("%s\n", tarn_shape_to_text(tarn_shape_get(y)).text);
    tarn_tape_end(tape);
    tarn_free(x);
    free(numbers);
}

static void train(char **words)
{
    size_t size;
    const tarn_shape shape = shape_of(words[1], words[2]);
    const int64_t count = shape.dim[0], each = tarn_shape_size(shape);
    float *numbers = read_all(words[3], &size);
    int32_t *labels = read_all(words[4], &size);
    tarn_optim *optimizer = optimizer_new(words[5], tarn_nn_parameters(model), 0.01);
    const long steps = strtol(words[6], NULL, 10);
    for (long i = 0; i <= steps; i++) {
        const long at = i < steps ? i : steps - 1;
        tarn_tensor *x = tarn_from_array(shape, numbers + at * each);
        tarn_nn_train(model, i < steps);
        tarn_tape *tape = tarn_tape_begin();
        tarn_tensor *y = tarn_nn_forward(model, x);
        if (i == steps)
            write_tensor(words[7], y);
        tarn_tensor *loss = tarn_cross_entropy(y, tarn_labels(count, labels + at * count));
        if (i < steps) {
            tarn_optim_zero_grad(optimizer);
            tarn_backward(loss);
            tarn_optim_step(optimizer);
            printf("%.9g\n", (double)tarn_item(loss));
        }
        tarn_tape_end(tape);
        tarn_free(x);
    }
    tarn_optim_free(optimizer);
    free(numbers);
    free(labels);
}

int main(int argc, char **argv)
{
    const char *command = argc > 2 ? argv[1] : "";
    model = argc > 2 ? tarn_nn_from_onnx(argv[2]) : NULL;
    if (argc > 2 && !model)
        die("%s", tarn_error());
    if (is(command, "run") && argc == 7) {
        run(argv + 2);
    } else if (is(command, "train") && argc == 10) {
        train(argv + 2);
    } else if (is(command, "type") && argc == 3) {
        const tarn_params list = tarn_nn_parameters(model);
        printf("%s", model->type->name);
        for (int i = 0; i < list.count; i++)
            printf(" %s%s", list.names[i],
                   tarn_shape_to_text(tarn_shape_get(list.tensors[i])).text);
        printf("\n");
    } else {
        die("usage: see the head of imported.c");
    }
    tarn_nn_free(model);
    model = NULL;
    return 0;
}
