/* y = x / (1 + |x|). */
static void softsign(int count, const float *x, float *y)
{
    for (int i = 0; i < count; i++)
        y[i] = x[i] / (1 + (x[i] < 0 ? -x[i] : x[i]));
}
