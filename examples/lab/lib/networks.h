/* The networks of the lab, for pictures of any size. */
#ifndef TARN_LAB_NETWORKS_H
#define TARN_LAB_NETWORKS_H

#include <tarn.h>

/* What --model takes; ends with NULL. */
extern const char *const network_names[];

/* The network of that name, for samples of this shape, to logits (N, classes). Dies with a sentence
   where it cannot be made for them: all but mlp want pictures, (height, width, channels). NULL
   without memory.

   lenet    LeNet-5 (LeCun et al. 1998) with ReLU and max pooling; at least 12 x 12 pixels
   cnn      the network of PyTorch's MNIST example: two convolutions, dropout; at least 6 x 6
   resnet   a residual network of 14 layers (He et al. 2016), 16 to 64 channels wide; any size
   mlp      two hidden layers of 128 units; samples of any shape */
tarn_module *network_new(const char *name, tarn_shape sample, int classes);

/* About how many bytes it takes to train it on batches of so many samples by an optimizer like
   Adam, as measured: each parameter five times (with its gradient, two numbers of state, and once
   more where the network is saved and read), and what backward needs of each pixel. */
double network_memory(const char *name, tarn_shape sample, int64_t batch_size);

/* Dies as network_new() where it cannot be made for such samples. */
void network_check(const char *name, tarn_shape sample);

#endif
