/* The largest of each window, channel by channel. */
static void max_pool2d(const struct window *l, const float *x, float *y)
{
    for (int i = 0; i < l->out_height; i++)
        for (int j = 0; j < l->out_width; j++)
            for (int c = 0; c < l->channels; c++, y++) {
                int found = 0;
                for (int p = 0; p < l->kernel[0]; p++)
                    for (int q = 0; q < l->kernel[1]; q++) {
                        const int row = i * l->stride[0] - l->padding[0] + p * l->dilation[0];
                        const int column = j * l->stride[1] - l->padding[1] + q * l->dilation[1];
                        if (row < 0 || row >= l->height || column < 0 || column >= l->width)
                            continue;
                        const float value = x[(row * l->width + column) * l->channels + c];
                        if (!found++ || value > *y || value != value)
                            *y = value;
                    }
            }
}
