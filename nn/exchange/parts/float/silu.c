/* y = x / (1 + e^-x). */
static void silu(int count, const float *x, float *y)
{
    for (int i = 0; i < count; i++)
        y[i] = x[i] / (1 + expf(-x[i]));
}
