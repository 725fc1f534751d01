/* More pixels around an image: of that value, or by another mode those that inside() names. */
static void pad2d(const struct window *l, float value, const float *x, float *y)
{
    for (int i = 0; i < l->out_height; i++)
        for (int j = 0; j < l->out_width; j++)
            for (int c = 0; c < l->channels; c++) {
                const int row = inside(l->mode, l->height, i - l->padding[0]);
                const int column = inside(l->mode, l->width, j - l->padding[1]);
                const int there = row >= 0 && column >= 0;
                *y++ = there ? x[(row * l->width + column) * l->channels + c] : value;
            }
}
