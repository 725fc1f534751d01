/* Windows that slide over images: what convolutions and pooling have in common. */
#ifndef TARN_NN_EXCHANGE_IMPORT_WINDOWS_H
#define TARN_NN_EXCHANGE_IMPORT_WINDOWS_H

#include "nn/exchange/import_internal.h"

typedef struct tarn__import_window {
    int64_t kernel[2], before[2], after[2]; /* along H and W */
    int64_t stride[2], dilation[2];
} tarn__import_window;

/* kernel_shape, strides and dilations of the node, the kernel being that of a weight
   (O,I,KH,KW) if there is one. False with the error set for what Tarn cannot do. */
bool tarn__import_window_of(tarn__importer *c, const tarn__import_value *weight,
                            tarn__import_window *win);

/* pads or auto_pad, for that input. */
bool tarn__import_pads_of(tarn__importer *c, const tarn__import_value *x, tarn__import_window *win);

/* H and W of the shape become those of the output, if they are known; with ceil_mode pads grow so
   that the last window fits. */
bool tarn__import_slide(tarn__importer *c, tarn__import_window *win, bool ceil_mode,
                        tarn_shape *shape);

/* Whether the padding is the same on both sides of each axis. */
bool tarn__import_is_even(const tarn__import_window *win);

/* Gives the step the window, without its padding; with that if it is even. */
void tarn__import_set_window(tarn__graph_step *step, const tarn__import_window *win);

/* A step that pads images by the window's pads. */
int tarn__import_pad_by(tarn__importer *c, int x, const tarn__import_window *win, double value);

#endif
