/* Each row by the root of its mean square, then times weight, which may be 0. */
static void rms_norm(int rows, int size, float eps, const float *weight, const float *x, float *y)
{
    for (int i = 0; i < rows; i++, x += size, y += size) {
        float squares = 0;
        for (int j = 0; j < size; j++)
            squares += x[j] * x[j] / (float)size;
        for (int j = 0; j < size; j++)
            y[j] = x[j] / sqrtf(squares + eps) * (weight ? weight[j] : 1);
    }
}
