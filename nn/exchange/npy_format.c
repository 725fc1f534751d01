#include "nn/exchange/npy_format.h"

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/error.h"
#include "nn/exchange/form.h"
#include "nn/reader.h"
#include "nn/safetensors.h"

enum { MAGIC = 6, MOST_HEADER = TARN__NPY_START - 12, ALIGNMENT = 64 };
static const char magic[] = "\x93NUMPY";

/* ---- Reading */

/* The header as it is being read; false sticks. */
typedef struct cursor {
    const char *path, *what, *at, *end;
} cursor;

static bool fail(const cursor *c, const char *reason)
{
    return tarn_set_error("%s: %s%sis no array of NumPy that can be read: %s", c->path, c->what,
                          *c->what ? " " : "", reason);
}

static void skip_blanks(cursor *c)
{
    while (c->at < c->end && (*c->at == ' ' || *c->at == '\n'))
        c->at++;
}

/* Whether the text comes next; passes it, and blanks. */
static bool take(cursor *c, const char *text)
{
    const size_t length = strlen(text);
    skip_blanks(c);
    if ((size_t)(c->end - c->at) < length || memcmp(c->at, text, length) != 0)
        return false;
    c->at += length;
    return true;
}

static bool expect(cursor *c, const char *text)
{
    char reason[80];
    snprintf(reason, sizeof reason, "its header has something else than \"%s\"", text);
    return take(c, text) || fail(c, reason);
}

/* '<f4': the order of bytes, the kind and the size. */
static bool read_type(cursor *c, tarn__npy *npy)
{
    static const struct {
        const char *name;
        tarn__dtype type;
    } types[] = {{"f8", TARN__F64}, {"f4", TARN__F32}, {"f2", TARN__F16}, {"i8", TARN__I64},
                 {"i4", TARN__I32}, {"i2", TARN__I16}, {"i1", TARN__I8},  {"u8", TARN__U64},
                 {"u4", TARN__U32}, {"u2", TARN__U16}, {"u1", TARN__U8},  {"b1", TARN__BOOL}};
    const char *quote = take(c, "'") ? memchr(c->at, '\'', (size_t)(c->end - c->at)) : NULL;
    char name[24] = "", reason[120];
    if (!quote) /* a list of fields, or nothing known */
        return fail(c, "its elements are neither numbers nor truth values");
    const int length = (int)(quote - c->at);
    snprintf(name, sizeof name, "%.*s", length < 20 ? length : 20, c->at);
    npy->swapped = *name == '>';
    for (size_t i = 0; i < sizeof types / sizeof *types; i++)
        if (length == 3 && strchr("<>|=", *name) && !strcmp(name + 1, types[i].name)) {
            npy->dtype = types[i].type;
            c->at = quote + 1;
            return true;
        }
    snprintf(reason, sizeof reason,
             "its elements are of type %.20s, expects floats of 16 to 64 bits, "
             "integers or truth values",
             tarn__quote(name).text);
    return fail(c, reason);
}

static bool read_order(cursor *c, tarn__npy *npy)
{
    npy->fortran = take(c, "True");
    return npy->fortran || expect(c, "False");
}

static bool read_number(cursor *c, int64_t *number)
{
    const char *begin = c->at;
    *number = 0;
    for (; c->at < c->end && *c->at >= '0' && *c->at <= '9'; c->at++) {
        if (*number > (INT64_MAX - 9) / 10)
            return fail(c, "a dimension is too large");
        *number = 10 * *number + (*c->at - '0');
    }
    return c->at > begin || fail(c, "a dimension is no number");
}

/* (), (3,) or (3, 4). */
static bool read_shape(cursor *c, tarn__npy *npy)
{
    if (!expect(c, "("))
        return false;
    npy->shape.ndim = 0;
    while (!take(c, ")")) {
        if (npy->shape.ndim == TARN_MAX_NDIM)
            return fail(c, "it has more than 8 dimensions");
        if (!read_number(c, &npy->shape.dim[npy->shape.ndim++]))
            return false;
        if (!take(c, ",") && c->at < c->end && *c->at != ')')
            return fail(c, "its shape is no list of numbers");
    }
    return true;
}

/* The three entries, each once, in any order. */
static bool read_entries(cursor *c, tarn__npy *npy)
{
    unsigned seen = 0;
    if (!expect(c, "{"))
        return false;
    while (!take(c, "}")) {
        const unsigned entry = take(c, "'descr'")           ? 1u
                               : take(c, "'fortran_order'") ? 2u
                               : take(c, "'shape'")         ? 4u
                                                            : 0u;
        if (entry == 0 || seen & entry)
            return fail(c, "its header is not that of NumPy");
        seen |= entry;
        if (!expect(c, ":") || !(entry == 1   ? read_type(c, npy)
                                 : entry == 2 ? read_order(c, npy)
                                              : read_shape(c, npy)))
            return false;
        if (!take(c, ",") && c->at < c->end && *c->at != '}')
            return fail(c, "its header is not that of NumPy");
    }
    skip_blanks(c);
    return (seen == 7 && c->at == c->end) || fail(c, "its header is not that of NumPy");
}

