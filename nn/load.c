/*
 * Reads a module's parameters and buffers from the safetensors format, see nn/safetensors.h. The
 * file may come from anybody: nothing in it is believed before it is checked, no more memory is
 * taken than the module's tensors and a header of a fair size need, and the module changes last.
 */
#include <stdlib.h>
#include <string.h>

#include "core/base/error.h"
#include "core/base/file.h"
#include "nn/json.h"
#include "nn/module_internal.h"
#include "nn/safetensors.h"

/* A header takes up to 80 times its size when parsed, so its size is limited: to what the
   names need, and a megabyte for metadata. */
enum { HEADER_BYTES = 1 << 20, HEADER_BYTES_PER_TENSOR = 4096 };

typedef struct reading {
    const char *path;
    FILE *file;
    int64_t header_size, data_size;
    tarn_params list; /* the tensors to fill */
    json_t *header;
    struct span *spans; /* where in the data each of them stands */
} reading;

struct span {
    int64_t begin, end;
    int index; /* in the list */
};

/* Text from the file, fit for a message: cut, and unprintable bytes replaced. */
typedef struct quoted {
    char text[80];
} quoted;

static quoted quote(const char *text)
{
    quoted q = {""};
    for (size_t i = 0; i < sizeof q.text - 1 && text[i]; i++)
        q.text[i] = (char)(text[i] < ' ' || text[i] > '~' ? '?' : text[i]);
    return q;
}

static bool read_bytes(reading *r, void *to, size_t size)
{
    if (fread(to, 1, size, r->file) == size)
        return true;
    return tarn_set_error("%s: cannot be read to its end", r->path);
}

/* Reads the length of the header; what follows the header is data. */
static bool read_length(reading *r, int64_t file_size)
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
    int64_t limit = HEADER_BYTES + (int64_t)HEADER_BYTES_PER_TENSOR * r->list.count;
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

static bool out_of_memory(const reading *r)
{
    return tarn_set_error("%s: out of memory for a header of %lld bytes", r->path,
                          (long long)r->header_size);
}

static bool read_header(reading *r)
{
    size_t size = (size_t)r->header_size;
    char *text = malloc(size);
    if (!text)
        return out_of_memory(r);
    if (!read_bytes(r, text, size)) {
        free(text);
        return false;
    }
    json_error_t error = {.text = "expects '{' first"};
    tarn__json_watch();
    if (text[0] == '{')
        r->header = json_loadb(text, size, JSON_REJECT_DUPLICATES, &error);
    free(text);
    if (tarn__json_failed())
        return out_of_memory(r);
    if (!r->header)
        return tarn_set_error("%s: the header is not a JSON object: %s", r->path,
                              quote(error.text).text);
    return true;
}

static bool check_metadata(const reading *r)
{
    json_t *metadata = json_object_get(r->header, TARN__METADATA), *value;
    const char *key;
    if (metadata && !json_is_object(metadata))
        return tarn_set_error("%s: " TARN__METADATA " is not an object", r->path);
    json_object_foreach(metadata, key, value) if (!json_is_string(value)) return tarn_set_error(
        "%s: " TARN__METADATA " %s is not a string", r->path, quote(key).text);
    return true;
}

/* The header's names are exactly the module's. */
static bool check_names(const reading *r)
{
    for (int i = 0; i < r->list.count; i++)
        if (!json_object_get(r->header, r->list.names[i]))
            return tarn_set_error("%s: has no tensor %s, which the module expects", r->path,
                                  r->list.names[i]);
    const char *key;
    json_t *entry;
    json_object_foreach(r->header, key, entry)
    {
        bool known = !strcmp(key, TARN__METADATA);
        for (int i = 0; !known && i < r->list.count; i++)
            known = !strcmp(key, r->list.names[i]);
        if (!known)
            return tarn_set_error("%s: has a tensor \"%s\", which the module does not have",
                                  r->path, quote(key).text);
    }
    return true;
}

/* A layer as wide as high would take weights of another layout without a word. */
static bool check_layout(const reading *r)
{
    json_t *layout = json_object_get(json_object_get(r->header, TARN__METADATA), "layout");
    const char *found = json_is_string(layout) ? json_string_value(layout) : "";
    return !strcmp(found, TARN__LAYOUT) ||
           tarn_set_error("%s: its metadata say the layout \"%s\", expects \"" TARN__LAYOUT
                          "\": bring the weights into it (from PyTorch: linear weights by .T, "
                          "convolution weights by .permute(2, 3, 1, 0)) and save them with the "
                          "metadata {\"layout\": \"" TARN__LAYOUT "\"}",
                          r->path, quote(found).text);
}

