/*
 * Convolution of NHWC images by HWIO weights, and its two gradients, directly by register tiles.
 *
 * Forward: a tile is some pixels of one output row by some output channels. Its walk goes over the
 * kernel's rows and over (column, channel) in each, which lie one behind the other in a row of the
 * image, just as the weights do.
 *
 * Input gradient: a convolution of dy, spread out by the stride and padded, by the weight turned by
 * 180 degrees with its channels exchanged. So it is the same code.
 *
 * Weight gradient: a tile is some (column, channel) of one kernel row by some output channels; its
 * walk goes over the pixels of some output rows.
 *
 * Padding is made real: each thread copies one image at a time into a padded buffer, which stays in
 * its cache, so that no loop asks whether it is inside.
 */
#include "core/kernels/isa.h"
#include "core/kernels/tile.h"
#include "core/memory.h"
#include "core/parallel.h"

/* Images are cut into so many parts at most, whatever the number of threads, each with a weight
   gradient of its own; these are then added up in order. */
enum { MOST_PARTS = 8 };

/* Numbers of dy that the tiles of a weight gradient run over before the next rows are taken: 24 KiB
   stay in the L1 cache. */
enum { ROWS_OF_DY = 6144 };

static int64_t smaller(int64_t a, int64_t b)
{
    return a < b ? a : b;
}

/* Workspace is cut into blocks that start on cache lines and have slack behind them. */
static size_t block_bytes(int64_t count)
{
    return ((size_t)count * sizeof(tarn_real) + TARN__SLACK + 63) / 64 * 64;
}

static int64_t weight_size(const tarn__conv2d *s)
{
    return s->kh * s->kw * (s->c / s->groups) * s->o;
}

static int64_t parts_of(const tarn__conv2d *s)
{
    int64_t affordable = (16 << 20) / (weight_size(s) + 1) + 1;
    return smaller(smaller(s->n, MOST_PARTS), affordable);
}

/* How an image is copied for the tiles to read: pixel (i,j) goes to (i * spacing + top, j * spacing
   + left) of an image of h x w that is 0 elsewhere. */
typedef struct padded {
    int64_t from_h, from_w, c;
    int64_t spacing, top, left;
    int64_t h, w;
} padded;

static padded padded_input(const tarn__conv2d *s)
{
    return (padded){
        s->h, s->w, s->c, 1, s->padding, s->padding, s->h + 2 * s->padding, s->w + 2 * s->padding};
}

static padded padded_gradient(const tarn__conv2d *s)
{
    int64_t rows = (s->kh - 1) * s->dilation, columns = (s->kw - 1) * s->dilation;
    return (padded){
        s->oh,       s->ow,         s->o, s->stride, rows - s->padding, columns - s->padding,
        s->h + rows, s->w + columns};
}

static int64_t padded_size(padded p)
{
    return p.h * p.w * p.c;
}

/* Pixels that would come to lie outside are left out: so they do where the padding of a convolution
   exceeds its kernel. */
static void copy_padded(padded p, const tarn_real *from, tarn_real *to)
{
    memset(to, 0, (size_t)padded_size(p) * sizeof *to);
    for (int64_t i = 0; i < p.from_h; i++) {
        int64_t h = i * p.spacing + p.top;
        for (int64_t j = 0; h >= 0 && h < p.h && j < p.from_w; j++) {
            int64_t w = j * p.spacing + p.left;
            if (w >= 0 && w < p.w)
                for (int64_t c = 0; c < p.c; c++)
                    to[(h * p.w + w) * p.c + c] = from[(i * p.from_w + j) * p.c + c];
        }
    }
}

/* Image n as the tiles can read it: in place if there is nothing to pad, else copied to buffer. */
static const tarn_real *padded_image(padded p, const tarn_real *images, int64_t n,
                                     tarn_real *buffer)
{
    const tarn_real *image = images + n * p.from_h * p.from_w * p.c;
    if (p.h == p.from_h && p.w == p.from_w && p.spacing == 1 && p.top == 0 && p.left == 0)
        return image;
    copy_padded(p, image, buffer);
    return buffer;
}

static tarn_real *block_of(void *blocks, size_t bytes, int64_t index)
{
    return (tarn_real *)((char *)blocks + (size_t)index * bytes);
}

/* The columns of one row of a kernel and the channels below each lie one behind the other in the
   image only if the kernel has no gaps and all channels take part. */
static bool row_is_contiguous(const tarn__conv2d *s)
{
    return (s->dilation == 1 || s->kw == 1) && s->groups == 1;
}

