/*
 * AMX's instructions for tiles of bfloat16 numbers in plain C, in the place of the compiler's, to
 * test core/kernels/amx.c on any processor with AVX-512: after Intel's manual, with its faults (a
 * tile that is not configured, or does not fit to the others) as calls of abort(). What a tile's
 * configuration leaves of it is 0. To be included before amx.c, behind <immintrin.h>.
 */
#ifndef TARN_TESTS_CORE_AMX_MODEL_H
#define TARN_TESTS_CORE_AMX_MODEL_H

#include <immintrin.h>
#include <math.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

enum { MODEL_TILES = 8, MODEL_ROWS = 16, MODEL_BYTES = 64 };

typedef struct model_tile {
    unsigned char row[MODEL_ROWS][MODEL_BYTES];
} model_tile;

static struct {
    uint8_t palette, start_row, unused[14];
    uint16_t row_bytes[16];
    uint8_t rows[16];
} model_configured;
static model_tile model_tiles[MODEL_TILES];

static void model_expect(bool holds)
{
    if (!holds)
        abort();
}

static void model_clear(int tile)
{
    model_expect(model_configured.palette == 1 && model_configured.rows[tile] > 0);
    memset(&model_tiles[tile], 0, sizeof(model_tile));
}

static void model_configure(const void *from)
{
    memcpy(&model_configured, from, sizeof model_configured);
    for (int i = 0; i < MODEL_TILES; i++) {
        const int rows = model_configured.rows[i], bytes = model_configured.row_bytes[i];
        model_expect(rows <= MODEL_ROWS && bytes <= MODEL_BYTES && (rows > 0) == (bytes > 0));
        memset(&model_tiles[i], 0, sizeof(model_tile));
    }
}

static void model_release(void)
{
    memset(&model_configured, 0, sizeof model_configured);
}

static void model_load(int tile, const void *from, int64_t stride)
{
    model_clear(tile);
    for (int r = 0; r < model_configured.rows[tile]; r++)
        memcpy(model_tiles[tile].row[r], (const char *)from + r * stride,
               model_configured.row_bytes[tile]);
}

static void model_store(int tile, void *to, int64_t stride)
{
    model_expect(model_configured.palette == 1);
    for (int r = 0; r < model_configured.rows[tile]; r++)
        memcpy((char *)to + r * stride, model_tiles[tile].row[r], model_configured.row_bytes[tile]);
}

static float model_number(int tile, int row, int place)
{
    uint16_t upper;
    memcpy(&upper, model_tiles[tile].row[row] + 2 * place, sizeof upper);
    const uint32_t bits = (uint32_t)upper << 16;
    float number;
    memcpy(&number, &bits, sizeof number);
    return number;
}

/* Denormal numbers are 0. */
static float model_flushed(float x)
{
    return fabsf(x) < 1.17549435e-38F ? copysignf(0, x) : x;
}

static float model_sum(float sum, float a, float b)
{
    return model_flushed(sum + model_flushed(a) * model_flushed(b));
}

/* Pairs of a row of a by those of a column of b, first and second numbers apart. */
static void model_add_product(int sum, int a, int b)
{
    const int rows = model_configured.rows[sum], columns = model_configured.row_bytes[sum] / 4;
    const int pairs = model_configured.rows[b];
    model_expect(model_configured.palette == 1 && model_configured.rows[a] == rows &&
                 model_configured.row_bytes[a] == 4 * pairs &&
                 model_configured.row_bytes[b] == 4 * columns);
    for (int r = 0; r < rows; r++)
        for (int j = 0; j < columns; j++) {
            float first = 0, second = 0, all;
            for (int k = 0; k < pairs; k++) {
                first = model_sum(first, model_number(a, r, 2 * k), model_number(b, k, 2 * j));
                second =
                    model_sum(second, model_number(a, r, 2 * k + 1), model_number(b, k, 2 * j + 1));
            }
            unsigned char *place = model_tiles[sum].row[r] + 4 * j;
            memcpy(&all, place, sizeof all);
            all = model_flushed(model_flushed(all) + model_flushed(first + second));
            memcpy(place, &all, sizeof all);
        }
}

#undef _tile_loadconfig
#undef _tile_release
#undef _tile_zero
#undef _tile_loadd
#undef _tile_stored
#undef _tile_dpbf16ps
#define _tile_loadconfig model_configure
#define _tile_release model_release
#define _tile_zero model_clear
#define _tile_loadd model_load
#define _tile_stored model_store
#define _tile_dpbf16ps model_add_product

#endif
