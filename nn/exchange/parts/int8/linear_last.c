/* The last linear layer, which gives ordinary numbers: each sum times the scale of its output. */
static void linear_last(int inputs, int outputs, const int8_t *weight, const int32_t *bias,
                        const float *scale, const int8_t *x, float *y)
{
    for (int o = 0; o < outputs; o++, weight += inputs) {
        int32_t sum = bias[o];
        for (int i = 0; i < inputs; i++)
            sum += weight[i] * x[i];
        y[o] = scale[o] * (float)sum;
    }
}
