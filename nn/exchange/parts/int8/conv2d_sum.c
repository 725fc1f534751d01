/* sum and all pixels of a window, each times its weight; what lies outside the image is 0. */
static int32_t conv2d_sum(const struct window_int8 *l, const int8_t *x, const int8_t *weight,
                          int top, int left, int32_t sum)
{
    const int channels = l->channels / l->groups;
    for (int p = 0; p < l->kernel; p++)
        for (int q = 0; q < l->kernel; q++, weight += channels) {
            const int row = top + p * l->dilation, column = left + q * l->dilation;
            if (row < 0 || row >= l->height || column < 0 || column >= l->width) {
                for (int c = 0; c < channels; c++)
                    sum += l->zero * weight[c];
                continue;
            }
            const int8_t *pixel = x + (row * l->width + column) * l->channels;
            for (int c = 0; c < channels; c++)
                sum += pixel[c] * weight[c];
        }
    return sum;
}
