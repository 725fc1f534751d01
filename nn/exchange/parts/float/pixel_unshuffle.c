/* A square of pixels becomes the channels of one, its numbers side by side; or, if inner, those of
   each pixel. */
static void pixel_unshuffle(const struct window *l, int inner, const float *x, float *y)
{
    const int side = l->height / l->out_height, area = side * side;
    for (int i = 0; i < l->out_height; i++)
        for (int j = 0; j < l->out_width; j++)
            for (int c = 0; c < l->out_channels; c++) {
                const int part = inner ? c / l->channels : c % area;
                const int row = i * side + part / side, column = j * side + part % side;
                const int channel = inner ? c % l->channels : c / area;
                *y++ = x[(row * l->width + column) * l->channels + channel];
            }
}
