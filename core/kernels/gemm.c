/*
 * Matrix product. Each thread computes rectangles of c, each from beginning to end, so that threads
 * wait for each other once. Within it, the range of k is cut into blocks:
 *
 *     for each block of k                  the tile adds to what c holds by then
 *         for each panel of columns        as wide as the tile; its block of b: in the L2 cache
 *             for each tile                in registers; its rows of a stay in the L1 cache
 *
 * The tile reads b row by row: in place where its rows are contiguous, unless they are very far
 * apart; else from a copy of the panel, into which a transposed b goes through blocks transposed in
 * registers. a is read in place: each of its numbers is used for a whole row of the tile.
 */
#include "core/base/pool.h"
#include "core/kernels/isa.h"
#include "core/kernels/tile.h"
#include "core/kernels/transpose.h"

/* Rows of b in a block: 512 x 64 floats, 128 KiB. */
enum { BLOCK = 512 };

/* Rows of b that are a page of memory apart are slow to read: a copy pays for more rows of a than
   this. */
enum { PAGE = 4096, FEW_ROWS = 96 };

/* A copy takes as long as the product with so many rows of a. */
enum { COPY_ROWS = 8 };

static bool is_copied(const tarn__gemm *g)
{
    const int64_t apart = g->b_row * (int64_t)sizeof(tarn_real);
    return g->b_col != 1 || (apart >= PAGE && g->m > FEW_ROWS);
}

/* Of one thread, in elements. */
static int64_t workspace_size(const tarn__gemm *g)
{
    int64_t rows = divide_up(smaller(g->k, BLOCK), LANES) * LANES;
    return is_copied(g) ? rows * MOST_COLUMNS + TARN__APART / (int64_t)sizeof(tarn_real) : 0;
}

size_t ISA(gemm_workspace)(const tarn__gemm *g)
{
    return (size_t)(tarn__workers() * workspace_size(g)) * sizeof(tarn_real);
}

/* ---- Copies */

/* Copies a panel of b, or what of it is there, rows of MOST_COLUMNS. Lanes behind its last column
   get numbers that no one uses; so do rows behind the last, up to a multiple of LANES. */
static void copy_panel(const tarn__gemm *g, const tarn_real *from, int64_t rows, int64_t columns,
                       tarn_real *to)
{
    if (g->b_col == 1) {
        for (int64_t i = 0; i < rows; i++)
            for (int64_t j = 0; j < columns; j += LANES)
                store(to + i * MOST_COLUMNS + j, load(from + i * g->b_row + j));
        return;
    }
    for (int64_t i = 0; i < rows; i += LANES)
        for (int64_t j = 0; j < columns; j += LANES)
            transpose(from + i + j * g->b_col, g->b_col, smaller(columns - j, LANES),
                      to + i * MOST_COLUMNS + j, MOST_COLUMNS);
}

/* ---- The product */

typedef struct rectangle {
    int64_t row, rows, column, columns;
} rectangle;

/* Adds what the rows of b from k on contribute to a panel; the first of them also start it. */
static void multiply_panel(const tarn__gemm *g, rectangle p, int64_t k, tarn_real *copy)
{
    const int64_t rows_of_b = smaller(g->k - k, BLOCK);
    const tarn_real *a = g->a + p.row * g->a_row + k * g->a_col;
    const tarn_real *b = g->b + k * g->b_row + p.column * g->b_col;
    tarn_real *c = g->c + p.row * g->c_row + p.column;
    walk s = {.a_row = g->a_row,
              .outer = 1,
              .middle = 1,
              .inner = rows_of_b,
              .a_inner = g->a_col,
              .b_inner = g->b_row,
              .c_row = g->c_row,
              .start_row = g->c_row,
              .relu = g->relu && k + rows_of_b == g->k};
    const tarn_real *start = c;
    if (k == 0 && !g->add) {
        start = g->bias ? g->bias + p.column : NULL;
        s.start_row = 0;
    }
    if (is_copied(g)) {
        copy_panel(g, b, rows_of_b, p.columns, copy);
        b = copy;
        s.b_inner = MOST_COLUMNS;
    }
    const panel q = panel_of(p.columns, p.rows, g->pairs);
    run_panel(&q, &s, a, b, c, start);
}

/* One row, whose time is that of reading b: from the L2 cache, twice as wide as tiles are, so that
   enough sums are in work. Vectors that there are not repeat the last, and nobody uses them. */
