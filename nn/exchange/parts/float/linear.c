/* y = weight x + bias, weight being [outputs][inputs]. */
static void linear(int inputs, int outputs, const float *weight, const float *bias, const float *x,
                   float *y)
{
    for (int o = 0; o < outputs; o++, weight += inputs) {
        float sum = bias[o];
        for (int i = 0; i < inputs; i++)
            sum += weight[i] * x[i];
        y[o] = sum;
    }
}
