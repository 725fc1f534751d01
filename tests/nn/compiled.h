/* C files of networks, compiled as their user would and loaded. */
#ifndef TARN_TESTS_NN_COMPILED_H
#define TARN_TESTS_NN_COMPILED_H

#include <dlfcn.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <criterion/criterion.h>

#include "nn/nn.h"

typedef void predict_function(const float *image, float *scores);

typedef struct compiled {
    char folder[32];
    int count;
    char files[100][100];
    void *library;
} compiled;

static inline compiled compiled_begin(void)
{
    compiled c = {.folder = "/tmp/tarn-test-XXXXXX"};
    cr_assert(mkdtemp(c.folder));
    return c;
}

/* A file to be written, and closed. */
static inline FILE *compiled_file(compiled *c, const char *name)
{
    char path[100];
    cr_assert_lt(c->count, (int)(sizeof c->files / sizeof *c->files));
    snprintf(path, sizeof path, "%s/%s.c", c->folder, name);
    memcpy(c->files[c->count++], path, sizeof path);
    FILE *stream = fopen(path, "w");
    cr_assert(stream);
    return stream;
}

/* Compiles them all, with the warnings that one may ask for. */
static inline void compiled_load(compiled *c)
{
    char command[400], library[100];
    snprintf(library, sizeof library, "%s/all.so", c->folder);
    snprintf(command, sizeof command,
             "cc -std=c99 -Wall -Wextra -Wpedantic -Wconversion -Wmissing-prototypes -Werror -O1 "
             "-shared -fPIC -o %s %s/*.c -lm",
             library, c->folder);
    cr_assert_eq(system(command), 0, "%s", command);
    c->library = dlopen(library, RTLD_NOW);
    cr_assert(c->library, "%s", dlerror());
}

static inline predict_function *compiled_function(const compiled *c, const char *name)
{
    predict_function *predict;
    void *symbol = dlsym(c->library, name);
    cr_assert(symbol, "no %s", name);
    memcpy(&predict, &symbol, sizeof predict);
    return predict;
}

/* Sample by sample what the network gives of all. */
static inline void compiled_compare(tarn_module *model, tarn_tensor *x, predict_function *predict,
                                    const char *name)
{
    tarn_tape *tape = tarn_tape_begin_no_grad();
    tarn_nn_train(model, false);
    tarn_tensor *y = tarn_nn_forward(model, x);
    const int64_t count = tarn_dim(x, 0), in = tarn_size(x) / count, out = tarn_size(y) / count;
    float *image = malloc((size_t)in * sizeof *image);
    float *scores = calloc((size_t)out, sizeof *scores);
    for (int64_t i = 0; i < count; i++) {
        for (int64_t k = 0; k < in; k++)
            image[k] = (float)tarn_values(x)[i * in + k];
        predict(image, scores);
        for (int64_t k = 0; k < out; k++) {
            const double expected = (double)tarn_values(y)[i * out + k];
            cr_assert_float_eq((double)scores[k], expected, 1e-5 * fmax(1, fabs(expected)),
                               "%s: %g, expects %g", name, (double)scores[k], expected);
        }
    }
    free(image);
    free(scores);
    tarn_tape_end(tape);
}

static inline void compiled_end(compiled *c)
{
    char library[100];
    dlclose(c->library);
    for (int i = 0; i < c->count; i++)
        unlink(c->files[i]);
    snprintf(library, sizeof library, "%s/all.so", c->folder);
    unlink(library);
    rmdir(c->folder);
}

#endif
