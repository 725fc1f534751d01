/* Writes a module's parameters and buffers in the safetensors format, see nn/safetensors.h. */
#include <stdlib.h>
#include <string.h>

#include "core/base/error.h"
#include "core/base/file.h"
#include "nn/json.h"
#include "nn/module_internal.h"
#include "nn/safetensors.h"

static json_t *shape_to_json(tarn_shape shape)
{
    json_t *dims = json_array();
    for (int i = 0; dims && i < shape.ndim; i++)
        if (json_array_append_new(dims, json_integer(shape.dim[i])) != 0) {
            json_decref(dims);
            return NULL;
        }
    return dims;
}

/* The header, NULL when memory runs out. The data of the tensors stands in their order, without
   gaps. */
static json_t *make_header(tarn_params list)
{
    json_t *header =
        json_pack("{s:{s:s, s:s}}", TARN__METADATA, "format", "tarn", "layout", TARN__LAYOUT);
    json_int_t begin = 0;
    for (int i = 0; header && i < list.count; i++) {
        json_int_t end = begin + tarn_size(list.tensors[i]) * (json_int_t)sizeof(tarn_real);
        json_t *shape = shape_to_json(tarn_shape_get(list.tensors[i]));
        json_t *entry = NULL;
        if (shape)
            entry = json_pack("{s:s, s:o, s:[I,I]}", "dtype", TARN__DTYPE, "shape", shape,
                              "data_offsets", begin, end);
        if (json_object_set_new(header, list.names[i], entry) != 0) {
            json_decref(header);
            return NULL;
        }
        begin = end;
    }
    return header;
}

static bool write_header(tarn__replacement *file, const char *text)
{
    /* Padded with spaces, so that the data starts at a multiple of 8. */
    size_t length = strlen(text), padded = (length + 7) / 8 * 8;
    unsigned char bytes[8];
    for (int i = 0; i < 8; i++)
        bytes[i] = (unsigned char)((uint64_t)padded >> (8 * i));
    return tarn__replace_write(file, bytes, sizeof bytes) &&
           tarn__replace_write(file, text, length) &&
           tarn__replace_write(file, "       ", padded - length);
}

static bool write_file(const char *path, const char *header, tarn_params list)
{
    tarn__replacement file;
    if (!tarn__replace_begin(&file, path) || !write_header(&file, header))
        return false;
    for (int i = 0; i < list.count; i++) {
        const tarn_tensor *t = list.tensors[i];
        if (!tarn__replace_write(&file, tarn_values(t), (size_t)tarn_size(t) * sizeof(tarn_real)))
            return false;
    }
    return tarn__replace_commit(&file);
}

bool tarn_nn_save(const tarn_module *module, const char *path)
{
    if (!path)
        return tarn_fail("nn_save: the path is NULL");
    if (!module)
        return tarn_fail_null("nn_save: the module");
    tarn_params list = tarn__nn_list(module, true);
    if (!list.tensors)
        return false;
    tarn__json_watch();
    json_t *header = make_header(list);
    char *text = header ? json_dumps(header, JSON_COMPACT) : NULL;
    bool saved = text && !tarn__json_failed()
                     ? write_file(path, text, list)
                     : tarn_set_error("%s: out of memory for the header of the file", path);
    free(text);
    json_decref(header);
    free(list.tensors);
    return saved;
}

bool tarn_nn_can_save(const char *path)
{
    tarn__replacement file;
    if (!path)
        return tarn_fail("nn_can_save: the path is NULL");
    if (!tarn__replace_begin(&file, path))
        return false;
    tarn__replace_abort(&file);
    return true;
}
