/* y = x^exponent. */
static void power(int count, float exponent, const float *x, float *y)
{
    for (int i = 0; i < count; i++)
        y[i] = powf(x[i], exponent);
}
