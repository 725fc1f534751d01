/* The elements of x along those axes, one after the other. */
static void pick(const struct axes *l, const float *x, float *y)
{
    for (int i = 0; i < l->elements; i++)
        y[i] = x[place_of(l, l->a, i)];
}
