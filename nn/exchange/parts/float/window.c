/* A layer that looks at windows of an image. Images lie in memory row by row, a row pixel by pixel,
   a pixel channel by channel. */
struct window {
    int height, width, channels;             /* of the image that comes in */
    int out_height, out_width, out_channels; /* of the one that goes out */
    int kernel, stride, padding;             /* of a window; padding is around the image */
    int dilation, groups;                    /* of convolutions */
    const float *weight, *bias;
};
