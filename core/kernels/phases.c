#include "core/kernels/phases.h"

#include "core/base/pool.h"

/* The rows of a phase, or its columns. */
typedef struct axis {
    int64_t pixels, taps;
    int64_t last, apart; /* the last of the taps, and from one to the next */
    int64_t before;      /* taps of the phases before */
    int64_t from;        /* where in the padded gradient the first pixel reads, by the last tap */
} axis;

static int64_t common_divisor(int64_t a, int64_t b)
{
    while (b != 0) {
        const int64_t rest = a % b;
        a = b;
        b = rest;
    }
    return a;
}

/* The first row that tap p meets, perhaps of a larger input. */
static int64_t first_row(tarn__conv2d_axis s, int64_t p)
{
    const int64_t row = (p * s.dilation - s.padding) % s.stride;
    return row < 0 ? row + s.stride : row;
}

static axis axis_of(tarn__conv2d_axis s, int64_t first)
{
    axis a = {.pixels = (s.size - first + s.stride - 1) / s.stride,
              .apart = s.stride / common_divisor(s.stride, s.dilation)};
    for (int64_t p = 0; p < s.kernel; p++) {
        const int64_t row = first_row(s, p);
        a.before += row < first;
        a.taps += row == first;
        a.last = row == first ? p : a.last;
    }
    a.from = (first + s.padding - a.last * s.dilation) / s.stride + tarn__padding_of_gradient(s);
    return a;
}

/* Counted in taps: behind all those of the rows before, and those of the columns before in the same
   rows. */
static int64_t place_of_phase(const tarn__conv2d *s, const axis *rows, const axis *columns)
{
    return rows->before * s->kw + rows->taps * columns->before;
}

tarn__phase tarn__phase_of(const tarn__conv2d *s, int64_t row, int64_t column)
{
    const axis rows = axis_of(tarn__rows_of(s), row);
    const axis columns = axis_of(tarn__columns_of(s), column);
    return (tarn__phase){
        .h = rows.pixels,
        .w = columns.pixels,
        .kh = rows.taps,
        .kw = columns.taps,
        .dilation_h = rows.apart * s->dilation_h / s->stride_h,
        .dilation_w = columns.apart * s->dilation_w / s->stride_w,
        .row = rows.from,
        .column = columns.from,
        .weights = place_of_phase(s, &rows, &columns) * (s->o / s->groups) * s->c,
    };
}

bool tarn__has_empty_phases(const tarn__conv2d *s)
{
    return s->kh < s->stride_h || s->kw < s->stride_w ||
           common_divisor(s->stride_h, s->dilation_h) > 1 ||
           common_divisor(s->stride_w, s->dilation_w) > 1;
}

int64_t tarn__padding_of_gradient(tarn__conv2d_axis s)
{
    return (s.kernel - 1) * s.dilation / s.stride - s.padding / s.stride;
}

static int64_t place_of_tap(const tarn__conv2d *s, int64_t p, int64_t q)
{
    if (s->stride_h == 1 && s->stride_w == 1)
        return s->kh * s->kw - 1 - (p * s->kw + q); /* the only phase, turned by 180 degrees */
    const tarn__conv2d_axis h = tarn__rows_of(s), w = tarn__columns_of(s);
    const axis rows = axis_of(h, first_row(h, p)), columns = axis_of(w, first_row(w, q));
    return place_of_phase(s, &rows, &columns) + (rows.last - p) / rows.apart * columns.taps +
           (columns.last - q) / columns.apart;
}

typedef struct job {
    const tarn__conv2d *s;
    const tarn_real *weight;
    tarn_real *to;
} job;

static void turn_taps(const void *context, int64_t first, int64_t end)
{
    const job *j = context;
    const tarn__conv2d *s = j->s;
    const int64_t c_of_group = s->c / s->groups, o_of_group = s->o / s->groups;
    for (int64_t pq = first; pq < end; pq++) {
        tarn_real *at = j->to + place_of_tap(s, pq / s->kw, pq % s->kw) * o_of_group * s->c;
        for (int64_t o = 0; o < o_of_group; o++)
            for (int64_t group = 0; group < s->groups; group++) {
                const tarn_real *from = j->weight + pq * c_of_group * s->o + group * o_of_group + o;
                for (int64_t c = 0; c < c_of_group; c++)
                    *at++ = from[c * s->o];
            }
    }
}

void tarn__turn_weight(const tarn__conv2d *s, const tarn_real *weight, tarn_real *to)
{
    const int64_t taps = s->kh * s->kw;
    tarn__share(taps, taps * (s->c / s->groups) * s->o, turn_taps, &(job){s, weight, to});
}
