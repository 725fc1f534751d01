/* The mean of each window, channel by channel, what lies outside the image being 0. */
static void avg_pool2d_int8(const struct window_int8 *l, const int8_t *x, int8_t *y)
{
    for (int i = 0; i < l->out_height; i++)
        for (int j = 0; j < l->out_width; j++)
            for (int c = 0; c < l->channels; c++) {
                int32_t sum = 0;
                for (int p = 0; p < l->kernel; p++)
                    for (int q = 0; q < l->kernel; q++) {
                        const int row = i * l->stride - l->padding + p;
                        const int column = j * l->stride - l->padding + q;
                        if (row >= 0 && row < l->height && column >= 0 && column < l->width)
                            sum += x[(row * l->width + column) * l->channels + c] - l->zero;
                    }
                *y++ = rescale(sum, *l->multiplier, l->shift, l->out_zero);
            }
}
