/* Each row minus its mean, by its deviation, then times weight plus bias. */
static void layer_norm(int rows, int size, float eps, const float *weight, const float *bias,
                       const float *x, float *y)
{
    for (int i = 0; i < rows; i++, x += size, y += size) {
        float mean = 0, variance = 0;
        for (int j = 0; j < size; j++)
            mean += x[j] / (float)size;
        for (int j = 0; j < size; j++)
            variance += (x[j] - mean) * (x[j] - mean) / (float)size;
        for (int j = 0; j < size; j++)
            y[j] = (x[j] - mean) / sqrtf(variance + eps) * weight[j] + bias[j];
    }
}
