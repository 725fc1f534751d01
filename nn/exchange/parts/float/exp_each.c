/* y = e^x. */
static void exp_each(int count, const float *x, float *y)
{
    for (int i = 0; i < count; i++)
        y[i] = expf(x[i]);
}
