/* Opens what a network may come in: the end of the path tells which. */
#include <string.h>

#include "nn/exchange/npz.h"
#include "nn/exchange/shards.h"
#include "nn/reader.h"

bool tarn__is_npz(const char *path)
{
    const size_t length = strlen(path);
    return length >= 4 && !strcmp(path + length - 4, ".npz");
}

bool tarn__reader_open(tarn__reader *r, const char *path, int tensors)
{
    *r = (tarn__reader){.path = path};
    return tarn__is_index(path) ? tarn__shards_open(r)
           : tarn__is_npz(path) ? tarn__npz_open(r)
                                : tarn__reader_open_one(r, tensors);
}
