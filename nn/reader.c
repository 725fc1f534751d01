#include "nn/reader.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/error.h"
#include "core/base/file.h"
#include "nn/safetensors.h"

/* A header takes up to 80 times its size when parsed, so its size is limited: to what the names
   need, or to a sixteenth of the file, and a megabyte for metadata. */
enum { HEADER_BYTES = 1 << 20, HEADER_BYTES_PER_TENSOR = 4096, FILE_BYTES_PER_HEADER_BYTE = 16 };

struct tarn__span {
    int64_t begin, end;
    const char *name;
    int slot; /* -1: of something else */
};

tarn__quoted tarn__quote(const char *text)
{
    tarn__quoted q = {""};
    for (size_t i = 0; i < sizeof q.text - 1 && text[i]; i++)
        q.text[i] = (char)(text[i] < ' ' || text[i] > '~' ? '?' : text[i]);
    return q;
}

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

/* Where the slot of that name is, -1 if there is none. Looks at the one behind `last` first, since
   files mostly have the order of the slots. */
static int find_slot(const char *name, const tarn__slot *slots, int count, int last)
{
    for (int k = 0; k < count; k++) {
        const int i = (last + 1 + k) % count;
        if (!strcmp(name, slots[i].name))
            return i;
    }
    return -1;
}

/* All slots are among the header's names, and nothing else but the others. */
static bool check_names(const tarn__reader *r, const tarn__slot *slots, int count,
                        tarn__others others)
{
    for (int i = 0; i < count; i++)
        if (!json_object_get(r->header, slots[i].name))
            return tarn_set_error("%s: has no tensor %s, which the module expects", r->path,
                                  slots[i].name);
    const bool parts =
        others == TARN__NO_OTHER_WEIGHTS && tarn__reader_metadata(r, TARN__CHECKPOINT);
    if (others == TARN__ANY_OTHERS)
        return true;
    const char *key;
    json_t *entry;
    int last = -1;
    json_object_foreach(r->header, key, entry)
    {
        if (!strcmp(key, TARN__METADATA) || (parts && strchr(key, ':')))
            continue;
        last = find_slot(key, slots, count, last);
        if (last < 0)
            return tarn_set_error("%s: has a tensor \"%s\", which the module does not have",
                                  r->path, tarn__quote(key).text);
    }
    return true;
}

/* A layer as wide as high would take weights of another layout without a word. */
static bool check_layout(const tarn__reader *r)
{
    json_t *layout = json_object_get(json_object_get(r->header, TARN__METADATA), "layout");
    const char *found = json_is_string(layout) ? json_string_value(layout) : "";
    return !strcmp(found, TARN__LAYOUT) ||
           tarn_set_error("%s: its metadata say the layout \"%s\", expects \"" TARN__LAYOUT
                          "\": bring the weights into it (from PyTorch: linear weights by .T, "
                          "convolution weights by .permute(2, 3, 1, 0)) and save them with the "
                          "metadata {\"layout\": \"" TARN__LAYOUT "\"}",
                          r->path, tarn__quote(found).text);
}

static bool check_dtype(const tarn__reader *r, const char *name, json_t *dtype,
                        tarn__element element)
{
    static const char *const dtypes[] = TARN__DTYPES;
    const char *found = json_is_string(dtype) ? json_string_value(dtype) : "none";
    return !strcmp(found, dtypes[element]) ||
           tarn_set_error("%s: tensor %s has dtype %s, expects %s", r->path, name,
                          tarn__quote(found).text, dtypes[element]);
}

static bool is_shape(json_t *dims, tarn_shape expected)
{
    size_t ndim = json_array_size(dims);
    bool equal = json_is_array(dims) && ndim == (size_t)expected.ndim;
    for (size_t i = 0; equal && i < ndim; i++) {
        json_t *dim = json_array_get(dims, i);
        equal = json_is_integer(dim) && json_integer_value(dim) == expected.dim[i];
    }
    return equal;
}

static bool check_shape(const tarn__reader *r, const char *name, json_t *dims, tarn_shape expected)
{
    if (is_shape(dims, expected))
        return true;
    char *found = json_dumps(dims, JSON_COMPACT | JSON_ENCODE_ANY);
    tarn_set_error("%s: tensor %s has shape %s, expects %s", r->path, name,
                   tarn__quote(found ? found : "none").text, tarn_shape_to_text(expected).text);
    free(found);
    return false;
}

static bool check_offsets(const tarn__reader *r, const char *name, json_t *offsets,
                          struct tarn__span *span)
{
    json_t *begin = json_array_get(offsets, 0), *end = json_array_get(offsets, 1);
    if (json_array_size(offsets) != 2 || !json_is_integer(begin) || !json_is_integer(end))
        return tarn_set_error("%s: the data_offsets of tensor %s are not two integers", r->path,
                              name);
    span->begin = json_integer_value(begin);
    span->end = json_integer_value(end);
    if (span->begin < 0 || span->begin > span->end || span->end > r->data_size)
        return tarn_set_error("%s: tensor %s is at bytes %lld to %lld, outside the data of %lld "
                              "bytes; the file is damaged or cut off",
                              r->path, name, (long long)span->begin, (long long)span->end,
                              (long long)r->data_size);
    return true;
}

