/* y = x, at least 0 and at most 6. */
static void relu6(int count, const float *x, float *y)
{
    for (int i = 0; i < count; i++)
        y[i] = x[i] < 0 ? 0 : x[i] > 6 ? 6 : x[i];
}
