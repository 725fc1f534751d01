/* .npz files as what models are read from and written to, in the place of safetensors: each array
   is a tensor. What safetensors' metadata say stands in the comment of the ZIP file, as JSON. */
#ifndef TARN_NN_EXCHANGE_NPZ_H
#define TARN_NN_EXCHANGE_NPZ_H

#include "nn/exchange/npy_format.h"
#include "nn/reader.h"

/* The longest name of an array, in bytes. */
enum { TARN__NPZ_MOST_NAME = 251 };

/* For tarn__reader_open(): makes the header that safetensors would have of what the arrays begin
   with. That is all that is unpacked: a deflated array may have a thousand times the bytes that it
   takes in the file, and is not unpacked before somebody wants it. The shape that it begins with
   fits the bytes that the file says it has. */
bool tarn__npz_open(tarn__reader *r);

/* Unpacks the arrays one after the other, in the order of the file, and hands each over; with
   spans, of tarn__match(), those that a slot is for. i counts all. False with tarn_error() set,
   also if take() gives false. */
typedef bool tarn__npz_take(void *context, int i, const char *name, const tarn__npy *npy);
bool tarn__npz_each(const tarn__reader *r, const tarn__span *spans, tarn__npz_take *take,
                    void *context);

/* For tarn__reader_read(): fills the data. */
bool tarn__npz_read(tarn__reader *r);

/* As tarn__write_safetensors(). */
bool tarn__write_npz(const char *path, json_t *metadata, const tarn__slot *slots, int count);

#endif
