/* .npz files as what models are read from and written to, in the place of safetensors: each array
   is a tensor. What safetensors' metadata say stands in the comment of the ZIP file, as JSON, if it
   has room there. */
#ifndef TARN_NN_EXCHANGE_NPZ_INTERNAL_H
#define TARN_NN_EXCHANGE_NPZ_INTERNAL_H

#include "nn/reader.h"

/* Whether the path ends as those of such files do. */
bool tarn__is_npz(const char *path);

/* For tarn__reader_open(): reads all arrays, and makes the header that safetensors would have. */
bool tarn__npz_open(tarn__reader *r);

/* As tarn__write_safetensors(). */
bool tarn__write_npz(const char *path, json_t *metadata, const tarn__slot *slots, int count);

#endif
