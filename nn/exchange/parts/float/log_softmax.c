/* y = the logarithm of softmax, from x minus its largest, so that nothing overflows. */
static void log_softmax(int rows, int size, const float *x, float *y)
{
    for (int i = 0; i < rows; i++, x += size, y += size) {
        float largest = x[0], sum = 0;
        for (int j = 1; j < size; j++)
            largest = x[j] > largest ? x[j] : largest;
        for (int j = 0; j < size; j++)
            sum += expf(x[j] - largest);
        for (int j = 0; j < size; j++)
            y[j] = x[j] - largest - logf(sum);
    }
}
