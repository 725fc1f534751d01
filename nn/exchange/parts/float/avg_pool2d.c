/* How many pixels of a window count along an axis on which the image has so many, and so many
   around them count. */
static int count_of(int first, int kernel, int size, int around)
{
    const int end = first + kernel < size + around ? first + kernel : size + around;
    return end - (first > -around ? first : -around);
}

/* The mean of each window, channel by channel, what lies outside the image being 0. */
static void avg_pool2d(const struct window *l, const float *x, float *y)
{
    for (int i = 0; i < l->out_height; i++)
        for (int j = 0; j < l->out_width; j++)
            for (int c = 0; c < l->channels; c++) {
                const int top = i * l->stride[0] - l->padding[0];
                const int left = j * l->stride[1] - l->padding[1];
                float sum = 0;
                for (int row = top; row < top + l->kernel[0]; row++)
                    for (int column = left; column < left + l->kernel[1]; column++)
                        if (row >= 0 && row < l->height && column >= 0 && column < l->width)
                            sum += x[(row * l->width + column) * l->channels + c];
                *y++ = sum / (float)(count_of(top, l->kernel[0], l->height, l->counted[0]) *
                                     count_of(left, l->kernel[1], l->width, l->counted[1]));
            }
}
