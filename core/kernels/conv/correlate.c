/*
 * The weight gradient of a convolution by tiles (core/kernels/conv/convolve.h): some (column,
 * channel) of one kernel row by some output channels, whose walk goes over the pixels of some rows
 * of sums. Or the other way round, where there are few output channels, or with the channels as
 * lanes, where each is a group of its own.
 */
#include "core/kernels/conv/convolve.h"
#include "core/kernels/conv/few_channels.h"
#include "core/kernels/tile.h"

/* As correlate_rows(). */
static void correlate_few_channels(const convolution *v, const tarn_real *image, int64_t i,
                                   int64_t rows, const tarn_real *dsum, tarn_real *sum)
{
    const tarn__conv2d *s = &v->s;
    const int64_t row_size = v->p.w * s->c, columns = row_is_contiguous(s) ? s->kw : 1;
    const walk t = {.a_row = 1,
                    .outer = rows,
                    .a_outer = s->ow * s->o,
                    .middle = 1,
                    .inner = s->ow,
                    .a_inner = s->o,
                    .b_outer = s->stride_h * row_size,
                    .b_inner = s->stride_w * s->c,
                    .c_row = MOST_COLUMNS};
    for (int64_t k = 0; k < s->kh; k++)
        for (int64_t q = 0; q < s->kw; q += columns)
            few_correlate(&t, s->o, columns * s->c, dsum,
                          image + (i * s->stride_h + k * s->dilation_h) * row_size +
                              q * s->dilation_w * s->c,
                          sum + (k * s->kw + q) * s->c * s->o);
}

void correlate_rows(const convolution *v, const tarn_real *image, int64_t i, int64_t rows,
                    const tarn_real *dsum, tarn_real *sum)
{
    const tarn__conv2d *s = &v->s;
    const padded p = v->p;
    if (v->depthwise) {
        convolve_depthwise(v, rows, true, image + i * s->stride_h * p.w * s->c, dsum, sum,
                           (destination){NULL, true, false});
        return;
    }
    if (v->few) {
        correlate_few_channels(v, image, i, rows, dsum, sum);
        return;
    }
    const int64_t c = s->c / s->groups, o = s->o / s->groups;
    const bool contiguous = row_is_contiguous(s);
    const walk t = {.a_row = 1,
                    .outer = rows,
                    .a_outer = s->stride_h * p.w * s->c,
                    .middle = 1,
                    .inner = s->ow,
                    .a_inner = s->stride_w * s->c,
                    .b_outer = s->ow * s->o,
                    .b_inner = s->o,
                    .c_row = s->o,
                    .start_row = s->o};
    for (int64_t k = 0; k < s->kh; k++)
        for (int64_t q = 0; q < (contiguous ? 1 : s->kw); q++)
            for (int64_t group = 0; group < s->groups; group++)
                for (int64_t j = group * o; j < (group + 1) * o; j += MOST_COLUMNS) {
                    const panel columns =
                        panel_of((group + 1) * o - j, contiguous ? s->kw * c : c, s->pairs);
                    int64_t row = i * s->stride_h + k * s->dilation_h;
                    tarn_real *part = sum + (k * s->kw + q) * c * s->o + j;
                    run_panel(&columns, &t,
                              image + (row * p.w + q * s->dilation_w) * s->c + group * c, dsum + j,
                              part, part);
                }
}
