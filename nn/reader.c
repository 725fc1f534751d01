#include "nn/reader.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/error.h"
#include "core/base/file.h"
#include "nn/exchange/form.h"
#include "nn/exchange/npz.h"
#include "nn/safetensors.h"

/* A header takes up to 24 times its size when parsed (nn/json.c), so its size is limited: to what
   the names need, or to a sixteenth of the file, and a megabyte for metadata. */
enum { HEADER_BYTES = 1 << 20, HEADER_BYTES_PER_TENSOR = 4096, FILE_BYTES_PER_HEADER_BYTE = 16 };

static bool read_bytes(tarn__reader *r, void *to, size_t size)
{
    if (fread(to, 1, size, r->file) == size)
        return true;
    return tarn_set_error("%s: cannot be read to its end", r->path);
}

/* Reads the length of the header; what follows the header is data. */
static bool read_length(tarn__reader *r, int64_t file_size, int tensors)
{
    unsigned char bytes[8];
    if (file_size < 8)
        return tarn_set_error("%s: has %lld bytes, expects a safetensors file, at least 8", r->path,
                              (long long)file_size);
    if (!read_bytes(r, bytes, sizeof bytes))
        return false;
    uint64_t length = 0;
    for (int i = 7; i >= 0; i--)
        length = length << 8 | bytes[i];
    int64_t limit = HEADER_BYTES + (tensors < 0 ? file_size / FILE_BYTES_PER_HEADER_BYTE
                                                : (int64_t)HEADER_BYTES_PER_TENSOR * tensors);
    if (limit > file_size - 8)
        limit = file_size - 8;
    if (length < 2 || length > (uint64_t)limit)
        return tarn_set_error("%s: starts with a header length of %llu bytes, expects 2 to %lld; "
                              "it is cut off or not a safetensors file",
                              r->path, (unsigned long long)length, (long long)limit);
    r->header_size = (int64_t)length;
    r->data_size = file_size - 8 - r->header_size;
    return true;
}

static bool read_header(tarn__reader *r)
{
    const size_t size = (size_t)r->header_size;
    char *text = malloc(size);
    if (!text)
        return tarn_set_error("%s: out of memory for a header of %zu bytes", r->path, size);
    const bool complete = read_bytes(r, text, size);
    r->header = complete ? tarn__json_parse(r->path, "the header", text, size) : NULL;
    free(text);
    return r->header;
}

static bool check_metadata(const tarn__reader *r)
{
    json_t *metadata = json_object_get(r->header, TARN__METADATA), *value;
    const char *key;
    if (metadata && !json_is_object(metadata))
        return tarn_set_error("%s: " TARN__METADATA " is not an object", r->path);
    json_object_foreach(metadata, key, value) if (!json_is_string(value)) return tarn_set_error(
        "%s: " TARN__METADATA " %s is not a string", r->path, tarn__quote(key).text);
    return true;
}

bool tarn__reader_read(tarn__reader *r)
{
    size_t size = (size_t)r->data_size;
    r->data = malloc(size + 1);
    if (!r->data)
        return tarn_set_error("%s: out of memory for %zu bytes of data", r->path, size);
    if (r->archive)
        return tarn__npz_read(r);
    char *to = r->data;
    for (int i = 0; i < r->shard_count; i++) {
        if (!read_bytes(&r->shards[i], to, (size_t)r->shards[i].data_size))
            return false;
        to += r->shards[i].data_size;
    }
    return r->shard_count > 0 || read_bytes(r, to, size);
}

const void *tarn__reader_data(const tarn__reader *r, int slot)
{
    for (int i = 0; i < r->span_count; i++)
        if (r->spans[i].slot == slot)
            return r->data + r->spans[i].begin;
    return NULL;
}

/* Of one number: at least 0 and finite. */
static bool check_number(const tarn__reader *r, const tarn__slot *slot, const void *data)
{
    int64_t whole = 0;
    double number = 0;
    if (slot->element == TARN__INT64)
        memcpy(&whole, data, sizeof whole);
    else
        memcpy(&number, data, sizeof number);
    if (whole >= 0 && number >= 0 && isfinite(number))
        return true;
    return tarn_set_error("%s: %s is %.17g, expects a finite number of at least 0", r->path,
                          slot->name, whole ? (double)whole : number);
}

bool tarn__reader_check(const tarn__reader *r, const tarn__slot *slots)
{
    for (int i = 0; i < r->span_count; i++) {
        const int at = r->spans[i].slot;
        const char *data = r->data + r->spans[i].begin;
        if (at >= 0 && slots[at].bounded && !check_number(r, &slots[at], data))
            return false;
        if (at >= 0 && slots[at].converts &&
            !tarn__slot_can_take(r->path, &slots[at], r->spans[i].dtype, data))
            return false;
    }
    return true;
}

void tarn__reader_fill(const tarn__reader *r, const tarn__slot *slots)
{
    for (int i = 0; i < r->span_count; i++) {
        const tarn__span *span = &r->spans[i];
        if (span->slot >= 0 && slots[span->slot].converts)
            tarn__slot_scatter(&slots[span->slot], span->dtype, r->data + span->begin);
        else if (span->slot >= 0)
            memcpy(slots[span->slot].data, r->data + span->begin,
                   (size_t)(span->end - span->begin));
    }
}

bool tarn__reader_open_one(tarn__reader *r, int tensors)
{
    int64_t file_size;
    r->file = tarn__open_regular(r->path, &file_size);
    return r->file && read_length(r, file_size, tensors) && read_header(r) && check_metadata(r);
}

const char *tarn__reader_metadata(const tarn__reader *r, const char *key)
{
    return json_string_value(json_object_get(json_object_get(r->header, TARN__METADATA), key));
}

json_t *tarn__reader_json(const tarn__reader *r, const char *key)
{
    const char *text = tarn__reader_metadata(r, key);
    if (!text) {
        tarn_set_error("%s: its metadata have no \"%s\"", r->path, key);
        return NULL;
    }
    char what[80];
    snprintf(what, sizeof what, "\"%.40s\" in its metadata", key);
    return tarn__json_parse(r->path, what, text, strlen(text));
}

void tarn__reader_close(tarn__reader *r)
{
    for (int i = 0; i < r->shard_count; i++)
        tarn__reader_close(&r->shards[i]);
    free(r->shards);
    free(r->own_path);
    json_decref(r->header);
    free(r->spans);
    free(r->data);
    free(r->archive);
    if (r->file)
        fclose(r->file);
    *r = (tarn__reader){.path = NULL};
}