static void convolve_image(const tarn__conv2d *s, padded p, const tarn_real *image,
                           const tarn_real *weight, const tarn_real *bias, bool add, tarn_real *y)
{
    const int64_t c = s->c / s->groups, o = s->o / s->groups;
    const bool contiguous = row_is_contiguous(s);
    walk t = {.a_row = s->stride * s->c,
              .outer = s->kh,
              .a_outer = s->dilation * p.w * s->c,
              .middle = contiguous ? 1 : s->kw,
              .a_middle = s->dilation * s->c,
              .inner = contiguous ? s->kw * c : c,
              .a_inner = 1,
              .b_step = s->o,
              .c_row = s->o,
              .start_row = add ? s->o : 0};
    for (int64_t group = 0; group < s->groups; group++)
        for (int64_t j = group * o; j < (group + 1) * o; j += MOST_COLUMNS) {
            panel columns = panel_of((group + 1) * o - j);
            for (int64_t i = 0; i < s->oh; i++) {
                tarn_real *row = y + i * s->ow * s->o + j;
                const tarn_real *start = add ? row : bias ? bias + j : NULL;
                run_panel(&columns, s->ow, &t, image + i * s->stride * p.w * s->c + group * c,
                          weight + j, row, start);
            }
        }
}

static void convolve(const tarn__conv2d *s, padded p, const tarn_real *x, const tarn_real *weight,
                     const tarn_real *bias, bool add, tarn_real *y, void *buffers)
{
#pragma omp parallel if (s->n > 1)
    {
        tarn_real *buffer = block_of(buffers, block_bytes(padded_size(p)), omp_get_thread_num());
#pragma omp for schedule(static)
        for (int64_t n = 0; n < s->n; n++)
            convolve_image(s, p, padded_image(p, x, n, buffer), weight, bias, add,
                           y + n * s->oh * s->ow * s->o);
    }
}

size_t ISA(conv2d_forward_workspace)(const tarn__conv2d *s)
{
    return (size_t)omp_get_max_threads() * block_bytes(padded_size(padded_input(s)));
}

void ISA(conv2d_forward)(const tarn__conv2d *s, const tarn_real *x, const tarn_real *weight,
                         const tarn_real *bias, tarn_real *y, void *workspace)
{
    convolve(s, padded_input(s), x, weight, bias, false, y, workspace);
}

/* to[p,q,o,c] = weight[kh-1-p, kw-1-q, c, o], o counted within its group, c over all groups. */
static void turn_weight(const tarn__conv2d *s, const tarn_real *weight, tarn_real *to)
{
    const int64_t c_of_group = s->c / s->groups, o_of_group = s->o / s->groups;
    for (int64_t pq = 0; pq < s->kh * s->kw; pq++) {
        const tarn_real *from = weight + (s->kh * s->kw - 1 - pq) * c_of_group * s->o;
        for (int64_t o = 0; o < o_of_group; o++)
            for (int64_t c = 0; c < s->c; c++)
                *to++ = from[c % c_of_group * s->o + c / c_of_group * o_of_group + o];
    }
}

void ISA(conv2d_input_gradient)(const tarn__conv2d *s, const tarn_real *dy, const tarn_real *weight,
                                tarn__target dx, void *workspace)
{
    tarn_real *turned = workspace;
    char *buffers = (char *)workspace + block_bytes(weight_size(s));
    tarn__conv2d back = *s;
    back.h = s->oh, back.w = s->ow, back.c = s->o;
    back.oh = s->h, back.ow = s->w, back.o = s->c;
    back.stride = 1;
    turn_weight(s, weight, turned);
    convolve(&back, padded_gradient(s), dy, turned, NULL, dx.add, dx.values, buffers);
}

/* Adds to sum the weight gradient of rows [i, i + rows) of one image of dy. */
static void correlate_rows(const tarn__conv2d *s, padded p, const tarn_real *image, int64_t i,
                           int64_t rows, const tarn_real *dy, tarn_real *sum)
{
    const int64_t c = s->c / s->groups, o = s->o / s->groups;
    const bool contiguous = row_is_contiguous(s);
    const walk t = {.a_row = 1,
                    .outer = rows,
                    .a_outer = s->stride * p.w * s->c,
                    .middle = 1,
                    .inner = s->ow,
                    .a_inner = s->stride * s->c,
                    .b_step = s->o,
                    .c_row = s->o,
                    .start_row = s->o};
    for (int64_t k = 0; k < s->kh; k++)
        for (int64_t q = 0; q < (contiguous ? 1 : s->kw); q++)
            for (int64_t group = 0; group < s->groups; group++)
                for (int64_t j = group * o; j < (group + 1) * o; j += MOST_COLUMNS) {
                    panel columns = panel_of((group + 1) * o - j);
                    int64_t row = i * s->stride + k * s->dilation;
                    tarn_real *part = sum + (k * s->kw + q) * c * s->o + j;
                    run_panel(&columns, contiguous ? s->kw * c : c, &t,
                              image + (row * p.w + q * s->dilation) * s->c + group * c, dy + j,
                              part, part);
                }
}

