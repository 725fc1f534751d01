/* y = lambda x where x > 0, else lambda alpha (e^x - 1). */
static void selu(int count, const float *x, float *y)
{
    for (int i = 0; i < count; i++)
        y[i] = 1.05070098f * (x[i] > 0 ? x[i] : 1.67326324f * expm1f(x[i]));
}
