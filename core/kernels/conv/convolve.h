/*
 * Convolution of images, as the forward pass and the input gradient of a convolution both need it:
 * which algorithm, what a thread needs for it, and rows of sums of one image.
 */
#ifndef TARN_CORE_KERNELS_CONV_CONVOLVE_H
#define TARN_CORE_KERNELS_CONV_CONVOLVE_H

#include "core/kernels/conv/conv2d_windows.h"

/* Images are cut into so many parts at most, whatever the number of threads, each with a weight
   gradient of its own; these are then added up in order. */
enum { MOST_PARTS = 8 };

/* Multiply-adds below which waking threads takes longer. */
enum { PARALLEL_PRODUCTS = 1 << 20 };

static inline int64_t weight_size(const tarn__conv2d *s)
{
    return s->kh * s->kw * (s->c / s->groups) * s->o;
}

static inline bool is_worth_threads(const tarn__conv2d *s)
{
    return s->n * s->oh * s->ow * weight_size(s) >= PARALLEL_PRODUCTS;
}

typedef struct convolution {
    tarn__conv2d s;
    padded p;
    bool winograd, winograd_5x5;
    bool depthwise, sliding, few; /* depthwise_3x3.h, few_channels.h */
    int64_t block_rows;           /* of sums that are computed at a time */
    int64_t to_row, to_pixel;     /* from one row, or pixel, of sums to the next */
} convolution;

/* The functions below by names that the formatter reads as names. */
#define convolution_of ISA(convolution_of)
#define forward_convolution ISA(forward_convolution)
#define cut_convolution_buffers ISA(cut_convolution_buffers)
#define winograd_weights_size ISA(winograd_weights_size)
#define winograd_weights_of ISA(winograd_weights_of)
#define convolve_depthwise ISA(convolve_depthwise)
#define convolve_image ISA(convolve_image)
#define slide_gradient ISA(slide_gradient)
#define correlate_rows ISA(correlate_rows)

/* The convolution of images padded like p; the forward pass. */
convolution convolution_of(const tarn__conv2d *s, padded p);
convolution forward_convolution(const tarn__conv2d *s);

/* Whether it reads the image as it is, not padded. */
static inline bool reads_in_place(const convolution *v)
{
    return v->winograd || v->sliding;
}

/* What a thread needs to convolve. */
typedef struct convolution_buffers {
    tarn_real *rows;   /* of the padded image; split by F(2x2,5x5); one of zeros where sliding */
    tarn_real *sums;   /* before they are pooled */
    tarn_real *pixels; /* Winograd's */
    tarn_real *products;
    tarn_real *rounded; /* the image */
    split_image split;  /* for windows */
} convolution_buffers;

convolution_buffers cut_convolution_buffers(cutter *c, const convolution *v);

/* The weights in Winograd's form, and how many numbers that are. */
int64_t winograd_weights_size(const tarn__conv2d *s);
void winograd_weights_of(const tarn__conv2d *s, const tarn_real *weight, tarn_real *to);

/* Where each channel is a group: rows of sums of an image, or (of_weight) their weight gradient. by
   is the weight, or the gradient of the sums. */
void convolve_depthwise(const convolution *v, int64_t rows, bool of_weight, const tarn_real *image,
                        const tarn_real *by, tarn_real *to, destination d);

/* Where sliding: adds the weight gradient of an image to sums; zeros has room for a row of it. */
void slide_gradient(const convolution *v, const tarn_real *image, const tarn_real *dsum,
                    tarn_real *sums, tarn_real *zeros);

/* Adds to sum the weight gradient of rows [i, i + rows) of one padded image of dsum. Implemented in
   core/kernels/conv/correlate.c. */
void correlate_rows(const convolution *v, const tarn_real *image, int64_t i, int64_t rows,
                    const tarn_real *dsum, tarn_real *sum);

/* The weights, and as they are read: Winograd's where v->winograd or v->winograd_5x5, turned where
   v->few, else NULL. */
typedef struct weights {
    const tarn_real *plain, *transformed;
} weights;

/* Rows [first, end) of the sums of an image, to y and winners of this image. */
void convolve_image(const convolution *v, const tarn_real *image, weights by, destination d,
                    int64_t first, int64_t end, const convolution_buffers *b, tarn_real *y,
                    uint8_t *winners);

#endif
