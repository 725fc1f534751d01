/* y = max(x, 0). */
static void relu(int count, const float *x, float *y)
{
    for (int i = 0; i < count; i++)
        y[i] = x[i] < 0 ? 0 : x[i];
}
