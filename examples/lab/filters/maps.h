/* Pictures of what is in a network: its filters, and what its layers make of an image. */
#ifndef TARN_LAB_MAPS_H
#define TARN_LAB_MAPS_H

#include <tarn.h>

/* Images as ink on paper: above their lowest number, which is the paper, so that it need not be
   known how they were normalized. */
tarn_tensor *ink_of(tarn_tensor *images);

/* Draws the kernels of the first layer, a convolution of images of one channel, as filters.png and
   .svg in the folder. The name is that of the network. */
void draw_filters(tarn_module *network, const char *name, const char *folder);

/* Draws an image (1,H,W,1) and the output of each layer of the network, which is a sequential in
   evaluation, as feature_maps.png and .svg, and prints the guess. The title says which image it is.
   A layer that changes no number, being for training or for the shape, is left out. */
void draw_feature_maps(tarn_module *network, tarn_tensor *image, const char *title,
                       const char *const *classes, const char *folder);

#endif
