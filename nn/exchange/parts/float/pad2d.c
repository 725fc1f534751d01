/* Zeros around an image. */
static void pad2d(const struct window *l, const float *x, float *y)
{
    for (int i = 0; i < l->out_height; i++)
        for (int j = 0; j < l->out_width; j++)
            for (int c = 0; c < l->channels; c++) {
                const int row = i - l->padding[0], column = j - l->padding[1];
                const int inside = row >= 0 && row < l->height && column >= 0 && column < l->width;
                *y++ = inside ? x[(row * l->width + column) * l->channels + c] : 0;
            }
}
