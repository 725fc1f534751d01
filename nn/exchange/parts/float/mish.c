/* y = x tanh(ln(1 + e^x)). */
static void mish(int count, const float *x, float *y)
{
    for (int i = 0; i < count; i++)
        y[i] = x[i] * tanhf(x[i] > 0 ? x[i] + log1pf(expf(-x[i])) : log1pf(expf(x[i])));
}
