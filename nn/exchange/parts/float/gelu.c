/* y = x P(Z <= x), Z standard normal. */
static void gelu(int count, const float *x, float *y)
{
    for (int i = 0; i < count; i++)
        y[i] = 0.5f * x[i] * (1 + erff(0.70710678f * x[i]));
}
