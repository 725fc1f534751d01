/* Linked into programs that train networks, whose calls of tarn_nn_forward() and tarn_nn_free()
   come here: of each network that such a program frees it leaves, in the folder where it runs,

       0.onnx, 0.folded.onnx    the network, as ONNX, 1.onnx the next
       0.in.f32, 0.out.f32      the last samples that were given to it, at most 1,000, and what it
                                gives for them in evaluation
       networks.txt             a line for each: the number of samples and the shapes of both,
                                "1000 (28,28,1) (10)", or what ONNX refuses it with

   So test_examples.py compares all networks of the examples without a list of them. */
#include <err.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <tarn.h>

enum { MOST = 1000, AT_ONCE = 50 };

/* By the linker's --wrap: calls of f() go to __wrap_f(), and __real_f() is f(). */
tarn_tensor *__real_tarn_nn_forward(tarn_module *model, tarn_tensor *x);
tarn_tensor *__wrap_tarn_nn_forward(tarn_module *model, tarn_tensor *x);
void __real_tarn_nn_free(tarn_module *model);
void __wrap_tarn_nn_free(tarn_module *model);

/* What was given to a network lately: sample i is the newest of those whose number is i modulo
 * MOST. */
static const tarn_module *network;
static tarn_shape sample;
static float *samples;
static int64_t seen;

static void forget(void)
{
    network = NULL;
    free(samples);
    samples = NULL;
    seen = 0;
}

static void note(const tarn_module *model, tarn_tensor *x)
{
    tarn_shape shape = tarn_shape_get(x);
    const int64_t count = shape.dim[0];
    memmove(shape.dim, shape.dim + 1, (size_t)--shape.ndim * sizeof *shape.dim);
    const size_t size = (size_t)tarn_shape_size(shape);
    if (model != network || !tarn_shape_equal(shape, sample)) {
        forget();
        network = model;
        sample = shape;
        samples = malloc(MOST * size * sizeof *samples);
        if (!samples)
            errx(1, "out of memory for %d samples", MOST);
    }
    for (int64_t i = 0; i < count; i++, seen++)
        memcpy(samples + (size_t)(seen % MOST) * size, tarn_values(x) + (size_t)i * size,
               size * sizeof *samples);
}

static void write_all(FILE *file, const float *values, int64_t count)
{
    if (!file || fwrite(values, sizeof *values, (size_t)count, file) != (size_t)count)
        err(1, "what a network gives");
}

static FILE *open_file(int number, const char *ending)
{
    char path[40];
    snprintf(path, sizeof path, "%d.%s", number, ending);
    return fopen(path, "wb");
}

/* Both files, AT_ONCE samples at a time; returns the shape of what is given for one. */
static tarn_shape write_samples(tarn_module *model, int number, int64_t count)
{
    FILE *in = open_file(number, "in.f32"), *out = open_file(number, "out.f32");
    const int64_t size = tarn_shape_size(sample);
    tarn_shape given = {.ndim = 0};
    for (int64_t i = 0; i < count; i += AT_ONCE) {
        tarn_shape shape = {.ndim = sample.ndim + 1,
                            .dim = {count - i < AT_ONCE ? count - i : AT_ONCE}};
        memcpy(shape.dim + 1, sample.dim, (size_t)sample.ndim * sizeof *sample.dim);
        tarn_tensor *x = tarn_from_array(shape, samples + i * size);
        tarn_tape *tape = tarn_tape_begin_no_grad();
        tarn_tensor *y = __real_tarn_nn_forward(model, x);
        write_all(in, tarn_values(x), tarn_size(x));
        write_all(out, tarn_values(y), tarn_size(y));
        given = tarn_shape_get(y);
        tarn_tape_end(tape);
        tarn_free(x);
    }
    memmove(given.dim, given.dim + 1, (size_t)--given.ndim * sizeof *given.dim);
    if (fclose(in) != 0 || fclose(out) != 0)
        err(1, "what a network gives");
    return given;
}

static void leave(tarn_module *model)
{
    static int number;
    char path[40], folded[40];
    FILE *list = fopen("networks.txt", "a");
    if (!list)
        err(1, "networks.txt");
    snprintf(path, sizeof path, "%d.onnx", number);
    snprintf(folded, sizeof folded, "%d.folded.onnx", number);
    tarn_nn_train(model, false);
    if (!tarn_nn_export_onnx(model, sample, path) ||
        !tarn_nn_export_onnx(model, sample, folded, .fold = true)) {
        fprintf(list, "%s\n", tarn_error());
    } else {
        const int64_t count = seen < MOST ? seen : MOST;
        const tarn_shape given = write_samples(model, number, count);
        fprintf(list, "%lld %s %s\n", (long long)count, tarn_shape_to_text(sample).text,
                tarn_shape_to_text(given).text);
    }
    if (fclose(list) != 0)
        err(1, "networks.txt");
    number++;
}

tarn_tensor *__wrap_tarn_nn_forward(tarn_module *model, tarn_tensor *x)
{
    if (model && x && !model->parent && tarn_ndim(x) > 0)
        note(model, x);
    return __real_tarn_nn_forward(model, x);
}

void __wrap_tarn_nn_free(tarn_module *model)
{
    if (model && model == network) {
        leave(model);
        forget();
    }
    __real_tarn_nn_free(model);
}
