/* For each element of the axes that are kept the smallest over the others. */
static void smallest(const struct axes *kept, const struct axes *over, const float *x, float *y)
{
    for (int i = 0; i < kept->elements; i++) {
        const float *first = x + place_of(kept, kept->a, i);
        y[i] = *first;
        for (int k = 1; k < over->elements; k++) {
            const float value = first[place_of(over, over->a, k)];
            y[i] = value < y[i] || value != value ? value : y[i];
        }
    }
}
