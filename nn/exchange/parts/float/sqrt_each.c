/* y = the root of x. */
static void sqrt_each(int count, const float *x, float *y)
{
    for (int i = 0; i < count; i++)
        y[i] = sqrtf(x[i]);
}
