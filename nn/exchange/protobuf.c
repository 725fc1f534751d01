#include "nn/exchange/protobuf.h"

#include <stdlib.h>
#include <string.h>

/* How a value is written, in the lowest three bits of a key. */
enum { VARINT = 0, LENGTH = 2, FIXED32 = 5 };

/* Room for so many more bytes, which then count as written. NULL when memory ran out. */
static uint8_t *take(tarn__message *m, size_t size)
{
    if (m->failed || size > SIZE_MAX / 2 - m->size)
        m->failed = true;
    if (!m->failed && m->size + size > m->capacity) {
        const size_t capacity = 2 * (m->size + size);
        uint8_t *larger = realloc(m->bytes, capacity);
        m->failed = !larger;
        m->bytes = larger ? larger : m->bytes;
        m->capacity = larger ? capacity : m->capacity;
    }
    if (m->failed)
        return NULL;
    m->size += size;
    return m->bytes + m->size - size;
}

/* Seven bits a byte, the lowest first; the eighth says that more follow. */
static void put_varint(tarn__message *m, uint64_t value)
{
    uint8_t *at;
    for (; value >= 0x80; value >>= 7)
        if ((at = take(m, 1)))
            *at = (uint8_t)(0x80 | (value & 0x7f));
    if ((at = take(m, 1)))
        *at = (uint8_t)value;
}

static void put_key(tarn__message *m, int field, int how)
{
    put_varint(m, (uint64_t)field << 3 | (uint64_t)how);
}

void tarn__put_int(tarn__message *m, int field, int64_t value)
{
    put_key(m, field, VARINT);
    put_varint(m, (uint64_t)value);
}

void tarn__put_float(tarn__message *m, int field, float value)
{
    uint32_t bits;
    memcpy(&bits, &value, sizeof bits);
    put_key(m, field, FIXED32);
    uint8_t *at = take(m, sizeof bits);
    for (int i = 0; at && i < 4; i++)
        at[i] = (uint8_t)(bits >> 8 * i);
}

uint8_t *tarn__put_bytes(tarn__message *m, int field, size_t size)
{
    put_key(m, field, LENGTH);
    put_varint(m, size);
    return take(m, size);
}

void tarn__put_text(tarn__message *m, int field, const char *text)
{
    const size_t length = strlen(text);
    uint8_t *at = tarn__put_bytes(m, field, length);
    if (at)
        memcpy(at, text, length);
}

void tarn__put_fields(tarn__message *m, tarn__message *fields)
{
    m->failed = m->failed || fields->failed;
    uint8_t *at = fields->size > 0 ? take(m, fields->size) : NULL;
    if (at)
        memcpy(at, fields->bytes, fields->size);
    tarn__message_free(fields);
}

void tarn__put_message(tarn__message *m, int field, tarn__message *inner)
{
    put_key(m, field, LENGTH);
    put_varint(m, inner->size);
    tarn__put_fields(m, inner);
}

void tarn__message_free(tarn__message *m)
{
    free(m->bytes);
    *m = (tarn__message){.size = 0};
}
