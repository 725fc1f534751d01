/* Where row or column i, of so many, lies among those of the image, in 1 / parts of a pixel: as
   squares whose corners, or whose centres, lie on each other. */
static int place_between(int corners, int size, int out_size, int i, int *parts)
{
    const int place = corners ? i * (size - 1) : (2 * i + 1) * size - out_size;
    *parts = !corners ? 2 * out_size : out_size > 1 ? out_size - 1 : 1;
    return place > 0 ? place : 0;
}

/* Each pixel between the four around its place, the last of a row or column being its own
   neighbour. */
static void upsample_bilinear2d(const struct window *l, int corners, const float *x, float *y)
{
    for (int i = 0; i < l->out_height; i++)
        for (int j = 0; j < l->out_width; j++) {
            int rows, columns;
            const int row = place_between(corners, l->height, l->out_height, i, &rows);
            const int column = place_between(corners, l->width, l->out_width, j, &columns);
            const float down = (float)(row % rows) / (float)rows;
            const float right = (float)(column % columns) / (float)columns;
            const float *above = x + (row / rows * l->width + column / columns) * l->channels;
            const int next_row = row / rows < l->height - 1 ? l->width * l->channels : 0;
            const int next = column / columns < l->width - 1 ? l->channels : 0;
            for (int c = 0; c < l->channels; c++, above++)
                *y++ = (1 - down) * ((1 - right) * above[0] + right * above[next]) +
                       down * ((1 - right) * above[next_row] + right * above[next_row + next]);
        }
}
