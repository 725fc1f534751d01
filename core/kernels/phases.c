#include "core/kernels/phases.h"

static int64_t common_divisor(int64_t a, int64_t b)
{
    while (b != 0) {
        const int64_t rest = a % b;
        a = b;
        b = rest;
    }
    return a;
}

/* Which phase tap p belongs to, by its first row. */
static int64_t phase_of_tap(const tarn__conv2d *s, int64_t p)
{
    const int64_t row = (p * s->dilation - s->padding) % s->stride;
    return row < 0 ? row + s->stride : row;
}

tarn__phase tarn__phase_of(const tarn__conv2d *s, int64_t rows, int64_t kernel, int64_t first)
{
    tarn__phase f = {.rows = (rows - first + s->stride - 1) / s->stride,
                     .apart = s->stride / common_divisor(s->stride, s->dilation)};
    for (int64_t p = 0; p < kernel; p++) {
        const int64_t row = phase_of_tap(s, p);
        f.before += row < first;
        f.taps += row == first;
        f.last = row == first ? p : f.last;
    }
    f.from = (first + s->padding - f.last * s->dilation) / s->stride +
             tarn__padding_of_gradient(s, kernel);
    return f;
}

bool tarn__has_empty_phases(const tarn__conv2d *s)
{
    return s->kh < s->stride || s->kw < s->stride || common_divisor(s->stride, s->dilation) > 1;
}

int64_t tarn__padding_of_gradient(const tarn__conv2d *s, int64_t kernel)
{
    return (kernel - 1) * s->dilation / s->stride - s->padding / s->stride;
}

/* Behind all taps of the rows before, and those of the same rows and the columns before. */
int64_t tarn__place_of_phase(const tarn__conv2d *s, const tarn__phase *rows,
                             const tarn__phase *columns)
{
    return rows->before * s->kw + rows->taps * columns->before;
}

static int64_t place_of_tap(const tarn__conv2d *s, int64_t p, int64_t q)
{
    const tarn__phase rows = tarn__phase_of(s, s->h, s->kh, phase_of_tap(s, p));
    const tarn__phase columns = tarn__phase_of(s, s->w, s->kw, phase_of_tap(s, q));
    return tarn__place_of_phase(s, &rows, &columns) + (rows.last - p) / rows.apart * columns.taps +
           (columns.last - q) / columns.apart;
}

void tarn__turn_weight(const tarn__conv2d *s, const tarn_real *weight, tarn_real *to)
{
    const int64_t c_of_group = s->c / s->groups, o_of_group = s->o / s->groups;
#pragma omp for schedule(static)
    for (int64_t pq = 0; pq < s->kh * s->kw; pq++) {
        tarn_real *at = to + place_of_tap(s, pq / s->kw, pq % s->kw) * o_of_group * s->c;
        for (int64_t o = 0; o < o_of_group; o++)
            for (int64_t group = 0; group < s->groups; group++) {
                const tarn_real *from = weight + pq * c_of_group * s->o + group * o_of_group + o;
                for (int64_t c = 0; c < c_of_group; c++)
                    *at++ = from[c * s->o];
            }
    }
}
