/* Each pixel many times. */
static void upsample_nearest2d(const struct window *l, const float *x, float *y)
{
    for (int i = 0; i < l->out_height; i++)
        for (int j = 0; j < l->out_width; j++)
            for (int c = 0; c < l->channels; c++) {
                const int row = i * l->height / l->out_height;
                const int column = j * l->width / l->out_width;
                *y++ = x[(row * l->width + column) * l->channels + c];
            }
}
