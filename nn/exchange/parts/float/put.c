/* The elements of x, one after the other, along those axes of y. */
static void put(const struct axes *l, const float *x, float *y)
{
    for (int i = 0; i < l->elements; i++)
        y[place_of(l, l->a, i)] = x[i];
}
