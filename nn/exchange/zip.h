/* ZIP files, as far as NumPy's .npz needs them: stored or deflated members, no encryption, below 4
   GB. https://pkware.cachefly.net/webdocs/casestudies/APPNOTE.TXT */
#ifndef TARN_NN_EXCHANGE_ZIP_H
#define TARN_NN_EXCHANGE_ZIP_H

#include <stdbool.h>
#include <stdint.h>

#include "core/base/file.h"

/* ---- Reading */

typedef struct tarn__zip {
    const char *path;
    const uint8_t *bytes; /* the whole file */
    int64_t size;
    int count;              /* of members */
    int64_t directory, end; /* where their list stands, and where what follows it */
    const char *comment;    /* of the whole file, not ended by a 0 */
    int64_t comment_length;
    int64_t at, data_end; /* the next entry of the list; where the data of the last member ended */
} tarn__zip;

typedef struct tarn__member {
    char name[256];
    bool deflated;
    uint32_t crc;
    int64_t packed, unpacked; /* bytes */
    const uint8_t *data;
} tarn__member;

/* Finds the list of members. All give false, or NULL, with tarn_error() set, beginning with the
   path, for what is no such file. */
bool tarn__zip_open(tarn__zip *zip, const char *path, const uint8_t *bytes, int64_t size);

/* The next member; there are so many as the count says. Members that share data are refused. */
bool tarn__zip_next(tarn__zip *zip, tarn__member *member);

/* Its first bytes, so many or all of fewer, which the caller frees; whatever else if it is damaged,
   which unpack() finds out. */
uint8_t *tarn__zip_start(const tarn__zip *zip, const tarn__member *member, int64_t count);

/* What it contains, which the caller frees; its checksum is right. */
uint8_t *tarn__zip_unpack(const tarn__zip *zip, const tarn__member *member);

/* ---- Writing */

typedef struct tarn__zip_writer {
    tarn__replacement file;
    uint64_t written;
    uint8_t *list; /* of members, so far */
    size_t list_size;
    int count;
} tarn__zip_writer;

bool tarn__zip_begin(tarn__zip_writer *w, const char *path);
bool tarn__zip_add(tarn__zip_writer *w, const char *name, const uint8_t *bytes, size_t size);

/* Writes the list and the comment, at most 65,535 bytes, if all before was complete. If not, or
   after a failure, there is no file; end() is due in any case. */
bool tarn__zip_end(tarn__zip_writer *w, bool complete, const char *comment);

#endif
