/* The row or column, of so many, that stands for one outside: by mode -1 for a zero, the one seen
   in a mirror, the last, or the one at the other end. */
static int inside(int mode, int size, int at)
{
    if (at >= 0 && at < size)
        return at;
    if (mode == 0)
        return -1;
    if (mode == 1)
        return at < 0 ? -at : 2 * (size - 1) - at;
    if (mode == 2)
        return at < 0 ? 0 : size - 1;
    return at < 0 ? at + size : at - size;
}
