/* How one walks through an array along its axes, the outermost first: how many elements each has,
   and how far neighbours are apart in one array that is read or written and in another. */
struct axes {
    int elements, count, size[8], a[8], b[8];
};

/* Where element i is in an array whose neighbours are so far apart. */
static int place_of(const struct axes *l, const int *apart, int i)
{
    int place = 0;
    for (int k = l->count - 1; k >= 0; k--) {
        place += i % l->size[k] * apart[k];
        i /= l->size[k];
    }
    return place;
}
