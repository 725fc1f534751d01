/* Each number by the squares of the so many around it in its row. */
static void local_response_norm(int rows, int size, int around, float alpha, float beta, float k,
                                const float *x, float *y)
{
    for (int i = 0; i < rows; i++, x += size)
        for (int j = 0; j < size; j++) {
            float squares = 0;
            for (int n = j - around / 2; n < j - around / 2 + around; n++)
                squares += n >= 0 && n < size ? x[n] * x[n] : 0;
            *y++ = x[j] * powf(k + alpha / (float)around * squares, -beta);
        }
}
