/* y = max(x, 0), zero being the number that stands for 0. */
static void relu_int8(int count, int8_t zero, const int8_t *x, int8_t *y)
{
    for (int i = 0; i < count; i++)
        y[i] = x[i] < zero ? zero : x[i];
}
