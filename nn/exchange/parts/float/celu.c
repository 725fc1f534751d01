/* y = x where x > 0, else alpha (e^(x / alpha) - 1). */
static void celu(int count, float alpha, const float *x, float *y)
{
    for (int i = 0; i < count; i++)
        y[i] = x[i] < 0 ? alpha * expm1f(x[i] / alpha) : x[i];
}
