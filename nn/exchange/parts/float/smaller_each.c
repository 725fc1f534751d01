/* The smaller of a and b, where what has one element along an axis is repeated. */
static void smaller_each(const struct axes *l, const float *a, const float *b, float *y)
{
    for (int i = 0; i < l->elements; i++) {
        const float p = a[place_of(l, l->a, i)], q = b[place_of(l, l->b, i)];
        y[i] = p < q || p != p ? p : q;
    }
}
