/*
 * The gradient of batch normalization, see kernels.h: two sums, then dx, of all numbers or, for the
 * gradients of a convolution before it, of one image.
 *
 * What ReLU let through is computed again from x, which is read anyway; behind a sum with a skip
 * connection it is where the result is above 0.
 */
#include "core/kernels/batch_norm.h"

/* v where decides is above 0 or NaN, else 0. */
ALWAYS_INLINE vector pass_where(vector decides, vector v)
{
    return (vector)((lanes)v & ~(decides <= 0));
}

/* dy at a place, or 0 where ReLU did not let the number pass whose distance from the centre is d.
 */
ALWAYS_INLINE vector passed(const tarn__batch_norm *s, const tarn_real *dy, int64_t at, vector d,
                            const map_columns *map, int v)
{
    vector decides = d * map->scale[v] + map->shift[v];
    if (s->skip)
        decides = load(s->y + at);
    return s->relu ? pass_where(decides, load(dy + at)) : load(dy + at);
}

static tarn_real passed_one(const tarn__batch_norm *s, const tarn_real *dy, int64_t at, tarn_real d,
                            int64_t c)
{
    const tarn_real decides = s->relu ? s->skip ? s->y[at] : d * s->scale[c] + s->shift[c] : 1;
    return decides <= 0 ? 0 : dy[at];
}

/* What threads do, some parts each. */
typedef struct job {
    const folded *f;
    const tarn__batch_norm *s;
    const tarn_real *x, *dy;
    map_table table;
    back_table back;
    tarn__target dx, dskip;
    void *workspace;
} job;

/* ---- The sums */

static void sum_gradient_block(const job *from, const norm_block *b, int64_t column, norm_sums to)
{
    const job j = *from;
    const tarn__batch_norm s = *j.s;
    vector sum[NORM_VECTORS] = {{0}}, product[NORM_VECTORS] = {{0}};
    const int64_t width = j.f->width;
    map_columns map;
    load_map(&map, &j.table, column);
    for (int64_t r = b->first; r < b->first + b->rows; r++)
        UNROLLED_FOR (int v = 0; v < NORM_VECTORS; v++) {
            const int64_t at = r * width + column + v * LANES;
            const vector d = load(j.x + at) - map.centre[v];
            const vector g = passed(&s, j.dy, at, d, &map, v);
            sum[v] += g;
            product[v] += g * d;
        }
    tarn_real sum_of_column[NORM_COLUMNS], product_of_column[NORM_COLUMNS];
    store_columns(sum_of_column, sum);
    store_columns(product_of_column, product);
    for (int i = 0; i < NORM_COLUMNS; i++) {
        to.first[column + i] += (double)sum_of_column[i];
        to.second[column + i] += (double)product_of_column[i];
    }
}

static void sum_gradient_parts(const void *context, int64_t first, int64_t end)
{
    const job *j = context;
    const folded *f = j->f;
    for (int64_t part = first; part < end; part++) {
        const norm_sums to = norm_sums_of_part(f, j->workspace, part);
        clear_sums(to, f->width);
        EACH_BLOCK (norm_first_row(f, part), norm_first_row(f, part + 1), b)
            for (int64_t column = 0; column < f->width; column += NORM_COLUMNS)
                sum_gradient_block(j, &b, column, to);
    }
}

void ISA(batch_norm_gradient_sums)(const tarn__batch_norm *s, const tarn_real *x,
                                   const tarn_real *dy, double *sum, double *product,
                                   void *workspace)
{
    const folded f = fold_pixels(s->pixels, s->channels);
    const map_table table = repeat_map(&f, s, workspace);
    tarn__share(f.parts, f.size, sum_gradient_parts,
                &(job){.f = &f, .s = s, .x = x, .dy = dy, .table = table, .workspace = workspace});
    const norm_sums total = {sum, product};
    clear_sums(total, s->channels);
    add_norm_parts(&f, workspace, total);
    EACH_LEFT (f, at, c) {
        const tarn_real d = x[at] - s->centre[c], g = passed_one(s, dy, at, d, c);
        sum[c] += (double)g;
        product[c] += (double)g * (double)d;
    }
}

/* ---- dx */

ALWAYS_INLINE void put(tarn__target to, int64_t at, vector v)
{
    if (to.add)
        v += load(to.values + at);
    store(to.values + at, v);
}

