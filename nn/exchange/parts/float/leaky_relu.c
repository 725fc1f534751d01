/* y = x where x > 0, else slope x. */
static void leaky_relu(int count, float slope, const float *x, float *y)
{
    for (int i = 0; i < count; i++)
        y[i] = x[i] < 0 ? slope * x[i] : x[i];
}
