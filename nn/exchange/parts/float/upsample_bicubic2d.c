/* The weights of the four rows, or columns, around where one of the result lies, by cubic
   convolution (Keys 1981); the first of the four is returned. Where the result is smooth, those
   outside of the image do not count. */
static int cubic_weights(int corners, int smooth, int size, int out_size, int i, float *weight)
{
    const int place = corners ? i * (size - 1) : (2 * i + 1) * size - out_size;
    const int parts = !corners ? 2 * out_size : out_size > 1 ? out_size - 1 : 1;
    const int row = (place + parts) / parts - 1;
    const float q = smooth ? -0.5f : -0.75f, behind = (float)(place - row * parts) / (float)parts;
    float sum = 0;
    for (int k = 0; k < 4; k++) {
        const float d = k < 2 ? behind + 1 - (float)k : (float)k - 1 - behind;
        const int counts = !smooth || (row + k >= 1 && row + k <= size);
        weight[k] =
            d < 1 ? ((q + 2) * d - (q + 3)) * d * d + 1 : ((q * d - 5 * q) * d + 8 * q) * d - 4 * q;
        weight[k] = counts ? weight[k] : 0;
        sum += weight[k];
    }
    for (int k = 0; k < 4; k++)
        weight[k] = smooth ? weight[k] / sum : weight[k];
    return row - 1;
}

/* Each pixel from sixteen around its place; those outside of the image are as the outermost. */
static void upsample_bicubic2d(const struct window *l, int corners, int smooth, const float *x,
                               float *y)
{
    for (int i = 0; i < l->out_height; i++)
        for (int j = 0; j < l->out_width; j++) {
            float down[4], right[4];
            const int row = cubic_weights(corners, smooth, l->height, l->out_height, i, down);
            const int column = cubic_weights(corners, smooth, l->width, l->out_width, j, right);
            for (int c = 0; c < l->channels; c++, y++) {
                *y = 0;
                for (int k = 0; k < 16; k++) {
                    const int p = row + k / 4, q = column + k % 4;
                    const int h = p < 0 ? 0 : p < l->height ? p : l->height - 1;
                    const int w = q < 0 ? 0 : q < l->width ? q : l->width - 1;
                    *y += down[k / 4] * right[k % 4] * x[(h * l->width + w) * l->channels + c];
                }
            }
        }
}
