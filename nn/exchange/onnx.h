/*
 * ONNX files being written. The functions of nn/exchange/export.h add nodes and constants; a kind
 * of layer is told by a function that calls them, in nn/exchange/onnx_layers.c.
 *
 * Images are (N,H,W,C) in Tarn and (N,C,H,W) in ONNX. So an image that was flattened has its
 * numbers in another order there: the value is scrambled, and what comes next has weights in that
 * order, or puts it right.
 */
#ifndef TARN_NN_EXCHANGE_ONNX_H
#define TARN_NN_EXCHANGE_ONNX_H

#include "nn/exchange/export.h"
#include "nn/exchange/protobuf.h"
#include "nn/exchange/steps.h"

enum { TARN__ONNX_OPSET = 17, TARN__ONNX_IR = 8 };

struct tarn_onnx {
    const tarn_nn_export_onnx_args *args;
    tarn__steps steps;
    tarn__message graph;
    tarn__message attributes; /* for the next node */
    tarn__message imports;    /* the domains of nodes, as fields of the model */
    char domains[300];        /* those of imports, " com.example " */
    tarn_shape *scrambled;    /* of each value the shape of the image it was; else ndim 0 */
    const tarn__step *step;   /* that is being written */
    char wrong[300];          /* why the file is not to be written; else empty */
    int temporaries, constants, reshapes; /* of the step, so far */
};

typedef struct tarn__onnx_name {
    char text[192];
} tarn__onnx_name;

/* Whether the step can be expressed, and, for one that can, writes it. */
bool tarn__onnx_can(const void *onnx, const tarn__step *step);
void tarn__onnx_write(tarn_onnx *onnx, const tarn__step *step);

/* An import of a domain, as a field of the model. */
void tarn__onnx_import(tarn__message *model, const char *domain, int version);

/* Notes why the file cannot be written, if nothing was wrong before. */
TARN_PRINTF(2, 3) void tarn__onnx_fail(tarn_onnx *onnx, const char *format, ...);

/* What a value is called, and the step's module, "3.body.0", or "3.body.0_7" for step 7 where the
   module is there more than once. */
tarn__onnx_name tarn__onnx_value(const tarn_onnx *onnx, int value);
tarn__onnx_name tarn__onnx_module(const tarn_onnx *onnx, const tarn__step *step);

/* Numbers in the order of other axes: dimension i of the constant is dimension axes[i] of what is
   given, declared as shape. */
void tarn__onnx_permuted(tarn_onnx *onnx, const char *name, tarn_shape shape, const float *values,
                         tarn_shape from, tarn_axes axes);

#endif
