/* The sum of a residual connection: how many numbers, what each summand is to be multiplied by /
   2^shift, which numbers stand for 0, and what the sum may not be below. */
struct sum_int8 {
    int count;
    int32_t of_a, of_b;
    int shift, a_zero, b_zero, out_zero, least;
};

/* y = a + b. */
static void add_int8(const struct sum_int8 *l, const int8_t *a, const int8_t *b, int8_t *y)
{
    const int64_t half = (int64_t)1 << (l->shift - 1);
    for (int i = 0; i < l->count; i++) {
        const int64_t sum =
            (int64_t)l->of_a * (a[i] - l->a_zero) + (int64_t)l->of_b * (b[i] - l->b_zero);
        const int64_t scaled = sum >= 0 ? (sum + half) >> l->shift : -((half - sum) >> l->shift);
        const int64_t value = scaled + l->out_zero;
        y[i] = (int8_t)(value > 127 ? 127 : value < l->least ? l->least : value);
    }
}
