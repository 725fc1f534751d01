#include "nn/exchange/dtype.h"

#include <inttypes.h>
#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "core/base/format.h"

#define NAME(name, bytes, kind) {#name, bytes, kind},
static const struct {
    const char *name;
    size_t bytes;
    char kind;
} types[] = {TARN__DTYPES_ALL(NAME)};

tarn__dtype tarn__dtype_called(const char *name)
{
    int type = 0;
    while (type < TARN__NO_DTYPE && (!name || strcmp(types[type].name, name) != 0))
        type++;
    return (tarn__dtype)type;
}

const char *tarn__dtype_name(tarn__dtype type)
{
    return types[type].name;
}

size_t tarn__dtype_bytes(tarn__dtype type)
{
    return types[type].bytes;
}

char tarn__dtype_kind(tarn__dtype type)
{
    return types[type].kind;
}

/* IEEE 754 binary16: a sign, 5 bits of exponent, 10 of the fraction. */
static double half(uint16_t bits)
{
    const int exponent = bits >> 10 & 31, fraction = bits & 1023;
    const double size = exponent == 31 ? (fraction ? (double)NAN : (double)INFINITY)
                        : exponent > 0 ? ldexp(1024 + fraction, exponent - 25)
                                       : ldexp(fraction, -24);
    return bits >> 15 ? -size : size;
}

/* The upper half of a float. */
static double brain(uint16_t bits)
{
    const uint32_t all = (uint32_t)bits << 16;
    float value;
    memcpy(&value, &all, sizeof value);
    return (double)value;
}

static double read_float(tarn__dtype type, const void *at)
{
    double value;
    float single;
    uint16_t bits;
    if (type == TARN__F64) {
        memcpy(&value, at, sizeof value);
        return value;
    }
    if (type == TARN__F32) {
        memcpy(&single, at, sizeof single);
        return (double)single;
    }
    memcpy(&bits, at, sizeof bits);
    return type == TARN__F16 ? half(bits) : brain(bits);
}

/* The bits of an integer, widened to 64 by its sign or by zeros. */
static uint64_t read_integer(tarn__dtype type, const void *at)
{
    uint64_t bits = 0;
    const unsigned width = 8 * (unsigned)types[type].bytes;
    memcpy(&bits, at, types[type].bytes);
    if (types[type].kind == 'i' && bits >> (width - 1) & 1 && width < 64)
        bits |= UINT64_MAX << width;
    return bits;
}

/* Whether a number that is whole is this integer; 2^63 and 2^64 are none. */
static bool is_integer(tarn_real real, tarn__dtype type, uint64_t bits)
{
    const double number = (double)real;
    if (types[type].kind == 'i')
        return number < 0x1p63 && (int64_t)number == (int64_t)bits;
    return number < 0x1p64 && (uint64_t)number == bits;
}

bool tarn__dtype_to_real(tarn__dtype type, const void *at, tarn_real *to)
{
    if (types[type].kind == 'f') {
        const double value = read_float(type, at);
        *to = (tarn_real)value;
        return isfinite(*to) || !isfinite(value);
    }
    const uint64_t bits = read_integer(type, at);
    if (types[type].kind == 'b') {
        *to = bits != 0;
        return bits <= 1;
    }
    *to = types[type].kind == 'i' ? (tarn_real)(int64_t)bits : (tarn_real)bits;
    return is_integer(*to, type, bits);
}

tarn__number_text tarn__dtype_to_text(tarn__dtype type, const void *at)
{
    tarn__number_text number;
    if (types[type].kind == 'f')
        tarn__format(number.text, sizeof number.text, "%g", read_float(type, at));
    else if (types[type].kind == 'i')
        snprintf(number.text, sizeof number.text, "%" PRId64, (int64_t)read_integer(type, at));
    else
        snprintf(number.text, sizeof number.text, "%" PRIu64, read_integer(type, at));
    return number;
}
