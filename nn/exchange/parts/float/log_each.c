/* y = the natural logarithm of x. */
static void log_each(int count, const float *x, float *y)
{
    for (int i = 0; i < count; i++)
        y[i] = logf(x[i]);
}
