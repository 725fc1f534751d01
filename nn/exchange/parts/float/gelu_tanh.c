/* y = x (1 + tanh(sqrt(2 / pi) (x + 0.044715 x^3))) / 2. */
static void gelu_tanh(int count, const float *x, float *y)
{
    for (int i = 0; i < count; i++)
        y[i] = 0.5f * x[i] * (1 + tanhf(0.79788456f * x[i] * (1 + 0.044715f * x[i] * x[i])));
}