/* sums[o] += dy over all pixels of some rows: each row in registers, the rows in double, since
   there may be millions of pixels. */
static void sum_pixels(const tarn__conv2d *s, int64_t rows, const tarn_real *dy, double *sums)
{
    enum { COLUMNS = 64 };
    for (int64_t i = 0; i < rows; i++)
        for (int64_t first = 0; first < s->o; first += COLUMNS) {
            const tarn_real *row = dy + i * s->ow * s->o + first;
            const int64_t columns = smaller(s->o - first, COLUMNS);
            tarn_real sum_of_row[COLUMNS] = {0};
            for (int64_t p = 0; p < s->ow; p++)
                for (int64_t j = 0; j < columns; j++)
                    sum_of_row[j] += row[p * s->o + j];
            for (int64_t j = 0; j < columns; j++)
                sums[first + j] += sum_of_row[j];
        }
}

/* What the weight gradient keeps for each part of the batch. */
typedef struct part_sums {
    tarn_real *weight;
    double *bias;
} part_sums;

static size_t part_bytes(const tarn__conv2d *s)
{
    return block_bytes(weight_size(s)) + ((size_t)s->o * sizeof(double) + 63) / 64 * 64;
}

static part_sums sums_of_part(const tarn__conv2d *s, void *workspace, int64_t part)
{
    char *block = (char *)workspace + (size_t)part * part_bytes(s);
    return (part_sums){(tarn_real *)block, (double *)(block + block_bytes(weight_size(s)))};
}

static void add_parts(const tarn__conv2d *s, void *workspace, tarn__target dweight,
                      tarn__target dbias)
{
    const int64_t parts = parts_of(s);
#pragma omp for schedule(static) nowait
    for (int64_t i = 0; i < (dweight.values ? weight_size(s) : 0); i++) {
        tarn_real total = dweight.add ? dweight.values[i] : 0;
        for (int64_t k = 0; k < parts; k++)
            total += sums_of_part(s, workspace, k).weight[i];
        dweight.values[i] = total;
    }
#pragma omp for schedule(static)
    for (int64_t i = 0; i < (dbias.values ? s->o : 0); i++) {
        double total = dbias.add ? dbias.values[i] : 0;
        for (int64_t k = 0; k < parts; k++)
            total += sums_of_part(s, workspace, k).bias[i];
        dbias.values[i] = (tarn_real)total;
    }
}

size_t ISA(conv2d_gradient_workspace)(const tarn__conv2d *s)
{
    size_t x = block_bytes(padded_size(padded_input(s)));
    size_t dy = block_bytes(padded_size(padded_gradient(s)));
    size_t images = (size_t)omp_get_max_threads() * (x > dy ? x : dy);
    size_t turned = block_bytes(weight_size(s)), sums = (size_t)parts_of(s) * part_bytes(s);
    return images + (turned > sums ? turned : sums);
}

void ISA(conv2d_weight_gradient)(const tarn__conv2d *s, const tarn_real *x, const tarn_real *dy,
                                 tarn__target dweight, tarn__target dbias, void *workspace)
{
    const padded p = padded_input(s);
    const int64_t parts = parts_of(s), row = s->ow * s->o;
    const int64_t rows_at_once = ROWS_OF_DY / (row + 1) + 1;
    const size_t image_bytes = block_bytes(padded_size(p));
    char *buffers = (char *)workspace + (size_t)parts * part_bytes(s);
#pragma omp parallel
    {
        tarn_real *buffer = block_of(buffers, image_bytes, omp_get_thread_num());
#pragma omp for schedule(static)
        for (int64_t k = 0; k < parts; k++) {
            part_sums sums = sums_of_part(s, workspace, k);
            memset(sums.weight, 0, part_bytes(s));
            for (int64_t n = s->n * k / parts; n < s->n * (k + 1) / parts; n++) {
                const tarn_real *image = dweight.values ? padded_image(p, x, n, buffer) : NULL;
                for (int64_t i = 0; i < s->oh; i += rows_at_once) {
                    const tarn_real *rows_of_dy = dy + (n * s->oh + i) * row;
                    int64_t rows = smaller(s->oh - i, rows_at_once);
                    if (dweight.values)
                        correlate_rows(s, p, image, i, rows, rows_of_dy, sums.weight);
                    if (dbias.values)
                        sum_pixels(s, rows, rows_of_dy, sums.bias);
                }
            }
        }
        add_parts(s, workspace, dweight, dbias);
    }
}
