/* y = factor x. */
static void scale(int count, float factor, const float *x, float *y)
{
    for (int i = 0; i < count; i++)
        y[i] = factor * x[i];
}
