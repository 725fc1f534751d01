/* A layer that looks at windows of an image. Images lie in memory row by row, a row pixel by pixel,
   a pixel channel by channel. A sum times multiplier / 2^shift is the result. */
struct window_int8 {
    int height, width, channels;             /* of the image that comes in */
    int out_height, out_width, out_channels; /* of the one that goes out */
    int kernel, stride, padding;             /* of a window; padding is around the image */
    int dilation, groups;                    /* of convolutions */
    int zero, out_zero;                      /* the numbers that stand for 0 */
    const int8_t *weight;
    const int32_t *bias, *multiplier;
    int shift;
};
