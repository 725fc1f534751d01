/* y = a + b, of a residual connection. */
static void add(int count, const float *a, const float *b, float *y)
{
    for (int i = 0; i < count; i++)
        y[i] = a[i] + b[i];
}
