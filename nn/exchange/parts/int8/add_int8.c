/* y = a + b, of a residual connection, each with a multiplier / 2^shift, and not below least. */
static void add_int8(int count, int8_t least, int32_t of_a, int32_t of_b, int shift,
                     const int8_t *a, const int8_t *b, int8_t *y)
{
    const int64_t half = (int64_t)1 << (shift - 1);
    for (int i = 0; i < count; i++) {
        const int64_t sum = (int64_t)of_a * a[i] + (int64_t)of_b * b[i];
        const int64_t value = sum >= 0 ? (sum + half) >> shift : -((half - sum) >> shift);
        y[i] = (int8_t)(value > 127 ? 127 : value < least ? least : value);
    }
}