/* Where the header begins, and how long it is; 0 for none. */
static int64_t find_header(const uint8_t *bytes, int64_t size, int64_t *length)
{
    const int wide = size > MAGIC && bytes[MAGIC] > 1 ? 4 : 2; /* bytes of the length */
    const int64_t begin = MAGIC + 2 + wide;
    if (size < begin || memcmp(bytes, magic, MAGIC) != 0 || bytes[MAGIC] < 1 || bytes[MAGIC] > 3)
        return 0;
    *length = 0;
    for (int i = wide - 1; i >= 0; i--)
        *length = *length << 8 | bytes[MAGIC + 2 + i];
    return *length <= size - begin && *length <= MOST_HEADER ? begin : 0;
}

bool tarn__npy_parse_start(const char *path, const char *what, const uint8_t *bytes, int64_t count,
                           int64_t size, tarn__npy *npy)
{
    cursor c = {.path = path, .what = what};
    int64_t length;
    const int64_t begin = find_header(bytes, count, &length);
    if (begin == 0)
        return fail(&c, "it does not begin as one, or is cut off");
    c.at = (const char *)bytes + begin;
    c.end = c.at + length;
    if (!read_entries(&c, npy))
        return false;
    const int64_t elements = tarn_shape_size(npy->shape), found = size - begin - length;
    const int64_t each = (int64_t)tarn__dtype_bytes(npy->dtype);
    if (elements < 0 || elements > INT64_MAX / each)
        return fail(&c, "it has too many elements");
    npy->bytes = elements * each;
    npy->elements = bytes + begin + length;
    return found == npy->bytes ||
           tarn_set_error("%s: %s%shas %lld bytes of elements, expects %lld for the shape %s", path,
                          what, *what ? " " : "", (long long)found, (long long)npy->bytes,
                          tarn_shape_to_text(npy->shape).text);
}

bool tarn__npy_parse(const char *path, const char *what, const uint8_t *bytes, int64_t size,
                     tarn__npy *npy)
{
    return tarn__npy_parse_start(path, what, bytes, size, size, npy);
}

static void copy_element(char *to, const uint8_t *from, size_t bytes, bool swapped)
{
    for (size_t i = 0; i < bytes; i++)
        to[i] = (char)from[swapped ? bytes - 1 - i : i];
}

void tarn__npy_order(const tarn__npy *npy, char *to)
{
    const int ndim = npy->shape.ndim;
    const size_t bytes = tarn__dtype_bytes(npy->dtype);
    const int64_t count = tarn_shape_size(npy->shape);
    int64_t index[TARN_MAX_NDIM] = {0}, stride[TARN_MAX_NDIM], step = 1, place = 0;
    for (int d = 0; d < ndim; d++) {
        stride[d] = step;
        step *= npy->shape.dim[d];
    }
    for (int64_t i = 0; i < count; i++, to += bytes) {
        const int64_t from = npy->fortran ? place : i;
        copy_element(to, npy->elements + (size_t)from * bytes, bytes, npy->swapped);
        for (int d = ndim - 1; d >= 0; d--) {
            place += stride[d];
            if (++index[d] < npy->shape.dim[d])
                break;
            place -= npy->shape.dim[d] * stride[d];
            index[d] = 0;
        }
    }
}

/* ---- Writing */

/* "(3, 4)", and "(3,)". */
static void print_shape(tarn_shape shape, char *text, size_t size)
{
    size_t used = (size_t)snprintf(text, size, "(");
    for (int d = 0; d < shape.ndim; d++)
        used += (size_t)snprintf(text + used, size - used, "%s%lld", d ? ", " : "",
                                 (long long)shape.dim[d]);
    snprintf(text + used, size - used, shape.ndim == 1 ? ",)" : ")");
}

uint8_t *tarn__npy_make(const char *path, const tarn__slot *slot, size_t *size)
{
    static const char *const types[] = {sizeof(tarn_real) == 8 ? "<f8" : "<f4", "<f8", "<i8",
                                        "|u1"};
    char shape[24 * TARN_MAX_NDIM + 8], header[sizeof shape + 80];
    print_shape(tarn__slot_file_shape(slot), shape, sizeof shape);
    const int length =
        snprintf(header, sizeof header, "{'descr': '%s', 'fortran_order': False, 'shape': %s, }",
                 types[slot->element], shape);
    /* Padded by blanks, with a line's end, so that the elements are aligned. */
    const size_t begin = MAGIC + 4, bytes = tarn__slot_bytes(slot);
    const size_t padded = (begin + (size_t)length + ALIGNMENT) / ALIGNMENT * ALIGNMENT;
    uint8_t *all = malloc(padded + bytes);
    if (!all) {
        tarn_set_error("%s: out of memory for an array of %zu bytes", path, bytes);
        return NULL;
    }
    memset(all, ' ', padded);
    memcpy(all, magic, MAGIC);
    all[MAGIC] = 1;
    all[MAGIC + 1] = 0;
    all[MAGIC + 2] = (uint8_t)(padded - begin);
    all[MAGIC + 3] = (uint8_t)((padded - begin) >> 8);
    memcpy(all + begin, header, (size_t)length);
    all[padded - 1] = '\n';
    if (slot->form)
        tarn__slot_gather(slot, (tarn_real *)(void *)(all + padded));
    else
        memcpy(all + padded, slot->data, bytes);
    *size = padded + bytes;
    return all;
}
