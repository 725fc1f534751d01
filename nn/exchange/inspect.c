#include "nn/exchange/inspect.h"

#include <stdlib.h>
#include <string.h>

#include "core/base/error_internal.h"
#include "core/base/format.h"
#include "data/input.h"
#include "nn/exchange/inspect_internal.h"
#include "nn/exchange/npy_format.h"
#include "nn/match.h"
#include "nn/safetensors.h"

static void put_entry(tarn__inspect_table *t, const char *name, json_t *entry)
{
    tarn__inspect_row r;
    char *shape = json_dumps(json_object_get(entry, "shape"), JSON_COMPACT | JSON_ENCODE_ANY);
    const char *type = json_string_value(json_object_get(entry, "dtype"));
    json_t *offsets = json_object_get(entry, "data_offsets");
    const double bytes = (double)json_integer_value(json_array_get(offsets, 1)) -
                         (double)json_integer_value(json_array_get(offsets, 0));
    snprintf(r.name, sizeof r.name, "%.150s", tarn__quote(name).text);
    snprintf(r.type, sizeof r.type, "%.15s", tarn__quote(type ? type : "?").text);
    snprintf(r.shape, sizeof r.shape, "%.150s", tarn__quote(shape ? shape : "?").text);
    tarn__count_to_text(bytes, r.bytes, sizeof r.bytes);
    free(shape);
    tarn__inspect_put(t, &r);
}

static void put_table(tarn__inspect_table *t, const tarn__reader *r)
{
    const char *key;
    json_t *entry;
    tarn__inspect_begin(t);
    json_object_foreach(r->header, key, entry) if (strcmp(key, TARN__METADATA) != 0)
        put_entry(t, key, entry);
}

static void put_rest(const tarn__reader *r, FILE *stream)
{
    enum { MOST = 200 };
    char bytes[32];
    const char *key, *layout = tarn__reader_metadata(r, "layout");
    json_t *metadata = json_object_get(r->header, TARN__METADATA), *value;
    tarn__count_to_text((double)r->data_size, bytes, sizeof bytes);
    fprintf(stream, "%zu tensors, %s bytes\nlayout: %s\n",
            json_object_size(r->header) - (metadata != NULL), bytes,
            layout ? tarn__quote(layout).text : "the file says none");
    json_object_foreach(metadata, key, value) if (strcmp(key, "layout") != 0)
        fprintf(stream, "%s: %.*s\n", tarn__quote(key).text, MOST,
                tarn__quote(json_string_value(value)).text);
}

static bool inspect_npy(const char *path, FILE *stream)
{
    tarn__input input;
    tarn__npy npy;
    if (!tarn__input_open(&input, path))
        return false;
    uint8_t *bytes = tarn__input_load(&input, 0);
    tarn__input_close(&input);
    const bool parsed = bytes && tarn__npy_parse(path, "", bytes, input.size, &npy);
    if (parsed)
        fprintf(stream, "%s %s, %s order of elements, %s end first\n", tarn__dtype_name(npy.dtype),
                tarn_shape_to_text(npy.shape).text, npy.fortran ? "Fortran's" : "C's",
                npy.swapped ? "big" : "small");
    free(bytes);
    return parsed;
}

bool tarn_nn_inspect(const char *path, FILE *stream)
{
    if (!path || !stream)
        return tarn_fail("nn_inspect: the %s is NULL", path ? "stream" : "path");
    const size_t length = strlen(path);
    if (length >= 4 && !strcmp(path + length - 4, ".npy"))
        return tarn__told(inspect_npy(path, stream));
    if (length >= 5 && !strcmp(path + length - 5, ".onnx"))
        return tarn__told(tarn__inspect_onnx(path, stream));
    tarn__reader r;
    const bool read = tarn__reader_open(&r, path, -1) && tarn__match(&r, NULL, 0, TARN__ANY_OTHERS);
    if (read) {
        tarn__inspect_table t = {.stream = NULL};
        put_table(&t, &r);
        t.stream = stream;
        put_table(&t, &r);
        put_rest(&r, stream);
    }
    tarn__reader_close(&r);
    return tarn__told(read);
}
