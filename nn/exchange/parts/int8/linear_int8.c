/* y = weight x + bias, weight being [outputs][inputs]; sums times multiplier / 2^shift, and zero.
 */
static void linear_int8(int inputs, int outputs, const int8_t *weight, const int32_t *bias,
                        const int32_t *multiplier, int shift, int zero, const int8_t *x, int8_t *y)
{
    for (int o = 0; o < outputs; o++, weight += inputs) {
        int32_t sum = bias[o];
        for (int i = 0; i < inputs; i++)
            sum += weight[i] * x[i];
        y[o] = rescale(sum, multiplier[o], shift, zero);
    }
}
