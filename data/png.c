/*
 * PNG (ISO/IEC 15948) with the simplest compression that suits pictures with even areas and rows
 * that repeat: each row is written as it is, as differences from the pixel to the left, or from the
 * row above, whichever has the smallest numbers, and bytes that repeat become runs: deflate (RFC
 * 1951) with its fixed codes and matches at distance 1. It takes no memory but that of two rows.
 */
#include "data/png.h"

#include <stdlib.h>
#include <string.h>

#include "core/base/error.h"
#include "core/base/file.h"
#include "data/crc32.h"

enum { CHUNK = 32768, LONGEST_RUN = 258 };

typedef struct writer {
    tarn__replacement file;
    uint8_t chunk[4 + CHUNK]; /* "IDAT", and so many bytes of its data */
    int64_t size;
    uint32_t bits; /* those that are no whole byte yet, and their number */
    int bit_count;
    uint32_t low, high; /* Adler-32 of what is compressed */
    int last, run;      /* the byte before, -1 for none, and how often it came since */
} writer;

static void put_big(uint8_t *to, uint32_t value)
{
    for (int i = 0; i < 4; i++)
        to[i] = (uint8_t)(value >> (24 - 8 * i));
}

/* A chunk: its size, type and data, of which the latter two lie behind each other, and a CRC. Once
   a write fails all later ones do. */
static void put_chunk(writer *w, const uint8_t *type_and_data, int64_t size)
{
    uint8_t number[4];
    put_big(number, (uint32_t)size);
    tarn__replace_write(&w->file, number, 4);
    tarn__replace_write(&w->file, type_and_data, (size_t)size + 4);
    put_big(number, tarn__crc32(type_and_data, size + 4));
    tarn__replace_write(&w->file, number, 4);
}

/* ---- Deflate */

static void put_byte(writer *w, uint8_t byte)
{
    w->chunk[4 + w->size++] = byte;
    if (w->size == CHUNK) {
        put_chunk(w, w->chunk, w->size);
        w->size = 0;
    }
}

/* The lowest bit first. */
static void put_bits(writer *w, uint32_t value, int count)
{
    w->bits |= value << w->bit_count;
    for (w->bit_count += count; w->bit_count >= 8; w->bit_count -= 8) {
        put_byte(w, (uint8_t)w->bits);
        w->bits >>= 8;
    }
}

/* The highest bit first. */
static void put_code(writer *w, int code, int length)
{
    while (length-- > 0)
        put_bits(w, (uint32_t)(code >> length & 1), 1);
}

/* The fixed code of a literal or a length (RFC 1951, 3.2.6). */
static void put_symbol(writer *w, int symbol)
{
    if (symbol < 144)
        put_code(w, 0x30 + symbol, 8);
    else if (symbol < 256)
        put_code(w, 0x190 + symbol - 144, 9);
    else if (symbol < 280)
        put_code(w, symbol - 256, 7);
    else
        put_code(w, 0xC0 + symbol - 280, 8);
}

/* The last byte again, so many times: from 3 on as a match, whose lengths are grouped by powers of
   2, four codes to each. */
static void put_run(writer *w)
{
    const int over = w->run - 3;
    if (w->run < 3) {
        for (int i = 0; i < w->run; i++)
            put_symbol(w, w->last);
    } else {
        int extra = 0;
        while (over >> extra >= 8)
            extra++;
        if (w->run == LONGEST_RUN) {
            put_symbol(w, 285);
        } else if (over < 8) {
            put_symbol(w, 257 + over);
        } else {
            put_symbol(w, 257 + 4 * (extra + 1) + (over >> extra & 3));
            put_bits(w, (uint32_t)over & ((1u << extra) - 1), extra);
        }
        put_code(w, 0, 5); /* at distance 1 */
    }
    w->run = 0;
}

static void compress_byte(writer *w, uint8_t byte)
{
    w->low = (w->low + byte) % 65521;
    w->high = (w->high + w->low) % 65521;
    if (byte == w->last) {
        if (++w->run == LONGEST_RUN)
            put_run(w);
        return;
    }
    put_run(w);
    put_symbol(w, byte);
    w->last = byte;
}

/* ---- Rows */

enum { AS_IT_IS, FROM_LEFT, FROM_ABOVE, FILTERS };

static uint8_t filtered(const uint8_t *row, const uint8_t *above, int64_t i, int channels,
                        int filter)
{
    if (filter == FROM_LEFT && i >= channels)
        return (uint8_t)(row[i] - row[i - channels]);
    return filter == FROM_ABOVE ? (uint8_t)(row[i] - above[i]) : row[i];
}

static int best_filter(const uint8_t *row, const uint8_t *above, int64_t count, int channels)
{
    int best = AS_IT_IS;
    int64_t smallest = INT64_MAX;
    for (int filter = 0; filter < FILTERS; filter++) {
        int64_t sum = 0;
        for (int64_t i = 0; i < count; i++) {
            int byte = filtered(row, above, i, channels, filter);
            sum += byte < 128 ? byte : 256 - byte;
        }
        if (sum < smallest) {
            smallest = sum;
            best = filter;
        }
    }
    return best;
}

static void put_rows(writer *w, const tarn__image *image, const uint8_t *above)
{
    const int64_t count = (int64_t)image->width * image->channels;
    put_byte(w, 0x78); /* zlib (RFC 1950): deflate with a window of 32 KB */
    put_byte(w, 0x01);
    put_bits(w, 3, 3); /* the last block, with the fixed codes */
    for (int y = 0; y < image->height; y++) {
        const uint8_t *row = image->pixels + y * count;
        int filter = best_filter(row, above, count, image->channels);
        compress_byte(w, (uint8_t)filter);
        for (int64_t i = 0; i < count; i++)
            compress_byte(w, filtered(row, above, i, image->channels, filter));
        above = row;
    }
    put_run(w);
    put_symbol(w, 256);
    put_bits(w, 0, 7); /* to the end of a byte */
    uint8_t sum[4];
    put_big(sum, w->high << 16 | w->low);
    for (int i = 0; i < 4; i++)
        put_byte(w, sum[i]);
    if (w->size > 0)
        put_chunk(w, w->chunk, w->size);
}

static bool write_all(writer *w, const tarn__image *image, const uint8_t *zeros, const char *path)
{
    static const uint8_t signature[8] = {0x89, 'P', 'N', 'G', '\r', '\n', 0x1A, '\n'};
    uint8_t header[17] = "IHDR";
    put_big(header + 4, (uint32_t)image->width);
    put_big(header + 8, (uint32_t)image->height);
    header[12] = 8;
    header[13] = image->channels == 3 ? 2 : 0;
    w->low = 1;
    w->last = -1;
    memcpy(w->chunk, "IDAT", 4);
    if (!tarn__replace_begin(&w->file, path) ||
        !tarn__replace_write(&w->file, signature, sizeof signature))
        return false;
    put_chunk(w, header, 13);
    put_rows(w, image, zeros);
    put_chunk(w, (const uint8_t *)"IEND", 0);
    return tarn__replace_commit(&w->file);
}

bool tarn__png_save(const tarn__image *image, const char *path)
{
    writer *w = calloc(1, sizeof *w);
    uint8_t *zeros = calloc((size_t)image->width, (size_t)image->channels);
    bool good = w && zeros ? write_all(w, image, zeros, path)
                           : tarn_set_error("%s: out of memory for a picture of %d x %d pixels",
                                            path, image->width, image->height);
    free(w);
    free(zeros);
    return good;
}
