#include "nn/exchange/onnx_tensor.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/error.h"
#include "nn/exchange/onnx_numbers.h"

tarn__dtype tarn__onnx_dtype(int type)
{
    static const tarn__dtype types[] = {
        TARN__NO_DTYPE, TARN__F32, TARN__U8, TARN__I8,   TARN__U16, TARN__I16,
        TARN__I32,      TARN__I64, 0,        TARN__BOOL, TARN__F16, TARN__F64,
        TARN__U32,      TARN__U64, 0,        0,          TARN__BF16};
    enum { COUNT = sizeof types / sizeof *types, TEXTS = 8, COMPLEX = 14, COMPLEX_DOUBLE };
    const bool known =
        type > 0 && type < COUNT && type != TEXTS && type != COMPLEX && type != COMPLEX_DOUBLE;
    return known ? types[type] : TARN__NO_DTYPE;
}

/* ---- As a list */

/* The low bytes of a number, as in the lists of several kinds, one behind the other; only counts
   them if `to` is NULL. */
static void put(uint8_t **to, int64_t *count, uint64_t value, size_t bytes)
{
    for (size_t i = 0; *to && i < bytes; i++)
        *(*to)++ = (uint8_t)(value >> 8 * i);
    ++*count;
}

/* How many bytes a number of the list takes there; 0 for one of variable size. */
static size_t fixed_size(int field)
{
    return field == TENSOR_FLOATS ? 4 : field == TENSOR_DOUBLES ? 8 : 0;
}

/* The field that holds elements of the type as a list. */
static int list_of(tarn__dtype type)
{
    return type == TARN__F32                        ? TENSOR_FLOATS
           : type == TARN__F64                      ? TENSOR_DOUBLES
           : type == TARN__I64                      ? TENSOR_INT64S
           : type == TARN__U64 || type == TARN__U32 ? TENSOR_UINT64S
                                                    : TENSOR_INT32S;
}

/* The numbers of the list, packed or each a field, at most as many as the tensor has; how many
   there are. */
static int64_t decode(const tarn__onnx_tensor *t, tarn__dtype type, uint8_t *to)
{
    const int list = list_of(type);
    const size_t fixed = fixed_size(list), bytes = tarn__dtype_bytes(type);
    const int64_t most = tarn_shape_size(t->shape);
    tarn__fields fields = tarn__fields_of(t->message);
    tarn__field x;
    int64_t count = 0;
    while (count <= most && tarn__next_field(&fields, &x)) {
        if (x.number != list)
            continue;
        if (x.wire != TARN__LENGTH) {
            put(count < most ? &to : &(uint8_t *){NULL}, &count, x.value, bytes);
            continue;
        }
        tarn__bytes rest = x.bytes;
        while (count <= most && (fixed > 0 ? rest.size >= fixed : rest.size > 0)) {
            uint64_t value = 0;
            if (fixed == 0 && !tarn__next_varint(&rest, &value))
                return -1;
            for (size_t i = 0; i < fixed; i++)
                value |= (uint64_t)rest.at[i] << 8 * i;
            rest.at += fixed;
            rest.size -= fixed;
            put(count < most ? &to : &(uint8_t *){NULL}, &count, value, bytes);
        }
        if (rest.size > 0 && count <= most)
            return -1;
    }
    return count;
}

/* ---- Together */

static bool fail_count(const tarn__onnx_file *f, const tarn__onnx_tensor *t)
{
    char what[300];
    snprintf(what, sizeof what, "has other than the %lld elements of its shape %s",
             (long long)tarn_shape_size(t->shape), tarn_shape_to_text(t->shape).text);
    return tarn__onnx_tensor_fails(f, t, what);
}

/* The elements as they are in memory: in the file, or in *owned, which the caller frees. NULL with
   the error set. */
static const uint8_t *elements(tarn__onnx_file *f, const tarn__onnx_tensor *t, tarn__dtype type,
                               uint8_t **owned)
{
    enum { EXTERNAL = 1 };
    const size_t bytes = (size_t)tarn_shape_size(t->shape) * tarn__dtype_bytes(type);
    tarn__fields fields = tarn__fields_of(t->message);
    tarn__field x;
    tarn__bytes raw = {.size = 0};
    bool external = false;
    while (tarn__next_field(&fields, &x)) {
        raw = x.number == TENSOR_RAW && x.wire == TARN__LENGTH ? x.bytes : raw;
        external |= x.number == TENSOR_LOCATION && x.value == EXTERNAL;
    }
    if (external)
        return *owned = tarn__onnx_load_beside(f, t, bytes);
    if (raw.size == 0 && decode(t, type, NULL) == tarn_shape_size(t->shape)) {
        *owned = malloc(bytes + 1);
        if (!*owned)
            tarn__onnx_tensor_fails(f, t, "does not fit into memory");
        else
            decode(t, type, *owned);
        return *owned;
    }
    if (raw.at && raw.size == bytes)
        return raw.at;
    fail_count(f, t);
    return NULL;
}

tarn_real *tarn__onnx_reals(tarn__onnx_file *f, const tarn__onnx_tensor *t)
{
    const tarn__dtype type = tarn__onnx_dtype(t->type);
    const int64_t count = tarn_shape_size(t->shape);
    uint8_t *owned = NULL;
    if (type == TARN__NO_DTYPE) {
        tarn__onnx_tensor_fails(
            f, t, "holds elements of a type that Tarn does not read, expects numbers");
        return NULL;
    }
    const uint8_t *from = elements(f, t, type, &owned);
    tarn_real *to = from ? malloc((size_t)count * sizeof *to + 1) : NULL;
    bool right = to || (from && tarn__onnx_tensor_fails(f, t, "does not fit into memory"));
    for (int64_t i = 0; right && i < count; i++)
        right = tarn__dtype_to_real(type, from + (size_t)i * tarn__dtype_bytes(type), &to[i]) ||
                tarn__onnx_tensor_fails(
                    f, t, "holds a number that is not one of those that Tarn's have room for");
    free(owned);
    if (right)
        return to;
    free(to);
    return NULL;
}

int64_t *tarn__onnx_integers(tarn__onnx_file *f, const tarn__onnx_tensor *t)
{
    const tarn__dtype type = tarn__onnx_dtype(t->type);
    const int64_t count = tarn_shape_size(t->shape);
    uint8_t *owned = NULL;
    if (type != TARN__I64 && type != TARN__I32 && type != TARN__BOOL) {
        tarn__onnx_tensor_fails(f, t, "is to hold whole numbers, of type INT64 or INT32");
        return NULL;
    }
    const uint8_t *from = elements(f, t, type, &owned);
    int64_t *to = from ? malloc((size_t)count * sizeof *to + 1) : NULL;
    for (int64_t i = 0; to && i < count; i++) {
        int32_t narrow = 0;
        if (type == TARN__I64)
            memcpy(&to[i], from + 8 * i, sizeof to[i]);
        else if (type == TARN__I32)
            memcpy(&narrow, from + 4 * i, sizeof narrow);
        else
            narrow = from[i] != 0;
        to[i] = type == TARN__I64 ? to[i] : narrow;
    }
    if (from && !to)
        tarn__onnx_tensor_fails(f, t, "does not fit into memory");
    free(owned);
    return to;
}
