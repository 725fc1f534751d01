/* What the layers are written with, beside nn/exchange/onnx.h. */
#ifndef TARN_NN_EXCHANGE_ONNX_NODES_H
#define TARN_NN_EXCHANGE_ONNX_NODES_H

#include "nn/exchange/onnx.h"

/* "3.weight" of the step that is being written. */
tarn__onnx_name tarn__onnx_named(const tarn_onnx *o, const char *what);

/* A node of one input, or two, that gives a value on the way, "3.1"; the same with a number. */
tarn__onnx_name tarn__onnx_on_the_way(tarn_onnx *o, const char *type, const char *a, const char *b);
tarn__onnx_name tarn__onnx_by(tarn_onnx *o, const char *type, const char *a, double number);
tarn__onnx_name tarn__onnx_number(tarn_onnx *o, double number);

/* The step's last node. */
void tarn__onnx_give(tarn_onnx *o, const char *type, const char *output, const char *a,
                     const char *b);

/* Constants of the step. in_order: the rows of a weight in the order of the input where that is
   scrambled; a vector has no columns. */
tarn__onnx_name tarn__onnx_constant(tarn_onnx *o, const char *what, tarn_shape shape,
                                    const float *values);
tarn__onnx_name tarn__onnx_shape_of(tarn_onnx *o, const char *what, int count, const int64_t *dims);
tarn__onnx_name tarn__onnx_in_order(tarn_onnx *o, const tarn__step *step, const char *what,
                                    const float *values, int64_t rows, int64_t columns);

/* Attributes of both axes of an image, and of its four sides. */
void tarn__onnx_pair(tarn_onnx *o, const char *attribute, const int values[2]);
void tarn__onnx_pads(tarn_onnx *o, const int64_t before[2], const int64_t after[2]);

tarn__onnx_name tarn__onnx_to_channels_last(tarn_onnx *o, const char *x);
void tarn__onnx_give_channels_first(tarn_onnx *o, const char *output, const char *x);

/* Shapes in Tarn's order, without N. */
tarn_shape tarn__onnx_in_of(const tarn_onnx *o, const tarn__step *step);
tarn_shape tarn__onnx_out_of(const tarn_onnx *o, const tarn__step *step);

/* The layers. Each writes nodes from x to y. */
typedef void tarn__onnx_layer(tarn_onnx *o, const tarn__step *step, const char *x, const char *y);
tarn__onnx_layer tarn__onnx_write_convolution, tarn__onnx_write_linear, tarn__onnx_write_pooling,
    tarn__onnx_write_adaptive, tarn__onnx_write_global, tarn__onnx_write_shuffle,
    tarn__onnx_write_unshuffle, tarn__onnx_write_upsampling, tarn__onnx_write_pad,
    tarn__onnx_write_flatten, tarn__onnx_write_batch_norm, tarn__onnx_write_layer_norm,
    tarn__onnx_write_group_norm, tarn__onnx_write_rms_norm, tarn__onnx_write_elementwise,
    tarn__onnx_write_relu6, tarn__onnx_write_silu, tarn__onnx_write_softplus, tarn__onnx_write_mish,
    tarn__onnx_write_log_sigmoid, tarn__onnx_write_gelu, tarn__onnx_write_gelu_tanh,
    tarn__onnx_write_prelu, tarn__onnx_write_glu, tarn__onnx_write_graph;

#endif
