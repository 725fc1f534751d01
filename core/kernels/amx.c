/*
 * A panel of pairs in tiles of 16 rows of 64 bytes:
 *
 *     0 to 3   sums of 16 rows and 16 columns: of a row of four, of a square, or of a column
 *     4        16 rows of a, of 16 pairs each
 *     5        the same of the last pairs in a line, which may be fewer
 *     6 and 7  of as many pairs, 16 columns of b
 *
 * Four sums, since a product takes four times as long as it is until the next can begin. Rows that
 * are left over go through tiles that are configured to be lower. A sum of a tile is added up in
 * the order of its pairs, first and second numbers apart; so it is the same whatever the number of
 * rows, and of threads.
 */
#define _DEFAULT_SOURCE /* syscall() */
#include "core/kernels/amx.h"

#include <cpuid.h>
#include <immintrin.h>
#ifdef __linux__
#include <sys/syscall.h>
#include <unistd.h>
#endif

#include "core/kernels/tile.h"
#include "core/kernels/transpose.h"

enum { ROWS = 16, PAIRS = 16, SUMS = 4 };

/* gcc does not know that loading a tile reads memory. */
#define TILES_SEE_MEMORY __asm__ volatile("" ::: "memory")

/* ---- One tile. Its number is a part of the instruction. */

typedef struct configuration {
    uint8_t palette, start_row, unused[14];
    uint16_t row_bytes[16];
    uint8_t rows[16];
} configuration;

/* Tiles for so many rows and, at the end of a line, pairs; all are 0. */
static void configure(int rows, int last_pairs)
{
    configuration c = {.palette = 1};
    for (int i = 0; i < SUMS + 4; i++) {
        c.rows[i] = (uint8_t)(i < 6 ? rows : PAIRS);
        c.row_bytes[i] = VECTOR_BYTES;
    }
    c.row_bytes[5] = (uint16_t)(last_pairs * (int)sizeof(tarn_real));
    c.rows[7] = (uint8_t)last_pairs;
    _tile_loadconfig(&c);
}

ALWAYS_INLINE void load_sum(int sum, const tarn_real *from, int64_t row)
{
    const int64_t bytes = row * (int64_t)sizeof *from;
    switch (sum) {
    case 0:
        _tile_loadd(0, from, bytes);
        break;
    case 1:
        _tile_loadd(1, from, bytes);
        break;
    case 2:
        _tile_loadd(2, from, bytes);
        break;
    default:
        _tile_loadd(3, from, bytes);
        break;
    }
}

ALWAYS_INLINE void clear_sum(int sum)
{
    switch (sum) {
    case 0:
        _tile_zero(0);
        break;
    case 1:
        _tile_zero(1);
        break;
    case 2:
        _tile_zero(2);
        break;
    default:
        _tile_zero(3);
        break;
    }
}

ALWAYS_INLINE void store_sum(int sum, tarn_real *to)
{
    switch (sum) {
    case 0:
        _tile_stored(0, to, VECTOR_BYTES);
        break;
    case 1:
        _tile_stored(1, to, VECTOR_BYTES);
        break;
    case 2:
        _tile_stored(2, to, VECTOR_BYTES);
        break;
    default:
        _tile_stored(3, to, VECTOR_BYTES);
        break;
    }
}

ALWAYS_INLINE void add_product(int sum, bool last)
{
    switch (2 * sum + last) {
    case 0:
        _tile_dpbf16ps(0, 4, 6);
        break;
    case 1:
        _tile_dpbf16ps(0, 5, 7);
        break;
    case 2:
        _tile_dpbf16ps(1, 4, 6);
        break;
    case 3:
        _tile_dpbf16ps(1, 5, 7);
        break;
    case 4:
        _tile_dpbf16ps(2, 4, 6);
        break;
    case 5:
        _tile_dpbf16ps(2, 5, 7);
        break;
    case 6:
        _tile_dpbf16ps(3, 4, 6);
        break;
    default:
        _tile_dpbf16ps(3, 5, 7);
        break;
    }
}

