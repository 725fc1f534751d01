/*
 * PNM, six formats in one:
 *
 *     P1 ... P6, width, height, the largest value (not for bits)   numbers in decimal
 *     the values, row by row, gray or red, green and blue
 *
 * P1 (bits), P2 (gray) and P3 (colours) have the values as decimal numbers too; P4, P5 and P6 have
 * them as bits, where 1 is black and each row begins with a byte, or as bytes, or as two bytes with
 * the higher first where the largest value is above 255. stb_image knows two of the six, and no
 * largest values but 255 and 65535.
 */
#include "data/picture/pnm.h"

#include <stdlib.h>

#include "core/base/error.h"
#include "data/picture/jpeg.h"

/* A place in the file. */
typedef struct cursor {
    const char *path;
    const uint8_t *at, *end;
} cursor;

static bool is_blank(uint8_t c)
{
    return c == ' ' || (c >= '\t' && c <= '\r');
}

/* White space, and comments: from # to the end of the line. */
static void skip_blanks(cursor *c)
{
    while (c->at < c->end && (is_blank(*c->at) || *c->at == '#'))
        if (*c->at++ == '#')
            while (c->at < c->end && *c->at != '\n')
                c->at++;
}

/* The next number, at least low, at most high and of that many digits; -1 with tarn_error() set. */
static int64_t next_number(cursor *c, int64_t low, int64_t high, int digits)
{
    skip_blanks(c);
    const uint8_t *start = c->at;
    int64_t value = 0;
    while (c->at < c->end && *c->at >= '0' && *c->at <= '9' && c->at - start < digits)
        value = 10 * value + (*c->at++ - '0');
    if (c->at == start || value < low || value > high) {
        tarn_set_error("%s: is truncated or damaged: its PNM data need a number from %lld to %lld "
                       "%lld bytes before the end",
                       c->path, (long long)low, (long long)high, (long long)(c->end - start));
        return -1;
    }
    return value;
}

/* Value i of a row that begins at the cursor, as bits or bytes. */
static int64_t packed_value(const uint8_t *row, int64_t i, int kind, int64_t largest)
{
    if (kind == 4)
        return (row[i / 8] >> (7 - i % 8) & 1) ^ 1;
    return largest > 255 ? row[2 * i] << 8 | row[2 * i + 1] : row[i];
}

/* The next value, the row being packed or NULL; -1 with tarn_error() set. */
static int64_t next_value(cursor *c, const uint8_t *row, int64_t i, int kind, int64_t largest)
{
    if (!row)
        return kind == 1 ? next_number(c, 0, 1, 1) ^ 1 : next_number(c, 0, largest, 5);
    const int64_t value = packed_value(row, i, kind, largest);
    if (value <= largest)
        return value;
    tarn_set_error("%s: is damaged: a value is %lld, the largest is to be %lld", c->path,
                   (long long)value, (long long)largest);
    return -1;
}

static bool read_values(cursor *c, tarn__image *picture, int kind, int64_t largest)
{
    const int64_t row_values = (int64_t)picture->width * picture->channels;
    const int64_t row_bytes = kind == 4 ? (row_values + 7) / 8 : row_values << (largest > 255);
    uint16_t *deep = picture->is_deep ? (uint16_t *)(void *)picture->pixels : NULL;
    const int64_t white = deep ? 65535 : 255;
    for (int64_t y = 0, k = 0; y < picture->height; y++) {
        const uint8_t *row = kind >= 4 ? c->at + y * row_bytes : NULL;
        for (int64_t i = 0; i < row_values; i++, k++) {
            const int64_t value = next_value(c, row, i, kind, largest);
            if (value < 0)
                return false;
            const int64_t scaled = (2 * value * white + largest) / (2 * largest);
            if (deep)
                deep[k] = (uint16_t)scaled;
            else
                picture->pixels[k] = (uint8_t)scaled;
        }
    }
    return true;
}

/* Whether as many bytes are left as the values take: two for a decimal number, but that the last
   may end the file; bits in decimals may stand side by side. */
static bool check_length(const cursor *c, const tarn__image *picture, int kind, int64_t largest)
{
    const int64_t row = (int64_t)picture->width * picture->channels;
    const int64_t needed = kind == 1   ? row * picture->height
                           : kind <= 3 ? 2 * row * picture->height - 1
                           : kind == 4 ? (row + 7) / 8 * picture->height
                                       : (row << (largest > 255)) * picture->height;
    return needed <= c->end - c->at ||
           tarn_set_error("%s: is truncated: its PNM header promises %lld bytes of pixels, %lld "
                          "follow",
                          c->path, (long long)needed, (long long)(c->end - c->at));
}

bool tarn__pnm_decode(tarn__image *picture, const char *path, const uint8_t *bytes, int64_t size,
                      bool keeps_depth)
{
    *picture = (tarn__image){0};
    cursor c = {path, bytes + 2, bytes + size};
    const int kind = bytes[1] - '0';
    const int64_t width = next_number(&c, 1, 100000000, 9);
    const int64_t height = width > 0 ? next_number(&c, 1, 100000000, 9) : -1;
    const int64_t largest = height < 0               ? -1
                            : kind == 1 || kind == 4 ? 1
                                                     : next_number(&c, 1, 65535, 5);
    if (largest < 0 || !tarn__pixels_check(path, size, width, height, 8))
        return false;
    c.at += kind >= 4 && c.at < c.end; /* one blank, whatever follows */
    picture->width = (int)width;
    picture->height = (int)height;
    picture->channels = kind == 3 || kind == 6 ? 3 : 1;
    picture->is_deep = keeps_depth && largest > 255;
    if (!check_length(&c, picture, kind, largest))
        return false;
    picture->pixels = malloc((size_t)(width * height * picture->channels) << picture->is_deep);
    if (!picture->pixels)
        return tarn_set_error("%s: out of memory for %lld x %lld pixels", path, (long long)width,
                              (long long)height);
    if (read_values(&c, picture, kind, largest))
        return true;
    free(picture->pixels);
    *picture = (tarn__image){0};
    return false;
}
