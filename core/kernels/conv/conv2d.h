/* What the convolution's files share: images with real padding, and the cutting up of a workspace.
 */
#ifndef TARN_CORE_KERNELS_CONV_CONV2D_H
#define TARN_CORE_KERNELS_CONV_CONV2D_H

#include "core/base/memory.h"
#include "core/kernels/isa.h"
#include "core/kernels/vector.h"

/* Hands out the parts of a workspace. Over none it only counts, so that one function both measures
   and divides. */
typedef struct cutter {
    char *from;
    size_t used;
} cutter;

static inline void *cut(cutter *c, size_t bytes)
{
    void *part = c->from ? c->from + c->used : NULL;
    c->used += (bytes + TARN__SLACK + 63) / 64 * 64;
    return part;
}

static inline tarn_real *cut_numbers(cutter *c, int64_t count)
{
    return cut(c, (size_t)count * sizeof(tarn_real));
}

/* How an image is read, and copied for the tiles so that no loop asks whether it is inside: pixel
   (i,j) goes to (i + top, j + left) of an image of h x w that is 0 elsewhere. */
typedef struct padded {
    int64_t from_h, from_w, c;
    int64_t top, left;
    int64_t h, w;
} padded;

static inline bool is_in_place(padded p)
{
    return p.h == p.from_h && p.w == p.from_w && p.top == 0 && p.left == 0;
}

static inline void clear_pixels(padded p, int64_t pixels, tarn_real *to)
{
    memset(to, 0, (size_t)(pixels * p.c) * sizeof *to);
}

/* Row h of the padded image: of the image where one comes to lie there, with zeros around, else
   zeros. Pixels that would come to lie outside are left out: so they do where the padding of a
   convolution exceeds its kernel. */
static inline void copy_padded_row(padded p, const tarn_real *from, int64_t h, tarn_real *to)
{
    const int64_t i = h - p.top, first = p.left > 0 ? p.left : 0;
    const int64_t end = smaller(p.left + p.from_w, p.w);
    if (i < 0 || i >= p.from_h || first >= end) {
        clear_pixels(p, p.w, to);
        return;
    }
    clear_pixels(p, first, to);
    memcpy(to + first * p.c, from + (i * p.from_w + first - p.left) * p.c,
           (size_t)((end - first) * p.c) * sizeof *to);
    clear_pixels(p, p.w - end, to + end * p.c);
}

/* Copies rows [first, first + rows) of the padded image. */
static __attribute__((noinline)) void copy_padded(padded p, const tarn_real *from, int64_t first,
                                                  int64_t rows, tarn_real *to)
{
    for (int64_t h = first; h < first + rows; h++)
        copy_padded_row(p, from, h, to + (h - first) * p.w * p.c);
}

/* Rows [first, first + rows) of an image as the tiles can read them: in place if there is nothing
   to pad, else copied to the buffer. */
static inline const tarn_real *padded_rows(padded p, const tarn_real *image, int64_t first,
                                           int64_t rows, tarn_real *buffer)
{
    if (is_in_place(p))
        return image + first * p.w * p.c;
    copy_padded(p, image, first, rows, buffer);
    return buffer;
}

/* Whether sums that are side by side read pixels that are, and so do taps. */
static inline bool has_no_gaps(const tarn__conv2d *s)
{
    return s->stride_h == 1 && s->stride_w == 1 && s->dilation_h == 1 && s->dilation_w == 1;
}

/* The columns of one row of a kernel and the channels below each lie one behind the other in the
   image only if the kernel has no gaps and all channels take part. */
static inline bool row_is_contiguous(const tarn__conv2d *s)
{
    return (s->dilation_w == 1 || s->kw == 1) && s->groups == 1;
}

/* Asks for the lines of so many numbers that will be written, while there is something to compute:
   stores that wait for memory hold up what comes behind them. (As a function of its own gcc would
   see no effect in it, and leave out its calls.) */
ALWAYS_INLINE void ask_for_lines(const tarn_real *to, int64_t count)
{
    for (int64_t i = 0; i < count; i += LANES)
        __builtin_prefetch(to + i, 1);
}

/* Where sums go, and what becomes of them on the way. */
typedef struct destination {
    const tarn_real *bias; /* NULL: none */
    bool add, relu;
} destination;

#endif
