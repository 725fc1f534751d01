/* y = ln(1 + e^(beta x)) / beta. */
static void softplus(int count, float beta, const float *x, float *y)
{
    for (int i = 0; i < count; i++) {
        const float z = beta * x[i];
        y[i] = (z > 0 ? z + log1pf(expf(-z)) : log1pf(expf(z))) / beta;
    }
}
