/* The channels of a pixel become a square of pixels, whose numbers lie side by side in them; or, if
   inner, those of a pixel do. */
static void pixel_shuffle(const struct window *l, int inner, const float *x, float *y)
{
    const int side = l->out_height / l->height;
    for (int i = 0; i < l->out_height; i++)
        for (int j = 0; j < l->out_width; j++)
            for (int c = 0; c < l->out_channels; c++) {
                const int pixel = i / side * l->width + j / side;
                const int part = i % side * side + j % side;
                const int channel = inner ? part * l->out_channels + c : c * side * side + part;
                *y++ = x[pixel * l->channels + channel];
            }
}
