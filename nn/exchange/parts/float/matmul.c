/* The product of matrices [rows][inner] and [inner][columns], for each element of those axes. */
static void matmul(const struct axes *l, int rows, int inner, int columns, const float *a,
                   const float *b, float *y)
{
    for (int i = 0; i < l->elements; i++) {
        const float *p = a + place_of(l, l->a, i);
        for (int row = 0; row < rows; row++, p += inner)
            for (int column = 0; column < columns; column++) {
                const float *q = b + place_of(l, l->b, i) + column;
                float sum = 0;
                for (int k = 0; k < inner; k++, q += columns)
                    sum += p[k] * *q;
                *y++ = sum;
            }
    }
}