static void gradient_block(const job *from, const norm_block *b, int64_t column)
{
    /* Copies, which no store can be thought to change. */
    const job j = *from;
    const tarn__batch_norm s = *j.s;
    vector of_dy[NORM_VECTORS], of_x[NORM_VECTORS] = {{0}}, constant[NORM_VECTORS] = {{0}};
    const bool of_all = j.back.of_x != NULL;
    const int64_t width = j.f->width;
    map_columns map;
    load_map(&map, &j.table, column);
    load_columns(of_dy, j.back.of_dy + column);
    if (of_all) {
        load_columns(of_x, j.back.of_x + column);
        load_columns(constant, j.back.constant + column);
    }
    for (int64_t r = b->first; r < b->first + b->rows; r++)
        UNROLLED_FOR (int v = 0; v < NORM_VECTORS; v++) {
            const int64_t at = r * width + column + v * LANES;
            const vector d = load(j.x + at) - map.centre[v];
            const vector g = passed(&s, j.dy, at, d, &map, v);
            vector out = g * of_dy[v];
            if (of_all)
                out += d * of_x[v] + constant[v];
            if (j.dskip.values)
                put(j.dskip, at, g);
            put(j.dx, at, out);
        }
}

static void gradient_of_rows(const job *j, int64_t first, int64_t end)
{
    EACH_BLOCK (first, end, b)
        for (int64_t column = 0; column < j->f->width; column += NORM_COLUMNS)
            gradient_block(j, &b, column);
}

static void gradient_of_rest(const job *j, const tarn__batch_norm_back *back)
{
    const tarn__batch_norm *s = j->s;
    EACH_LEFT (*j->f, at, c) {
        const tarn_real d = j->x[at] - s->centre[c], g = passed_one(s, j->dy, at, d, c);
        tarn_real out = g * back->of_dy[c];
        if (back->of_x)
            out += d * back->of_x[c] + back->constant[c];
        if (j->dskip.values)
            j->dskip.values[at] = j->dskip.add ? j->dskip.values[at] + g : g;
        j->dx.values[at] = j->dx.add ? j->dx.values[at] + out : out;
    }
}

static void gradient_parts(const void *context, int64_t first, int64_t end)
{
    const job *j = context;
    gradient_of_rows(j, norm_first_row(j->f, first), norm_first_row(j->f, end));
}

static back_table repeat_back(const folded *f, const tarn__batch_norm_back *back, void *workspace)
{
    return (back_table){repeat(f, back->of_dy, workspace, 3),
                        back->of_x ? repeat(f, back->of_x, workspace, 4) : NULL,
                        back->of_x ? repeat(f, back->constant, workspace, 5) : NULL};
}

void ISA(batch_norm_input_gradient)(const tarn__batch_norm *s, const tarn__batch_norm_back *back,
                                    const tarn_real *x, const tarn_real *dy, tarn__target dx,
                                    void *workspace)
{
    const folded f = fold_pixels(s->pixels, s->channels);
    const job j = {.f = &f,
                   .s = s,
                   .x = x,
                   .dy = dy,
                   .table = repeat_map(&f, s, workspace),
                   .back = repeat_back(&f, back, workspace),
                   .dx = dx};
    tarn__share(f.parts, f.size, gradient_parts, &j);
    gradient_of_rest(&j, back);
}

norm_tables norm_gradient_tables(int64_t pixels, const tarn__norm_behind *n, void *workspace)
{
    const folded f = fold_pixels(pixels, n->s.channels);
    return (norm_tables){f, repeat_map(&f, &n->s, workspace), repeat_back(&f, &n->back, workspace)};
}

void norm_gradient_of_image(const norm_tables *t, const tarn__norm_behind *n, int64_t i,
                            const tarn_real *dy, tarn_real *dx)
{
    const int64_t at = i * t->f.size;
    tarn__batch_norm s = n->s;
    s.y += s.skip ? at : 0;
    const job j = {.f = &t->f,
                   .s = &s,
                   .x = n->z + at,
                   .dy = dy + at,
                   .table = t->map,
                   .back = t->back,
                   .dx = {dx, false},
                   .dskip = {n->dskip.values ? n->dskip.values + at : NULL, n->dskip.add}};
    gradient_of_rows(&j, 0, t->f.rows);
    gradient_of_rest(&j, &n->back);
}
