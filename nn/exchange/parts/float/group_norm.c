/* Each group of neighbouring channels minus its mean, by its deviation, times weight plus bias. */
static void group_norm(int pixels, int channels, int groups, float eps, const float *weight,
                       const float *bias, const float *x, float *y)
{
    const int size = channels / groups;
    for (int first = 0; first < channels; first += size) {
        float mean = 0, variance = 0;
        for (int i = 0; i < pixels; i++)
            for (int c = first; c < first + size; c++)
                mean += x[i * channels + c] / (float)(pixels * size);
        for (int i = 0; i < pixels; i++)
            for (int c = first; c < first + size; c++) {
                const float distance = x[i * channels + c] - mean;
                variance += distance * distance / (float)(pixels * size);
            }
        for (int i = 0; i < pixels; i++)
            for (int c = first; c < first + size; c++)
                y[i * channels + c] =
                    (x[i * channels + c] - mean) / sqrtf(variance + eps) * weight[c] + bias[c];
    }
}
