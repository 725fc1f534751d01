/*
 * Pictures of what is in a network: its filters, and what its layers make of an image. Zero is
 * white, positive numbers are blue and negative ones orange, the more so the larger they are.
 */
#ifndef TARN_LAB_MAPS_H
#define TARN_LAB_MAPS_H

#include <tarn.h>

#include "examples/lab/lib/picture.h"

/* All pictures are as wide as this. */
enum { MAPS_WIDTH = 800 };

/* Draws an image of one channel, dark ink on light paper, each of its pixels as a square of cell
   pixels. The lowest number is paper and the highest ink, so that it need not be known how the
   image was normalized. */
void draw_image(picture *p, int x, int y, int cell, const tarn_tensor *image);

/* Draws the kernels of the first layer, a convolution of images of one channel, as a PNG. The name
   is that of the network. */
void draw_filters(tarn_module *network, const char *name, const char *path);

/* Draws an image (1,H,W,1) and the output of each layer of the network, which is a sequential in
   evaluation, as a PNG, and prints the guess. The title says which image it is. */
void draw_feature_maps(tarn_module *network, tarn_tensor *image, const char *title,
                       const char *const *classes, const char *path);

#endif
