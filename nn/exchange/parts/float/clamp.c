/* y = x, at least low and at most high. */
static void clamp(int count, float low, float high, const float *x, float *y)
{
    for (int i = 0; i < count; i++)
        y[i] = x[i] < low ? low : x[i] > high ? high : x[i];
}
