/* Convolution. weight is [out_channels][kernel][kernel][channels / groups]. */
static void conv2d_int8(const struct window_int8 *l, const int8_t *x, int8_t *y)
{
    const int channels = l->channels / l->groups, taps = l->kernel * l->kernel * channels;
    for (int i = 0; i < l->out_height; i++)
        for (int j = 0; j < l->out_width; j++)
            for (int o = 0; o < l->out_channels; o++) {
                const int group = o / (l->out_channels / l->groups);
                const int32_t sum =
                    conv2d_sum(l, x + group * channels, l->weight + o * taps,
                               i * l->stride - l->padding, j * l->stride - l->padding, l->bias[o]);
                *y++ = rescale(sum, l->multiplier[o], l->shift, l->out_zero);
            }
}
