#include "core/kernels/conv/winograd.h"

enum { ALL_INSIDE = (1 << PATCH_PIXELS) - 1 };

/* Six pixels of a column from `pixel` on as B^T d, to every sixth of v. Those of which the bit is
   not set are outside, and 0. */
ALWAYS_INLINE void load_column(const tarn_real *pixel, int64_t row_size, unsigned inside, vector *v)
{
    vector d[PATCH_PIXELS];
    if (inside == ALL_INSIDE) {
        UNROLLED_FOR (int i = 0; i < PATCH_PIXELS; i++)
            d[i] = load(pixel + i * row_size);
    } else {
        UNROLLED_FOR (int i = 0; i < PATCH_PIXELS; i++)
            d[i] = inside >> i & 1 ? load(pixel + i * row_size) : broadcast(0);
    }
    transform_pixels(d, 1, v, PATCH_PIXELS);
}

/* The rows from `top` on that are in the image: a bit each. */
static inline unsigned rows_inside(padded p, int64_t top)
{
    unsigned inside = 0;
    for (int k = 0; k < PATCH_PIXELS; k++)
        inside |= (unsigned)(top + k >= 0 && top + k < p.from_h) << k;
    return inside;
}

/* The rows that the next row of patches reads are asked for. All addresses are steps from one to
   the next: as products they took more registers than there are. */
void winograd_load(const winograd *w, int64_t i, int64_t j, int64_t count, int64_t patches,
                   int64_t patch)
{
    const padded p = w->p;
    const int64_t top = i - p.top, row_size = p.from_w * w->c;
    const int64_t c = whole_vectors(w->c), next = winograd_matrix(patches, w->c);
    const unsigned inside = rows_inside(p, top);
    for (int64_t first = 0; first < w->c; first += LANES) {
        int64_t column = j - p.left;
        const tarn_real *pixel = w->image + top * row_size + column * w->c + first;
        tarn_real *to = w->pixels + patch * c + first;
        for (int64_t k = 0; k < count; k++) {
            vector d[PATCH_ELEMENTS];
            for (int side = 0; side < PATCH_PIXELS; side++) {
                load_column(pixel + side * w->c, row_size,
                            column + side >= 0 && column + side < p.from_w ? inside : 0, d + side);
                if (side < PATCH_SUMS)
                    UNROLLED_FOR (int row = PATCH_PIXELS; row < PATCH_PIXELS + PATCH_SUMS; row++)
                        __builtin_prefetch(pixel + side * w->c + row * row_size);
            }
            tarn_real *at = to + k * c;
            for (int row = 0; row < PATCH_PIXELS; row++) {
                vector v[PATCH_PIXELS];
                transform_pixels(d + PATCH_PIXELS * row, 1, v, 1);
                UNROLLED_FOR (int m = 0; m < PATCH_PIXELS; m++) {
                    store(at, v[m]);
                    at += next;
                }
            }
            pixel += PATCH_SUMS * w->c;
            column += PATCH_SUMS;
        }
    }
}

/* sum += the products of a pixel, of all channels, at a tap, and its weights. */
static vector add_pixel(const winograd *w, const tarn_real *pixel, const tarn_real *weight,
                        vector sum)
{
    for (int64_t k = 0; k < w->c; k++)
        sum += pixel[k] * load(weight + k * w->o);
    return sum;
}

void winograd_sums_directly(const winograd *w, int64_t i, int64_t j, int64_t o, vector *y)
{
    const padded p = w->p;
    const int64_t taps = w->taps, sums = PATCH_PIXELS + 1 - taps;
    for (int64_t k = 0; k < sums * sums; k++) {
        y[k] = (vector){0};
        for (int64_t tap = 0; tap < taps * taps; tap++) {
            const int64_t row = i + k / sums + tap / taps - p.top;
            const int64_t column = j + k % sums + tap % taps - p.left;
            if (row >= 0 && row < p.from_h && column >= 0 && column < p.from_w)
                y[k] = add_pixel(w, w->image + (row * p.from_w + column) * w->c,
                                 w->weights + tap * w->c * w->o + o, y[k]);
        }
    }
}