static bool check_dtype(const reading *r, const char *name, json_t *dtype)
{
    const char *found = json_is_string(dtype) ? json_string_value(dtype) : "none";
    return !strcmp(found, TARN__DTYPE) ||
           tarn_set_error("%s: tensor %s has dtype %s, expects " TARN__DTYPE, r->path, name,
                          quote(found).text);
}

static bool check_shape(const reading *r, const char *name, json_t *dims, tarn_shape expected)
{
    size_t ndim = json_array_size(dims);
    bool equal = json_is_array(dims) && ndim == (size_t)expected.ndim;
    for (size_t i = 0; equal && i < ndim; i++) {
        json_t *dim = json_array_get(dims, i);
        equal = json_is_integer(dim) && json_integer_value(dim) == expected.dim[i];
    }
    if (equal)
        return true;
    char *found = json_dumps(dims, JSON_COMPACT | JSON_ENCODE_ANY);
    tarn_set_error("%s: tensor %s has shape %s, expects %s", r->path, name,
                   quote(found ? found : "none").text, tarn_shape_to_text(expected).text);
    free(found);
    return false;
}

static bool check_offsets(const reading *r, const char *name, json_t *offsets, int64_t bytes,
                          struct span *span)
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
    if (span->end - span->begin != bytes)
        return tarn_set_error("%s: tensor %s has %lld bytes, expects %lld for its shape", r->path,
                              name, (long long)(span->end - span->begin), (long long)bytes);
    return true;
}

static bool check_tensor(const reading *r, int index, struct span *span)
{
    const char *name = r->list.names[index];
    const tarn_tensor *t = r->list.tensors[index];
    json_t *entry = json_object_get(r->header, name);
    span->index = index;
    return check_dtype(r, name, json_object_get(entry, "dtype")) &&
           check_shape(r, name, json_object_get(entry, "shape"), tarn_shape_get(t)) &&
           check_offsets(r, name, json_object_get(entry, "data_offsets"),
                         tarn_size(t) * (int64_t)sizeof(tarn_real), span);
}

static int by_begin(const void *a, const void *b)
{
    const struct span *x = a, *y = b;
    if (x->begin != y->begin)
        return x->begin < y->begin ? -1 : 1;
    return (x->end > y->end) - (x->end < y->end); /* an empty tensor first */
}

/* The tensors cover the data: no overlaps, no holes, nothing behind them. Sorts them. */
static bool check_cover(const reading *r)
{
    int64_t covered = 0;
    qsort(r->spans, (size_t)r->list.count, sizeof *r->spans, by_begin);
    for (int i = 0; i < r->list.count; i++) {
        const struct span *span = &r->spans[i];
        if (span->begin != covered)
            return tarn_set_error("%s: tensor %s starts at byte %lld, expects %lld, where the one "
                                  "before it ends",
                                  r->path, r->list.names[span->index], (long long)span->begin,
                                  (long long)covered);
        covered = span->end;
    }
    return covered == r->data_size ||
           tarn_set_error("%s: has %lld bytes of data, expects %lld", r->path,
                          (long long)r->data_size, (long long)covered);
}

/* Reads all data before it changes the first tensor. */
static bool read_data(reading *r)
{
    size_t size = (size_t)r->data_size;
    char *data = malloc(size + 1);
    if (!data)
        return tarn_set_error("%s: out of memory for %zu bytes of data", r->path, size);
    bool complete = read_bytes(r, data, size);
    for (int i = 0; complete && i < r->list.count; i++) {
        const struct span *span = &r->spans[i];
        memcpy(tarn_values(r->list.tensors[span->index]), data + span->begin,
               (size_t)(span->end - span->begin));
    }
    free(data);
    return complete;
}

static bool load(reading *r, int64_t file_size)
{
    if (!read_length(r, file_size) || !read_header(r) || !check_metadata(r) || !check_names(r) ||
        !check_layout(r))
        return false;
    r->spans = calloc((size_t)r->list.count + 1, sizeof *r->spans);
    if (!r->spans)
        return tarn_set_error("%s: out of memory for %d tensors", r->path, r->list.count);
    for (int i = 0; i < r->list.count; i++)
        if (!check_tensor(r, i, &r->spans[i]))
            return false;
    return check_cover(r) && read_data(r);
}

bool tarn_nn_load(tarn_module *module, const char *path)
{
    if (!path)
        return tarn_fail("nn_load: the path is NULL");
    if (!module)
        return tarn_fail_null("nn_load: the module");
    reading r = {.path = path, .list = tarn__nn_list(module, true)};
    if (!r.list.tensors)
        return false;
    int64_t file_size;
    r.file = tarn__open_regular(path, &file_size);
    bool loaded = r.file && load(&r, file_size);
    json_decref(r.header);
    free(r.spans);
    free(r.list.tensors);
    if (r.file)
        fclose(r.file);
    return loaded;
}
