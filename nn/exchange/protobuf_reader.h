/*
 * Messages of protocol buffers being read: nn/exchange/protobuf.h tells what they are. A reader
 * goes through the fields of one message, in the order of the file, and never behind its end. What
 * is in a field of bytes may be a message, which has a reader of its own.
 */
#ifndef TARN_NN_EXCHANGE_PROTOBUF_READER_H
#define TARN_NN_EXCHANGE_PROTOBUF_READER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Bytes of a file in memory: a text (without a final 0), numbers or a message. */
typedef struct tarn__bytes {
    const uint8_t *at;
    size_t size;
} tarn__bytes;

bool tarn__bytes_are(tarn__bytes bytes, const char *text);

/* How a value is written. */
typedef enum tarn__wire {
    TARN__VARINT = 0,
    TARN__FIXED64 = 1,
    TARN__LENGTH = 2,
    TARN__FIXED32 = 5
} tarn__wire;

typedef struct tarn__field {
    int number;
    tarn__wire wire;
    uint64_t value;    /* of a number: its bits */
    tarn__bytes bytes; /* of TARN__LENGTH */
} tarn__field;

typedef struct tarn__fields {
    tarn__bytes rest;
    char broken[120]; /* what is wrong with the message; "" for nothing so far */
} tarn__fields;

tarn__fields tarn__fields_of(tarn__bytes message);

/* The next field. False at the end, and where the message is damaged, which then is in broken. */
bool tarn__next_field(tarn__fields *fields, tarn__field *field);

/* A number of seven bits a byte off the front of packed ones; false if there is none, which at
   their end is right. */
bool tarn__next_varint(tarn__bytes *rest, uint64_t *value);

#endif
