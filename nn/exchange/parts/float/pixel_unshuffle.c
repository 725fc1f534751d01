/* A square of pixels becomes the channels of one. */
static void pixel_unshuffle(const struct window *l, const float *x, float *y)
{
    const int side = l->height / l->out_height;
    for (int i = 0; i < l->out_height; i++)
        for (int j = 0; j < l->out_width; j++)
            for (int c = 0; c < l->out_channels; c++) {
                const int row = i * side + c / side % side, column = j * side + c % side;
                *y++ = x[(row * l->width + column) * l->channels + c / (side * side)];
            }
}
