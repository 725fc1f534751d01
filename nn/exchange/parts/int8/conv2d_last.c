/* The last convolution, which gives ordinary numbers: each sum times the scale of its channel. */
static void conv2d_last(const struct window_int8 *l, const float *scale, const int8_t *x, float *y)
{
    const int channels = l->channels / l->groups, taps = l->kernel * l->kernel * channels;
    for (int i = 0; i < l->out_height; i++)
        for (int j = 0; j < l->out_width; j++)
            for (int o = 0; o < l->out_channels; o++) {
                const int group = o / (l->out_channels / l->groups);
                *y++ = scale[o] * (float)conv2d_sum(l, x + group * channels, l->weight + o * taps,
                                                    i * l->stride - l->padding,
                                                    j * l->stride - l->padding, l->bias[o]);
            }
}
