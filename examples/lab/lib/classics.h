/* Networks of the literature, for pictures of 32 x 32 pixels unless it says otherwise, to logits
   (N, classes). tests/examples/test_classics.c has their numbers of parameters, which are those of
   the papers or of torchvision. NULL without memory. */
#ifndef TARN_LAB_CLASSICS_H
#define TARN_LAB_CLASSICS_H

#include <tarn.h>

/* LeCun, Bottou, Bengio, Haffner 1998: (N,32,32,channels), with tanh and mean pooling. The third
   layer sees all maps of the second, which the paper cuts down (60,000 parameters, not 61,706). */
tarn_module *classic_lenet5(int channels, int classes);

/* Krizhevsky, Sutskever, Hinton 2012: torchvision's layers of images with a stride of 4 and padding
   as 32 x 32 pixels need it, and one linear layer; normalized by neighbours if lrn. */
tarn_module *classic_alexnet(int channels, int classes, bool lrn);

/* Simonyan and Zisserman 2014, configuration A with batch normalization, and one linear layer. */
tarn_module *classic_vgg11(int channels, int classes);

/* He, Zhang, Ren, Sun 2016, the network of 20 layers for CIFAR, with projections. Each block is
   left out with probability drop in training (stochastic depth). */
tarn_module *classic_resnet20(int channels, int classes, double drop);

/* Sandler, Howard, Zhu, Zhmoginov, Chen 2018: torchvision's network with a stride of 1 in the first
   layer and the second stage, so that 32 x 32 pixels last. */
tarn_module *classic_mobilenet_v2(int channels, int classes);

/* Huang, Liu, van der Maaten, Weinberger 2016: 40 layers, each of which adds 12 channels. */
tarn_module *classic_densenet40(int channels, int classes);

/* Ronneberger, Fischer, Brox 2015: (N,H,W,channels) to logits of each pixel, (N,H,W,classes), width
   channels at first (the paper: 64) and twice as many at each of 4 levels; H and W divisible by 16,
   since its convolutions are padded. */
tarn_module *classic_unet(int channels, int classes, int width);

#endif
