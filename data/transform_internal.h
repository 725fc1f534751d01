/* What the transforms share. */
#ifndef TARN_DATA_TRANSFORM_INTERNAL_H
#define TARN_DATA_TRANSFORM_INTERNAL_H

#include <stdbool.h>

#include "data/transform.h"

/* Whether low <= value <= high; if not (or NaN), reports "transform_flip: probability is 2, expects
   0 to 1". */
bool tarn__transform_check(const char *name, const char *what, double value, double low,
                           double high);
bool tarn__border_check(const char *name, tarn_border border, double fill);

/* A whole number in [0, count), as good as uniform for counts below 2^32. */
int tarn__sample_below(tarn_sample *sample, int count);

/* The sides of a random part of the picture, as tarn_transform_resized_crop() tells. False, with
   the sides of the whole picture, if ten attempts gave one that is larger than the picture. */
bool tarn__sample_part(tarn_sample *sample, double smallest, double largest, double ratio,
                       double *width, double *height);

/* Which of n places, n at least 1, stands for place i, that may lie outside; -1: it is fill. */
static inline int64_t tarn__border_place(int64_t i, int64_t n, tarn_border border)
{
    if (i >= 0 && i < n)
        return i;
    if (border == TARN_BORDER_FILL)
        return -1;
    if (border == TARN_BORDER_EDGE || n == 1)
        return i < 0 ? 0 : n - 1;
    int64_t period = 2 * (n - 1), place = i % period;
    if (place < 0)
        place += period;
    return place < n ? place : period - place;
}

/* How far the Gaussian of an elastic distortion reaches at most: 3 sigma, and sigma is at most 64.
 */
enum { TARN__RADIUS_MAX = 192 };

/* The sample, with each pixel taken from where the map says. A map that leads nowhere (not finite,
   or 2^28 pixels away) gives fill alone. */
void tarn__sample_map(tarn_sample *sample, const tarn_map *map);

/* The same, with pixel (x, y) from (x + field[2 (y width + x)], y + field[2 (y width + x) + 1]). */
void tarn__sample_displace(tarn_sample *sample, const tarn_real *field, tarn_border border,
                           tarn_real fill);

#endif
