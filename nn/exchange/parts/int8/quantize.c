/* y = x / scale + zero, rounded and cut to what 8 bits hold: x is about scale (y - zero). */
static void quantize(int count, float scale, int zero, const float *x, int8_t *y)
{
    for (int i = 0; i < count; i++) {
        const float value = x[i] / scale + (float)zero;
        if (value >= 127)
            y[i] = 127;
        else if (value > -128)
            y[i] = (int8_t)(value < 0 ? value - 0.5f : value + 0.5f);
        else
            y[i] = -128;
    }
}
