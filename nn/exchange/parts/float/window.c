/* A layer that looks at windows of an image. Images lie in memory row by row, a row pixel by pixel,
   a pixel channel by channel. */
struct window {
    int height, width, channels;             /* of the image that comes in */
    int out_height, out_width, out_channels; /* of the one that goes out */
    int kernel[2], stride[2], dilation[2];   /* of a window, along the height and along the width */
    int padding[2];                          /* above the image and on its left */
    int counted[2];                          /* so many pixels outside of it count in a mean */
    int mode, groups;                        /* of padding, see inside(); of convolutions */
    const float *weight, *bias;
};
