#include "core/kernels/conv/winograd.h"

/* B^T d for a column d of four. */
ALWAYS_INLINE void transform_pixels(const vector *d, vector *v, int v_step)
{
    v[0] = d[0] - d[2];
    v[v_step] = d[1] + d[2];
    v[2 * v_step] = d[2] - d[1];
    v[3 * v_step] = d[1] - d[3];
}

/* Four pixels of a column from `pixel` on as B^T d, to every fourth of v. Those of which the bit is
   not set are outside, and 0. */
ALWAYS_INLINE void load_column(const tarn_real *pixel, int64_t row_size, unsigned inside, vector *v)
{
    vector d[4];
    if (inside == 15) {
        UNROLLED_FOR (int i = 0; i < 4; i++)
            d[i] = load(pixel + i * row_size);
    } else {
        UNROLLED_FOR (int i = 0; i < 4; i++)
            d[i] = inside >> i & 1 ? load(pixel + i * row_size) : broadcast(0);
    }
    transform_pixels(d, v, 4);
}

/* The four rows from `top` on that are in the image: a bit each. */
static inline unsigned rows_inside(padded p, int64_t top)
{
    unsigned inside = 0;
    for (int k = 0; k < 4; k++)
        inside |= (unsigned)(top + k >= 0 && top + k < p.from_h) << k;
    return inside;
}

/* A patch has two columns in common with the one before, which stay in registers; those below that
   the next row of patches reads are asked for. All addresses are steps from one to the next: as
   products they took more registers than there are. */
void winograd_load(const winograd *w, padded p, const tarn_real *image, int64_t i, int64_t j,
                   int64_t count, int64_t patches, int64_t patch)
{
    const int64_t top = i - p.top, row_size = p.from_w * w->c;
    const int64_t c = whole_vectors(w->c), next = winograd_matrix(patches, w->c);
    const unsigned inside = rows_inside(p, top);
    for (int64_t first = 0; first < w->c; first += LANES) {
        int64_t column = j - p.left;
        const tarn_real *pixel = image + top * row_size + column * w->c + first;
        tarn_real *to = w->pixels + patch * c + first;
        vector d[16]; /* B^T d of four columns; the first two are those of the patch before */
        for (int64_t k = -1; k < count; k++) {
            UNROLLED_FOR (int side = 2; side < 4; side++) {
                load_column(pixel, row_size, column >= 0 && column < p.from_w ? inside : 0,
                            d + side);
                __builtin_prefetch(pixel + 4 * row_size);
                __builtin_prefetch(pixel + 5 * row_size);
                pixel += w->c;
                column++;
            }
            tarn_real *at = to + k * c;
            UNROLLED_FOR (int row = 0; row < 4; row++) {
                vector *four = d + 4 * row, v[4];
                if (k >= 0) {
                    transform_pixels(four, v, 1);
                    UNROLLED_FOR (int m = 0; m < 4; m++) {
                        store(at, v[m]);
                        at += next;
                    }
                }
                four[0] = four[2];
                four[1] = four[3];
            }
        }
    }
}
