/* y = max(x, 0). */
static void relu_int8(int count, const int8_t *x, int8_t *y)
{
    for (int i = 0; i < count; i++)
        y[i] = x[i] < 0 ? 0 : x[i];
}
