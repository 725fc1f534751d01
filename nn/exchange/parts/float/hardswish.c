/* y = x (x + 3) / 6 between -3 and 3, else 0 or x. */
static void hardswish(int count, const float *x, float *y)
{
    for (int i = 0; i < count; i++)
        y[i] = x[i] < -3 ? 0 : x[i] > 3 ? x[i] : x[i] * (x[i] + 3) / 6;
}
