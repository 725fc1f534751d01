/* A network that the input has become is written as C and as ONNX, as it is and folded, or refused
   with a sentence and not a byte written; what was written as ONNX is read again, and gives the
   same. */
#ifndef TARN_TESTS_FUZZ_LEAVE_H
#define TARN_TESTS_FUZZ_LEAVE_H

#include <math.h>
#include <string.h>

#include "tests/fuzz/fuzz.h"

enum { FUZZ_MOST = 4096, FUZZ_SAMPLES = 2 };

/* A network that its input does not fit is a mistake of who runs it: the sentence is tarn_error().
 */
static inline void fuzz_ignore(const char *message, void *context)
{
    (void)message, (void)context;
}

static inline void fuzz_write_c(tarn_module *model, tarn_shape sample)
{
    char *text = NULL;
    size_t size = 0;
    FILE *stream = open_memstream(&text, &size);
    const bool written = stream && tarn_nn_export_c(model, sample, stream);
    if (!stream || fclose(stream) != 0 || (size > 0) != written)
        abort();
    free(text);
}

/* Numbers from -1 to 1, in no order. */
static inline tarn_tensor *fuzz_numbers(tarn_shape sample)
{
    tarn_shape shape = {.ndim = sample.ndim + 1, .dim = {FUZZ_SAMPLES}};
    memcpy(shape.dim + 1, sample.dim, (size_t)sample.ndim * sizeof *sample.dim);
    tarn_tensor *x = tarn_zeros(shape);
    for (int64_t i = 0; x && i < tarn_size(x); i++)
        tarn_values(x)[i] = (tarn_real)(i * 37 % 101 - 50) / 50;
    return x;
}

/* What both give, if they give something; not to the bit, since sums may have another order. */
static inline void fuzz_compare(tarn_module *model, tarn_module *other, tarn_shape sample)
{
    tarn_tensor *x = fuzz_numbers(sample);
    tarn_nn_train(model, false);
    tarn_nn_train(other, false);
    tarn_tape *tape = tarn_tape_begin_no_grad();
    tarn_tensor *a = tarn_nn_forward(model, x), *b = tarn_nn_forward(other, x);
    if (a && b && !tarn_shape_equal(tarn_shape_get(a), tarn_shape_get(b)))
        abort();
    for (int64_t i = 0; a && b && i < tarn_size(a); i++) {
        const double p = (double)tarn_values(a)[i], q = (double)tarn_values(b)[i];
        if (fabs(p - q) > 1e-3 * (1 + fabs(p)))
            abort();
    }
    tarn_tape_end(tape);
    tarn_free(x);
}

static inline void fuzz_write_onnx(tarn_module *model, tarn_shape sample)
{
    char path[64];
    fuzz_file(path, "y.onnx", NULL, 0);
    for (int fold = 0; fold < 2; fold++) {
        if (!tarn_nn_export_onnx(model, sample, path, .fold = fold))
            continue;
        tarn_module *again = tarn_nn_from_onnx(path);
        if (!again)
            abort();
        if (!fold)
            fuzz_compare(model, again, sample);
        tarn_nn_free(again);
    }
    remove(path);
}

/* All of it, for a network of a known input that is not large. */
static inline void fuzz_leave(tarn_module *model)
{
    const tarn_shape sample = model ? tarn_nn_info(model)->input : tarn_shape();
    if (!model || sample.ndim < 0 || tarn_shape_size(sample) > FUZZ_MOST)
        return;
    tarn_set_error_handler(fuzz_ignore, NULL);
    fuzz_write_c(model, sample);
    fuzz_write_onnx(model, sample);
    tarn_set_error_handler(NULL, NULL);
}

#endif
