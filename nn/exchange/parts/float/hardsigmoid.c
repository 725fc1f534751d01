/* y = (x + 3) / 6, at least 0 and at most 1. */
static void hardsigmoid(int count, const float *x, float *y)
{
    for (int i = 0; i < count; i++)
        y[i] = x[i] < -3 ? 0 : x[i] > 3 ? 1 : (x[i] + 3) / 6;
}