static bool check_slot(const tarn__reader *r, const tarn__slot *slot, json_t *entry)
{
    return check_dtype(r, slot->name, json_object_get(entry, "dtype"), slot->element) &&
           check_shape(r, slot->name, json_object_get(entry, "shape"), slot->shape);
}

static bool check_size(const tarn__reader *r, const tarn__slot *slot, const struct tarn__span *span)
{
    const int64_t found = span->end - span->begin, expected = (int64_t)tarn__slot_bytes(slot);
    return found == expected ||
           tarn_set_error("%s: tensor %s has %lld bytes, expects %lld for its shape", r->path,
                          slot->name, (long long)found, (long long)expected);
}

static int by_begin(const void *a, const void *b)
{
    const struct tarn__span *x = a, *y = b;
    if (x->begin != y->begin)
        return x->begin < y->begin ? -1 : 1;
    return (x->end > y->end) - (x->end < y->end); /* an empty tensor first */
}

/* The tensors cover the data: no overlaps, no holes, nothing behind them. Sorts them. */
static bool check_cover(const tarn__reader *r)
{
    int64_t covered = 0;
    qsort(r->spans, (size_t)r->span_count, sizeof *r->spans, by_begin);
    for (int i = 0; i < r->span_count; i++) {
        const struct tarn__span *span = &r->spans[i];
        if (span->begin != covered)
            return tarn_set_error("%s: tensor %s starts at byte %lld, expects %lld, where the one "
                                  "before it ends",
                                  r->path, tarn__quote(span->name).text, (long long)span->begin,
                                  (long long)covered);
        covered = span->end;
    }
    return covered == r->data_size ||
           tarn_set_error("%s: has %lld bytes of data, expects %lld", r->path,
                          (long long)r->data_size, (long long)covered);
}

bool tarn__reader_match(tarn__reader *r, const tarn__slot *slots, int count, tarn__others others)
{
    if (!check_names(r, slots, count, others) || !check_layout(r))
        return false;
    r->spans = calloc(json_object_size(r->header) + 1, sizeof *r->spans);
    if (!r->spans)
        return tarn_set_error("%s: out of memory for %d tensors", r->path, count);
    const char *key;
    json_t *entry;
    int last = -1;
    json_object_foreach(r->header, key, entry)
    {
        if (!strcmp(key, TARN__METADATA))
            continue;
        struct tarn__span *span = &r->spans[r->span_count++];
        span->name = key;
        span->slot = find_slot(key, slots, count, last);
        last = span->slot < 0 ? last : span->slot;
        const tarn__slot *slot = span->slot < 0 ? NULL : &slots[span->slot];
        if ((slot && !check_slot(r, slot, entry)) ||
            !check_offsets(r, tarn__quote(key).text, json_object_get(entry, "data_offsets"),
                           span) ||
            (slot && !check_size(r, slot, span)))
            return false;
    }
    return check_cover(r);
}

bool tarn__reader_has(const tarn__reader *r, const tarn__slot *slot)
{
    static const char *const dtypes[] = TARN__DTYPES;
    json_t *entry = json_object_get(r->header, slot->name),
           *dtype = json_object_get(entry, "dtype");
    return json_is_string(dtype) && !strcmp(json_string_value(dtype), dtypes[slot->element]) &&
           is_shape(json_object_get(entry, "shape"), slot->shape);
}

bool tarn__reader_read(tarn__reader *r)
{
    size_t size = (size_t)r->data_size;
    r->data = malloc(size + 1);
    if (!r->data)
        return tarn_set_error("%s: out of memory for %zu bytes of data", r->path, size);
    return read_bytes(r, r->data, size);
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
        if (at >= 0 && slots[at].bounded &&
            !check_number(r, &slots[at], r->data + r->spans[i].begin))
            return false;
    }
    return true;
}

void tarn__reader_fill(const tarn__reader *r, const tarn__slot *slots)
{
    for (int i = 0; i < r->span_count; i++) {
        const struct tarn__span *span = &r->spans[i];
        if (span->slot >= 0)
            memcpy(slots[span->slot].data, r->data + span->begin,
                   (size_t)(span->end - span->begin));
    }
}

bool tarn__reader_open(tarn__reader *r, const char *path, int tensors)
{
    *r = (tarn__reader){.path = path};
    int64_t file_size;
    r->file = tarn__open_regular(path, &file_size);
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
    json_decref(r->header);
    free(r->spans);
    free(r->data);
    if (r->file)
        fclose(r->file);
    *r = (tarn__reader){.path = NULL};
}
