/* y = a / b, where what has one element along an axis is repeated. */
static void div_each(const struct axes *l, const float *a, const float *b, float *y)
{
    for (int i = 0; i < l->elements; i++)
        y[i] = a[place_of(l, l->a, i)] / b[place_of(l, l->b, i)];
}
