/* y = value. */
static void fill(int count, float value, float *y)
{
    for (int i = 0; i < count; i++)
        y[i] = value;
}
