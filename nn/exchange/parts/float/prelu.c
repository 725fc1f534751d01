/* y = x where x > 0, else the channel's slope times x. */
static void prelu(int rows, int channels, const float *slope, const float *x, float *y)
{
    for (int i = 0; i < rows * channels; i++)
        y[i] = x[i] < 0 ? slope[i % channels] * x[i] : x[i];
}
