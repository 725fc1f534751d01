/* Writes the safetensors format. */
#ifndef TARN_NN_WRITER_H
#define TARN_NN_WRITER_H

#include "core/slot.h"
#include "nn/json.h"

/* Replaces the file as a whole, or not at all: false with tarn_error() set. metadata is an object
   of strings, which this function frees; NULL stands for memory that ran out in jansson, which is
   being watched (nn/json.h). */
bool tarn__write_safetensors(const char *path, json_t *metadata, const tarn__slot *slots,
                             int count);

#endif