static __attribute__((noinline)) void turn(const walk *s, const tarn_real *a, int pairs,
                                           tarn_real *turned)
{
    transpose(a, s->a_inner, pairs, turned, PAIRS);
}

/* Of a, whose pairs lie in lines (a_inner = 1), or whose rows do (a_row = 1): then they are turned
   first. */
ALWAYS_INLINE void load_a(const walk *s, const tarn_real *a, bool last, int pairs,
                          tarn_real *turned)
{
    int64_t bytes = s->a_row * (int64_t)sizeof *a;
    if (s->a_inner != 1) {
        turn(s, a, pairs, turned);
        a = turned;
        bytes = VECTOR_BYTES;
    }
    TILES_SEE_MEMORY;
    if (last)
        _tile_loadd(5, a, bytes);
    else
        _tile_loadd(4, a, bytes);
    TILES_SEE_MEMORY;
}

ALWAYS_INLINE void load_b(const walk *s, const tarn_real *b, bool last)
{
    const int64_t bytes = s->b_inner * (int64_t)sizeof *b;
    if (last)
        _tile_loadd(7, b, bytes);
    else
        _tile_loadd(6, b, bytes);
}

/* ---- Some tiles: blocks of rows by vectors of columns */

/* Adds the products of the next pairs to all sums. */
ALWAYS_INLINE void add_products(int blocks, int vectors, const walk *s, const tarn_real *a,
                                const tarn_real *b, bool last, int pairs)
{
    _Alignas(VECTOR_BYTES) tarn_real turned[ROWS * PAIRS];
    UNROLLED_FOR (int v = 0; v < vectors; v++) {
        load_b(s, b + v * LANES, last);
        UNROLLED_FOR (int i = 0; i < blocks; i++) {
            if (v == 0 || blocks > 1)
                load_a(s, a + i * ROWS * s->a_row, last, pairs, turned);
            add_product(i * vectors + v, last);
        }
    }
}

ALWAYS_INLINE void begin(int blocks, int vectors, const walk *s, const tarn_real *start)
{
    UNROLLED_FOR (int i = 0; i < blocks; i++)
        UNROLLED_FOR (int v = 0; v < vectors; v++) {
            if (start)
                load_sum(i * vectors + v, start + i * ROWS * s->start_row + v * LANES,
                         s->start_row);
            else
                clear_sum(i * vectors + v);
        }
}

static __attribute__((noinline)) void write_sums(const walk *s, const tarn_real *sums, int rows,
                                                 tarn_real *c, int count)
{
    for (int r = 0; r < rows; r++) {
        const vector sum = load(sums + r * LANES);
        store_first(c + r * s->c_row, s->relu ? relu_of(sum) : sum, count);
    }
}

ALWAYS_INLINE void end(int blocks, int vectors, const walk *s, int rows, tarn_real *c,
                       int last_lanes)
{
    _Alignas(VECTOR_BYTES) tarn_real sums[ROWS * LANES];
    UNROLLED_FOR (int i = 0; i < blocks; i++)
        UNROLLED_FOR (int v = 0; v < vectors; v++) {
            store_sum(i * vectors + v, sums);
            TILES_SEE_MEMORY;
            write_sums(s, sums, rows, c + i * ROWS * s->c_row + v * LANES,
                       v == vectors - 1 ? last_lanes : LANES);
        }
}

