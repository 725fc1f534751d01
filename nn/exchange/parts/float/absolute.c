/* y = |x|. */
static void absolute(int count, const float *x, float *y)
{
    for (int i = 0; i < count; i++)
        y[i] = fabsf(x[i]);
}
