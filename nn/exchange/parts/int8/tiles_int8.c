/* The mean of out_height x out_width tiles of the image, channel by channel. */
static void tiles_int8(const struct window_int8 *l, const int8_t *x, int8_t *y)
{
    const int high = l->height / l->out_height, wide = l->width / l->out_width;
    for (int i = 0; i < l->out_height; i++)
        for (int j = 0; j < l->out_width; j++)
            for (int c = 0; c < l->channels; c++) {
                int32_t sum = 0;
                for (int row = i * high; row < (i + 1) * high; row++)
                    for (int column = j * wide; column < (j + 1) * wide; column++)
                        sum += x[(row * l->width + column) * l->channels + c] - l->zero;
                *y++ = rescale(sum, *l->multiplier, l->shift, l->out_zero);
            }
}
