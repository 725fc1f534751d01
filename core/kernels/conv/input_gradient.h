/*
 * The input gradient of a convolution: that of the sums, convolved by the weight turned by 180
 * degrees with its channels exchanged. So it is the same code as forward, once for each phase if
 * there is a stride (core/kernels/phases.h). Or, with fewer channels than lanes, by rows of the
 * kernel (core/kernels/conv/scattered.h).
 */
#ifndef TARN_CORE_KERNELS_CONV_INPUT_GRADIENT_H
#define TARN_CORE_KERNELS_CONV_INPUT_GRADIENT_H

#include "core/kernels/conv/convolve.h"

typedef struct input_gradient {
    const tarn__conv2d *s;
    convolution v; /* each of the phases, whose sizes are left out */
    bool scattered;
    tarn_real *turned, *transformed; /* weights */
} input_gradient;

/* What a thread needs for it. */
typedef struct input_gradient_buffers {
    convolution_buffers convolution;
    tarn_real *products; /* where scattered */
} input_gradient_buffers;

/* The functions below by names that the formatter reads as names. */
#define cut_input_gradient ISA(cut_input_gradient)
#define cut_input_gradient_buffers ISA(cut_input_gradient_buffers)
#define prepare_input_gradient ISA(prepare_input_gradient)
#define input_gradient_of_image ISA(input_gradient_of_image)

input_gradient cut_input_gradient(cutter *c, const tarn__conv2d *s);
input_gradient_buffers cut_input_gradient_buffers(cutter *c, const input_gradient *g);

/* The weights as it reads them; before the images. */
void prepare_input_gradient(const input_gradient *g, const tarn_real *weight);

/* From the gradient of one image's sums. */
void input_gradient_of_image(const input_gradient *g, const tarn_real *dsum,
                             const input_gradient_buffers *b, tarn__target dx);

#endif
