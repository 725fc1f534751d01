/* For each element of the axes that are kept the sum over the others, divided by a number. */
static void reduce(const struct axes *kept, const struct axes *over, float by, const float *x,
                   float *y)
{
    for (int i = 0; i < kept->elements; i++) {
        const float *first = x + place_of(kept, kept->a, i);
        float sum = 0;
        for (int k = 0; k < over->elements; k++)
            sum += first[place_of(over, over->a, k)];
        y[i] = sum / by;
    }
}
