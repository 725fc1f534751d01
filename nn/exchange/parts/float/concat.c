/* Each row of x, and behind it that of other: x is [rows][a], other [rows][b], y [rows][a + b]. */
static void concat(int rows, int a, int b, const float *other, const float *x, float *y)
{
    for (int i = 0; i < rows; i++) {
        for (int j = 0; j < a; j++)
            *y++ = *x++;
        for (int j = 0; j < b; j++)
            *y++ = *other++;
    }
}
