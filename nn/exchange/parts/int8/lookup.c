/* y = table[x + 128], any function of one number. */
static void lookup(int count, const int8_t *table, const int8_t *x, int8_t *y)
{
    for (int i = 0; i < count; i++)
        y[i] = table[x[i] + 128];
}
