/* The largest of out_height x out_width windows that cover the image, channel by channel. */
static void adaptive_max_pool2d(const struct window *l, const float *x, float *y)
{
    for (int i = 0; i < l->out_height; i++)
        for (int j = 0; j < l->out_width; j++)
            for (int c = 0; c < l->channels; c++, y++) {
                const int top = i * l->height / l->out_height;
                const int bottom = ((i + 1) * l->height + l->out_height - 1) / l->out_height;
                const int left = j * l->width / l->out_width;
                const int right = ((j + 1) * l->width + l->out_width - 1) / l->out_width;
                *y = x[(top * l->width + left) * l->channels + c];
                for (int row = top; row < bottom; row++)
                    for (int column = left; column < right; column++) {
                        const float value = x[(row * l->width + column) * l->channels + c];
                        *y = value > *y || value != value ? value : *y;
                    }
            }
}
