/* The largest of each window, channel by channel. */
static void max_pool2d_int8(const struct window_int8 *l, const int8_t *x, int8_t *y)
{
    for (int i = 0; i < l->out_height; i++)
        for (int j = 0; j < l->out_width; j++)
            for (int c = 0; c < l->channels; c++, y++) {
                *y = -128;
                for (int p = 0; p < l->kernel; p++)
                    for (int q = 0; q < l->kernel; q++) {
                        const int row = i * l->stride - l->padding + p;
                        const int column = j * l->stride - l->padding + q;
                        if (row < 0 || row >= l->height || column < 0 || column >= l->width)
                            continue;
                        const int8_t value = x[(row * l->width + column) * l->channels + c];
                        if (value > *y)
                            *y = value;
                    }
            }
}
