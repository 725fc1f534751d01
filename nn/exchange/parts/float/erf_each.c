/* y = the error function of x. */
static void erf_each(int count, const float *x, float *y)
{
    for (int i = 0; i < count; i++)
        y[i] = erff(x[i]);
}
