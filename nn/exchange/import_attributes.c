/* What an operator asks its node: attributes, and inputs that must be known numbers. */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/error.h"
#include "core/base/format.h"
#include "nn/exchange/import_internal.h"
#include "nn/exchange/onnx_numbers.h"

bool tarn__import_fail(const tarn__importer *c, const char *format, ...)
{
    char what[600];
    va_list arguments;
    if (c->failed)
        return false;
    va_start(arguments, format);
    tarn__format_list(what, sizeof what, format, arguments);
    va_end(arguments);
    const tarn__onnx_node *n = c->node;
    return tarn_set_error("%s: node \"%s\" (%s) %s", c->file.path,
                          tarn__onnx_node_name(&c->file, n).text, tarn__onnx_quote(n->type).text,
                          what);
}

tarn__import_value *tarn__import_in(const tarn__importer *c, int i)
{
    const int link = i < c->node->input_count ? c->file.links[c->node->inputs + i] : -1;
    return link >= 0 ? &c->values[link] : NULL;
}

tarn__import_value *tarn__import_out(const tarn__importer *c, int k)
{
    const int link = k < c->node->output_count ? c->file.links[c->node->outputs + k] : -1;
    return link >= 0 ? &c->values[link] : NULL;
}

/* ---- Attributes */

/* The message of the attribute; its size is 0 if there is none. */
static tarn__bytes find(const tarn__importer *c, const char *name)
{
    tarn__fields fields = tarn__fields_of(c->node->message), parts;
    tarn__field x, part;
    while (tarn__next_field(&fields, &x)) {
        parts = tarn__fields_of(x.bytes);
        while (x.number == NODE_ATTRIBUTE && tarn__next_field(&parts, &part))
            if (part.number == ATTRIBUTE_NAME && tarn__bytes_are(part.bytes, name))
                return x.bytes;
    }
    return (tarn__bytes){.size = 0};
}

/* A field of it; false if it has none. */
static bool find_field(const tarn__importer *c, const char *name, int number, tarn__field *field)
{
    tarn__fields fields = tarn__fields_of(find(c, name));
    bool found = false;
    tarn__field x;
    while (tarn__next_field(&fields, &x))
        if (x.number == number) {
            *field = x;
            found = true;
        }
    return found;
}

int64_t tarn__import_int_of(const tarn__importer *c, const char *name, int64_t otherwise)
{
    tarn__field x;
    return find_field(c, name, ATTRIBUTE_I, &x) ? (int64_t)x.value : otherwise;
}

double tarn__import_float_of(const tarn__importer *c, const char *name, double otherwise)
{
    tarn__field x;
    float value;
    if (!find_field(c, name, ATTRIBUTE_F, &x))
        return otherwise;
    const uint32_t bits = (uint32_t)x.value;
    memcpy(&value, &bits, sizeof value);
    return (double)value;
}

tarn__bytes tarn__import_text_of(const tarn__importer *c, const char *name)
{
    tarn__field x;
    return find_field(c, name, ATTRIBUTE_S, &x) ? x.bytes : (tarn__bytes){.size = 0};
}

tarn__bytes tarn__import_tensor_of(const tarn__importer *c, const char *name)
{
    tarn__field x;
    return find_field(c, name, ATTRIBUTE_T, &x) ? x.bytes : (tarn__bytes){.size = 0};
}

int tarn__import_ints_of(const tarn__importer *c, const char *name, int most, int64_t *to)
{
    const tarn__bytes message = find(c, name);
    tarn__fields fields = tarn__fields_of(message);
    tarn__field x;
    int count = 0;
    while (tarn__next_field(&fields, &x)) {
        tarn__bytes packed = x.bytes;
        if (x.number != ATTRIBUTE_INTS)
            continue;
        do {
            if (x.wire == TARN__LENGTH && !tarn__next_varint(&packed, &x.value))
                break;
            if (count < most)
                to[count] = (int64_t)x.value;
            count++;
        } while (x.wire == TARN__LENGTH && packed.size > 0);
    }
    return message.size > 0 ? count : -1;
}

/* ---- Inputs that are known */

bool tarn__import_number(tarn__importer *c, int i, double *number)
{
    tarn__import_value *v = tarn__import_in(c, i);
    if (!v)
        return true;
    if (v->whole && tarn_shape_size(v->whole->shape) == 1) {
        *number = (double)v->whole->numbers[0];
        return true;
    }
    if (v->is_number)
        *number = v->number;
    if (v->is_number)
        return true;
    if (!v->constant || tarn_shape_size(v->shape) != 1)
        return tarn__import_fail(c,
                                 "has an input %d that is computed, or several numbers, expects a "
                                 "number that is known",
                                 i);
    tarn_real *values = tarn__onnx_reals(&c->file, v->constant);
    if (values)
        *number = (double)*values;
    free(values);
    return values;
}

int tarn__import_axis(const tarn__importer *c, int64_t axis, int ndim)
{
    if (axis >= -ndim && axis < ndim)
        return (int)(axis < 0 ? axis + ndim : axis);
    tarn__import_fail(c, "has axis %lld, expects one from %d to %d", (long long)axis, -ndim,
                      ndim - 1);
    return -1;
}
