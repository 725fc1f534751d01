#include "nn/exchange/protobuf_reader.h"

#include <stdio.h>
#include <string.h>

bool tarn__bytes_are(tarn__bytes bytes, const char *text)
{
    return bytes.size == strlen(text) && (bytes.size == 0 || !memcmp(bytes.at, text, bytes.size));
}

tarn__fields tarn__fields_of(tarn__bytes message)
{
    return (tarn__fields){.rest = message};
}

static tarn__bytes take(tarn__bytes *rest, size_t size)
{
    const tarn__bytes front = {rest->at, size};
    rest->at += size;
    rest->size -= size;
    return front;
}

/* At most ten bytes, of whose last one bit counts. */
bool tarn__next_varint(tarn__bytes *rest, uint64_t *value)
{
    *value = 0;
    for (int shift = 0; rest->size > 0 && shift < 70; shift += 7) {
        const uint8_t byte = *take(rest, 1).at;
        if (shift == 63 && byte > 1)
            return false;
        *value |= (uint64_t)(byte & 0x7f) << shift;
        if (byte < 0x80)
            return true;
    }
    return false;
}

static bool fail(tarn__fields *f, const char *what, uint64_t number)
{
    snprintf(f->broken, sizeof f->broken, "%s %llu", what, (unsigned long long)number);
    return false;
}

/* Little-endian, as all of the format. */
static bool read_fixed(tarn__fields *f, tarn__field *field, size_t size)
{
    if (f->rest.size < size)
        return fail(f, "it ends within field", (uint64_t)field->number);
    field->value = 0;
    const tarn__bytes bytes = take(&f->rest, size);
    for (size_t i = 0; i < size; i++)
        field->value |= (uint64_t)bytes.at[i] << 8 * i;
    return true;
}

static bool read_bytes(tarn__fields *f, tarn__field *field)
{
    uint64_t length;
    if (!tarn__next_varint(&f->rest, &length))
        return fail(f, "it ends within field", (uint64_t)field->number);
    if (length > f->rest.size)
        return fail(f, "a field says that it has more bytes than its message:", length);
    field->bytes = take(&f->rest, (size_t)length);
    return true;
}

bool tarn__next_field(tarn__fields *f, tarn__field *field)
{
    enum { MOST_NUMBER = (1 << 29) - 1 };
    uint64_t key;
    *field = (tarn__field){.number = 0};
    if (f->rest.size == 0 || *f->broken)
        return false;
    if (!tarn__next_varint(&f->rest, &key) || key >> 3 == 0 || key >> 3 > MOST_NUMBER)
        return fail(f, "it has a field without a right number, behind which there are bytes:",
                    f->rest.size);
    field->number = (int)(key >> 3);
    field->wire = (tarn__wire)(key & 7);
    switch (field->wire) {
    case TARN__VARINT:
        return tarn__next_varint(&f->rest, &field->value) ||
               fail(f, "it ends within field", (uint64_t)field->number);
    case TARN__FIXED64:
        return read_fixed(f, field, 8);
    case TARN__FIXED32:
        return read_fixed(f, field, 4);
    case TARN__LENGTH:
        return read_bytes(f, field);
    default: /* groups, which nothing writes any more */
        return fail(f, "it has a field that is written in no known way,", key & 7);
    }
}
