/* y = tanh x. */
static void tanh_each(int count, const float *x, float *y)
{
    for (int i = 0; i < count; i++)
        y[i] = tanhf(x[i]);
}
