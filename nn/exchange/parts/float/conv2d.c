/* sum and all pixels of a window, each times its weight. */
static float window_sum(const struct window *l, const float *x, const float *weight, int top,
                        int left, float sum)
{
    const int channels = l->channels / l->groups;
    for (int p = 0; p < l->kernel[0]; p++)
        for (int q = 0; q < l->kernel[1]; q++, weight += channels) {
            const int row = inside(l->mode, l->height, top + p * l->dilation[0]);
            const int column = inside(l->mode, l->width, left + q * l->dilation[1]);
            if (row < 0 || column < 0)
                continue;
            const float *pixel = x + (row * l->width + column) * l->channels;
            for (int c = 0; c < channels; c++)
                sum += pixel[c] * weight[c];
        }
    return sum;
}

/* Convolution. weight is [out_channels][kernel][kernel][channels / groups]. */
static void conv2d(const struct window *l, const float *x, float *y)
{
    const int channels = l->channels / l->groups, taps = l->kernel[0] * l->kernel[1] * channels;
    for (int i = 0; i < l->out_height; i++)
        for (int j = 0; j < l->out_width; j++)
            for (int o = 0; o < l->out_channels; o++) {
                const int group = o / (l->out_channels / l->groups);
                *y++ = window_sum(l, x + group * channels, l->weight + o * taps,
                                  i * l->stride[0] - l->padding[0],
                                  j * l->stride[1] - l->padding[1], l->bias[o]);
            }
}
