/* The row of the table that each number names; outside the table the nearest row. */
static void embedding(int count, int rows, int size, const float *weight, const float *x, float *y)
{
    for (int i = 0; i < count; i++) {
        const int row = x[i] > 0 ? x[i] < (float)rows ? (int)x[i] : rows - 1 : 0;
        for (int j = 0; j < size; j++)
            *y++ = weight[row * size + j];
    }
}
