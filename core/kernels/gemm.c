/*
 * Matrix product. b is copied, a block of rows at a time, into panels as wide as a register tile,
 * so that the tile reads it straight on whatever its strides were; the panels are shared by all
 * threads. a is read in place: each of its numbers is used for a whole row of the tile.
 */
#include "core/kernels/isa.h"
#include "core/kernels/tile.h"
#include "core/parallel.h"

/* Rows of b in a block: 512 x 64 floats, 128 KiB, stay in the L2 cache while the tiles of a run
   over them. */
enum { BLOCK_ROWS = 512 };

/* Rows of a in one piece of work. */
enum { TASK_ROWS = 24 };

static int64_t smaller(int64_t a, int64_t b)
{
    return a < b ? a : b;
}

static int64_t divide_up(int64_t a, int64_t b)
{
    return (a + b - 1) / b;
}

size_t ISA(gemm_workspace)(const tarn__gemm *g)
{
    int64_t columns = divide_up(g->n, LANES) * LANES;
    return (size_t)(smaller(g->k, BLOCK_ROWS) * columns) * sizeof(tarn_real);
}

/* Copies rows [k, k + rows) of one panel of b, padding its last vector with zeros. */
static void pack(const tarn__gemm *g, int64_t k, int64_t rows, int64_t column, tarn_real *to)
{
    int64_t columns = smaller(g->n - column, MOST_COLUMNS);
    int64_t width = divide_up(columns, LANES) * LANES;
    const tarn_real *from = g->b + k * g->b_row + column * g->b_col;
    if (g->b_col == 1) {
        for (int64_t i = 0; i < rows; i++) {
            for (int64_t j = 0; j < columns; j++)
                to[i * width + j] = from[i * g->b_row + j];
            for (int64_t j = columns; j < width; j++)
                to[i * width + j] = 0;
        }
        return;
    }
    for (int64_t j = 0; j < columns; j++)
        for (int64_t i = 0; i < rows; i++)
            to[i * width + j] = from[i * g->b_row + j * g->b_col];
    for (int64_t j = columns; j < width; j++)
        for (int64_t i = 0; i < rows; i++)
            to[i * width + j] = 0;
}

static void run_task(const tarn__gemm *g, int64_t k, int64_t rows_of_b, int64_t row, int64_t column,
                     const tarn_real *packed)
{
    panel p = panel_of(g->n - column);
    walk s = {.a_row = g->a_row,
              .outer = 1,
              .middle = 1,
              .inner = rows_of_b,
              .a_inner = g->a_col,
              .b_step = p.vectors * LANES,
              .c_row = g->c_row,
              .start_row = g->c_row};
    tarn_real *c = g->c + row * g->c_row + column;
    run_panel(&p, smaller(g->m - row, TASK_ROWS), &s, g->a + row * g->a_row + k * g->a_col,
              packed + rows_of_b * column, c, k > 0 || g->add ? c : NULL);
}

void ISA(gemm)(const tarn__gemm *g, void *workspace)
{
    const int64_t panels = divide_up(g->n, MOST_COLUMNS), tasks = divide_up(g->m, TASK_ROWS);
    tarn_real *packed = workspace;
    if (g->k == 0 && !g->add)
        for (int64_t i = 0; i < g->m; i++)
            for (int64_t j = 0; j < g->n; j++)
                g->c[i * g->c_row + j] = 0;

#pragma omp parallel if (g->m * g->n * g->k > TARN__PARALLEL_MIN * 16)
    for (int64_t k = 0; k < g->k; k += BLOCK_ROWS) {
        int64_t rows = smaller(g->k - k, BLOCK_ROWS);
#pragma omp for schedule(static)
        for (int64_t j = 0; j < panels; j++)
            pack(g, k, rows, j * MOST_COLUMNS, packed + rows * j * MOST_COLUMNS);
#pragma omp for schedule(static) collapse(2)
        for (int64_t i = 0; i < tasks; i++)
            for (int64_t j = 0; j < panels; j++)
                run_task(g, k, rows, i * TASK_ROWS, j * MOST_COLUMNS, packed);
    }
}
