/*
 * Messages of protocol buffers, written into memory. A message is its fields one after the other,
 * each a key (its number and how its value is written) and the value; in another message it is a
 * field of bytes. Numbers of fields are those of the .proto file, here that of ONNX.
 */
#ifndef TARN_NN_EXCHANGE_PROTOBUF_H
#define TARN_NN_EXCHANGE_PROTOBUF_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef struct tarn__message {
    uint8_t *bytes;
    size_t size, capacity;
    bool failed; /* memory ran out: nothing is added any more */
} tarn__message;

void tarn__put_int(tarn__message *m, int field, int64_t value);
void tarn__put_float(tarn__message *m, int field, float value);
void tarn__put_text(tarn__message *m, int field, const char *text);

/* A field of so many bytes: where they are to be written; NULL when memory ran out. */
uint8_t *tarn__put_bytes(tarn__message *m, int field, size_t size);

/* Adds a message to another and frees it; it is empty then. A failure goes over. */
void tarn__put_message(tarn__message *m, int field, tarn__message *inner);

/* Adds the fields of a message to another, and frees it as well. */
void tarn__put_fields(tarn__message *m, tarn__message *fields);

void tarn__message_free(tarn__message *m);

#endif