static __attribute__((noinline)) void multiply_row(const tarn__gemm *g, rectangle p)
{
    enum { VECTORS = 2 * MOST_VECTORS };
    tarn_real *c = g->c + p.row * g->c_row + p.column;
    for (int64_t j = 0; j < p.columns; j += VECTORS * LANES) {
        const tarn_real *a = g->a + p.row * g->a_row, *b = g->b + p.column + j;
        const tarn_real *start = g->add ? c + j : g->bias ? g->bias + p.column + j : NULL;
        const int64_t columns = smaller(p.columns - j, VECTORS * LANES);
        int64_t at[VECTORS];
        vector sum[VECTORS];
        for (int v = 0; v < VECTORS; v++) {
            at[v] = smaller(v, divide_up(columns, LANES) - 1) * LANES;
            sum[v] = start ? load(start + at[v]) : (vector){0};
        }
        for (int64_t k = 0; k < g->k; k++, a += g->a_col, b += g->b_row)
            UNROLLED_FOR (int v = 0; v < VECTORS; v++)
                sum[v] += *a * load(b + at[v]);
        for (int v = 0; v * LANES < columns; v++)
            store_first(c + j + v * LANES, g->relu ? relu_of(sum[v]) : sum[v],
                        (int)smaller(columns - v * LANES, LANES));
    }
}

static void multiply_rectangle(const tarn__gemm *g, rectangle p, tarn_real *copy)
{
    if (p.rows == 1 && p.columns > MOST_COLUMNS && !is_copied(g) && !g->pairs) {
        multiply_row(g, p);
        return;
    }
    int64_t k = 0;
    do { /* once even if there is no k, for the start */
        for (int64_t j = 0; j < p.columns; j += MOST_COLUMNS) {
            int64_t columns = smaller(p.columns - j, MOST_COLUMNS);
            multiply_panel(g, (rectangle){p.row, p.rows, p.column + j, columns}, k, copy);
        }
        k += BLOCK;
    } while (k < g->k);
}

typedef struct grid {
    int down, across;
} grid;

/* Of the grids of one rectangle for each thread the one whose largest costs least. Where b is
   copied each thread copies what it needs, which costs as much as some rows. Else, of two equal
   grids, the one with fewer across is taken, for rectangles side by side may share cache lines of
   c. */
static grid grid_of_threads(const tarn__gemm *g, int threads)
{
    const int64_t vectors = divide_up(g->n, LANES), copy = is_copied(g) ? COPY_ROWS : 0;
    int64_t least = INT64_MAX;
    grid best = {threads, 1};
    for (int i = 1; i <= threads; i++) {
        int64_t largest = divide_up(vectors, i) * (divide_up(g->m, threads / i) + copy);
        if (threads % i == 0 && largest < least) {
            best = (grid){threads / i, i};
            least = largest;
        }
    }
    return best;
}

/* Rectangles of many panels fall into some more, as nothing is lost by that: a thread that loses
   its processor then leaves little to wait for. */
static grid grid_of(const tarn__gemm *g)
{
    enum { OF_THREAD = 4, LEAST = 1 << 21 };
    if (g->m * g->n * g->k < TARN__GEMM_PARALLEL_MIN)
        return (grid){1, 1};
    const int threads = tarn__workers();
    grid best = grid_of_threads(g, threads);
    const int64_t parts = g->n / (2 * MOST_COLUMNS) / best.across;
    const int64_t most = smaller(g->m * g->n * g->k / LEAST / threads, smaller(parts, OF_THREAD));
    if (threads > 1 && most > 1)
        best.across *= (int)most;
    return best;
}

static rectangle rectangle_of(const tarn__gemm *g, grid of, int64_t index)
{
    const int64_t vectors = divide_up(g->n, LANES), i = index / of.across, j = index % of.across;
    const int64_t row = g->m * i / of.down, column = vectors * j / of.across * LANES;
    const int64_t end = smaller(vectors * (j + 1) / of.across * LANES, g->n);
    return (rectangle){row, g->m * (i + 1) / of.down - row, column, end - column};
}

typedef struct job {
    const tarn__gemm *g;
    grid grid;
    tarn_real *copies; /* of each thread */
} job;

static void multiply_rectangles(const void *context, int64_t first, int64_t end)
{
    const job *j = context;
    tarn_real *copy = j->copies + tarn__worker() * workspace_size(j->g);
    for (int64_t i = first; i < end; i++)
        multiply_rectangle(j->g, rectangle_of(j->g, j->grid, i), copy);
}

void ISA(gemm)(const tarn__gemm *g, void *workspace)
{
    if (g->m == 0 || g->n == 0)
        return;
    const job j = {g, grid_of(g), workspace};
    tarn__share(j.grid.down * j.grid.across, TARN__SHARE_MIN, multiply_rectangles, &j);
}
