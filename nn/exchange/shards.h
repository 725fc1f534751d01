/* Models in several files of safetensors beside an index, "model.safetensors.index.json":
       {"metadata": {...}, "weight_map": {"0.weight": "model-00001-of-00002.safetensors", ...}} */
#ifndef TARN_NN_EXCHANGE_SHARDS_H
#define TARN_NN_EXCHANGE_SHARDS_H

#include "nn/reader.h"

/* Whether the path ends as those of indices do. */
bool tarn__is_index(const char *path);

/* For tarn__reader_open(): opens all files, which lie beside the index, and makes one header of
   theirs, as if their data stood one behind the other. */
bool tarn__shards_open(tarn__reader *r);

#endif
