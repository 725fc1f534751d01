/* Adds a pixel, times the weights of a tap, to a pixel of the result. */
static void add_tap(const struct window *l, const float *x, const float *weight, float *y)
{
    const int channels = l->channels / l->groups, outputs = l->out_channels / l->groups;
    for (int o = 0; o < l->out_channels; o++)
        for (int c = 0; c < channels; c++)
            y[o] += x[o / outputs * channels + c] *
                    weight[o % outputs * l->channels + o / outputs * channels + c];
}

/* Transposed convolution: each pixel paints the kernel into the result.
   weight is [kernel][kernel][out_channels / groups][channels]. */
static void conv_transpose2d(const struct window *l, const float *x, float *y)
{
    const int tap = l->out_channels / l->groups * l->channels;
    for (int i = 0; i < l->out_height * l->out_width; i++)
        for (int o = 0; o < l->out_channels; o++)
            y[i * l->out_channels + o] = l->bias[o];
    for (int i = 0; i < l->height; i++)
        for (int j = 0; j < l->width; j++, x += l->channels)
            for (int p = 0; p < l->kernel[0]; p++)
                for (int q = 0; q < l->kernel[1]; q++) {
                    const int row = i * l->stride[0] - l->padding[0] + p * l->dilation[0];
                    const int column = j * l->stride[1] - l->padding[1] + q * l->dilation[1];
                    if (row >= 0 && row < l->out_height && column >= 0 && column < l->out_width)
                        add_tap(l, x, l->weight + (p * l->kernel[1] + q) * tap,
                                y + (row * l->out_width + column) * l->out_channels);
                }
}