ALWAYS_INLINE void multiply(int blocks, int vectors, const walk *s, int rows, const tarn_real *a,
                            const tarn_real *b, tarn_real *c, const tarn_real *start,
                            int last_lanes)
{
    const int64_t whole = s->inner / PAIRS * PAIRS;
    const int left = (int)(s->inner - whole);
    TILES_SEE_MEMORY;
    begin(blocks, vectors, s, start);
    for (int64_t i = 0; i < s->outer; i++)
        for (int64_t j = 0; j < s->middle; j++) {
            const tarn_real *in_a = a + i * s->a_outer + j * s->a_middle;
            const tarn_real *in_b = b + i * s->b_outer + j * s->b_middle;
            for (int64_t k = 0; k < whole; k += PAIRS)
                add_products(blocks, vectors, s, in_a + k * s->a_inner, in_b + k * s->b_inner,
                             false, PAIRS);
            if (left > 0)
                add_products(blocks, vectors, s, in_a + whole * s->a_inner,
                             in_b + whole * s->b_inner, true, left);
        }
    end(blocks, vectors, s, rows, c, last_lanes);
}

#define MULTIPLY(blocks, vectors)                                                                  \
    static __attribute__((noinline)) void multiply_##blocks##x##vectors(                           \
        const walk *s, int rows, const tarn_real *a, const tarn_real *b, tarn_real *c,             \
        const tarn_real *start, int last_lanes)                                                    \
    {                                                                                              \
        multiply(blocks, vectors, s, rows, a, b, c, start, last_lanes);                            \
    }
MULTIPLY(1, 1)
MULTIPLY(1, 2)
MULTIPLY(1, 3)
MULTIPLY(1, 4)
MULTIPLY(2, 2)
MULTIPLY(4, 1)

typedef void multiply_function(const walk *s, int rows, const tarn_real *a, const tarn_real *b,
                               tarn_real *c, const tarn_real *start, int last_lanes);

/* ---- A panel */

/* For a panel of so many vectors: how many blocks fit into the sums, what computes so many, and
   what computes one. */
static const struct {
    int blocks;
    multiply_function *many, *one;
} by_vectors[] = {{4, multiply_4x1, multiply_1x1},
                  {2, multiply_2x2, multiply_1x2},
                  {1, NULL, multiply_1x3},
                  {1, NULL, multiply_1x4}};

static void run(const walk *s, int64_t rows, int64_t columns, const tarn_real *a,
                const tarn_real *b, tarn_real *c, const tarn_real *start)
{
    const int vectors = (int)divide_up(columns, LANES), many = by_vectors[vectors - 1].blocks;
    const int last_lanes = (int)columns - (vectors - 1) * LANES;
    const int last_pairs = s->inner % PAIRS > 0 ? (int)(s->inner % PAIRS) : PAIRS;
    for (int64_t row = 0; row < rows;) {
        const int height = (int)smaller(rows - row, ROWS);
        if (row == 0 || height < ROWS)
            configure(height, last_pairs);
        const int blocks = row + many * ROWS <= rows ? many : 1;
        multiply_function *rows_of_panel =
            blocks > 1 ? by_vectors[vectors - 1].many : by_vectors[vectors - 1].one;
        rows_of_panel(s, height, a + row * s->a_row, b, c + row * s->c_row,
                      start ? start + row * s->start_row : NULL, last_lanes);
        row += blocks * ROWS;
    }
    _tile_release();
}

panel_function *tarn__panel_of_pairs;

/* ---- May it be used? */

/* Linux gives tiles to a process that asks for them; other systems are not asked. */
static bool system_gives_tiles(void)
{
#ifdef __linux__
    enum { ASK = 0x1023, TILE_DATA = 18 };
    return syscall(SYS_arch_prctl, ASK, TILE_DATA) == 0;
#else
    return false;
#endif
}

bool tarn__amx_begin(void)
{
    enum { TILES_OF_BF16 = 1 << 22 };
    unsigned a, b, c, d;
    if (!__builtin_cpu_supports("avx512bf16") || !__get_cpuid_count(7, 0, &a, &b, &c, &d) ||
        !(d & TILES_OF_BF16) || !system_gives_tiles())
        return false;
    tarn__panel_of_pairs = run;
    return true;
}
