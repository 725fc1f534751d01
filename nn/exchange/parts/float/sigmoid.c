/* y = 1 / (1 + e^-x). */
static void sigmoid(int count, const float *x, float *y)
{
    for (int i = 0; i < count; i++)
        y[i] = 1 / (1 + expf(-x[i]));
}
