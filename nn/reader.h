/* Reads the safetensors format. The file may come from anybody: nothing in it is believed before it
   is checked, and no memory is taken but for the file and for a header of a fair size. */
#ifndef TARN_NN_READER_H
#define TARN_NN_READER_H

#include <stdint.h>
#include <stdio.h>

#include "core/slot.h"
#include "nn/exchange/dtype.h"
#include "nn/json.h"

/* Where in the data a tensor of the file stands. */
typedef struct tarn__span {
    int64_t begin, end;
    const char *name;
    int slot;          /* -1: of something else */
    tarn__dtype dtype; /* of a slot's */
} tarn__span;

typedef struct tarn__reader {
    const char *path;
    FILE *file;
    int64_t header_size, data_size;
    json_t *header;
    int span_count;
    tarn__span *spans; /* of all tensors */
    char *data;

    struct tarn__reader *shards; /* of an index: the files that it names, in their order */
    int shard_count;
    char *own_path; /* the path, if it is the reader's */

    uint8_t *archive; /* of NumPy's: all bytes of the file */
    int64_t archive_size;
} tarn__reader;

/* Opens the file and reads its header, which may be as long as a fair one of so many tensors; -1:
   of a file of this size. An index of several files (.json) and NumPy's files (.npz), told by the
   path's end, are as one of safetensors with all their tensors. All functions give false with
   tarn_error() set, beginning with the path, when something is wrong; close() is due in any case.
 */
bool tarn__reader_open(tarn__reader *r, const char *path, int tensors);

/* Whether the path ends as those of NumPy's files do. */
bool tarn__is_npz(const char *path);

/* The same for a file of safetensors; the path is set. */
bool tarn__reader_open_one(tarn__reader *r, int tensors);

/* The text of the file's metadata under that key, NULL if there is none. The reader's. */
const char *tarn__reader_metadata(const tarn__reader *r, const char *key);

/* The same, parsed as JSON: a new reference to an object. NULL with tarn_error() set for anything
   else, and for a key that is not there. */
json_t *tarn__reader_json(const tarn__reader *r, const char *key);

/* After tarn__match(): reads all data, gives that of one slot (not aligned), checks those that are
   bounded or of another type, and fills all slots, which cannot fail. */
bool tarn__reader_read(tarn__reader *r);
const void *tarn__reader_data(const tarn__reader *r, int slot);
bool tarn__reader_check(const tarn__reader *r, const tarn__slot *slots);
void tarn__reader_fill(const tarn__reader *r, const tarn__slot *slots);

void tarn__reader_close(tarn__reader *r);

#endif
