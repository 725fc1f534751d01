/* The mean of each window, channel by channel, what lies outside the image being 0. */
static void avg_pool2d(const struct window *l, const float *x, float *y)
{
    for (int i = 0; i < l->out_height; i++)
        for (int j = 0; j < l->out_width; j++)
            for (int c = 0; c < l->channels; c++) {
                float sum = 0;
                for (int p = 0; p < l->kernel[0]; p++)
                    for (int q = 0; q < l->kernel[1]; q++) {
                        const int row = i * l->stride[0] - l->padding[0] + p;
                        const int column = j * l->stride[1] - l->padding[1] + q;
                        if (row >= 0 && row < l->height && column >= 0 && column < l->width)
                            sum += x[(row * l->width + column) * l->channels + c];
                    }
                *y++ = sum / (float)(l->kernel[0] * l->kernel[1]);
            }
}
