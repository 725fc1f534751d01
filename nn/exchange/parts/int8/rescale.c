/* zero + sum times multiplier / 2^shift, rounded, and cut to what 8 bits hold. */
static int8_t rescale(int32_t sum, int32_t multiplier, int shift, int zero)
{
    const int64_t product = (int64_t)sum * multiplier, half = (int64_t)1 << (shift - 1);
    const int64_t scaled = product >= 0 ? (product + half) >> shift : -((half - product) >> shift);
    const int64_t value = scaled + zero;
    return (int8_t)(value > 127 ? 127 : value < -128 ? -128 : value);
}
