#include "nn/writer.h"

#include <stdlib.h>
#include <string.h>

#include "core/base/error.h"
#include "core/base/file.h"
#include "nn/exchange/form.h"
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

/* Calls once for each slot, in the order of the data: those of 8 bytes an element first, so that
   each stands at a multiple of its element's size. Until one call gives false. */
static bool each_slot(const tarn__slot *slots, int count,
                      bool (*call)(void *context, const tarn__slot *slot), void *context)
{
    for (size_t bytes = sizeof(double); bytes > 0; bytes /= 2)
        for (int i = 0; i < count; i++)
            if (tarn__element_bytes(slots[i].element) == bytes && !call(context, &slots[i]))
                return false;
    return true;
}

typedef struct heading {
    json_t *header;
    json_int_t begin; /* of the next slot's data */
} heading;

static bool add_entry(void *context, const tarn__slot *slot)
{
    static const char *const dtypes[] = TARN__DTYPES;
    heading *h = context;
    const json_int_t end = h->begin + (json_int_t)tarn__slot_bytes(slot);
    json_t *shape = shape_to_json(tarn__slot_file_shape(slot));
    json_t *entry = NULL;
    if (shape)
        entry = json_pack("{s:s, s:o, s:[I,I]}", "dtype", dtypes[slot->element], "shape", shape,
                          "data_offsets", h->begin, end);
    h->begin = end;
    return json_object_set_new(h->header, slot->name, entry) == 0;
}

/* The header as text, NULL when memory runs out. */
static char *make_header(json_t *metadata, const tarn__slot *slots, int count)
{
    heading h = {.header = metadata ? json_pack("{s:o}", TARN__METADATA, metadata) : NULL};
    char *text = NULL;
    if (h.header && each_slot(slots, count, add_entry, &h))
        text = json_dumps(h.header, JSON_COMPACT);
    json_decref(h.header);
    if (!tarn__json_failed())
        return text;
    free(text);
    return NULL;
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

static bool write_slot(void *to, const tarn__slot *slot)
{
    tarn__replacement *file = to;
    const size_t bytes = tarn__slot_bytes(slot);
    if (!slot->form)
        return tarn__replace_write(file, slot->data, bytes);
    tarn_real *ordered = malloc(bytes + 1);
    if (!ordered)
        return tarn_set_error("%s: out of memory for %zu bytes in another order", file->path,
                              bytes);
    tarn__slot_gather(slot, ordered);
    const bool written = tarn__replace_write(file, ordered, bytes);
    free(ordered);
    return written;
}

bool tarn__write_safetensors(const char *path, json_t *metadata, const tarn__slot *slots, int count)
{
    char *header = make_header(metadata, slots, count);
    if (!header)
        return tarn_set_error("%s: out of memory for the header of the file", path);
    tarn__replacement file;
    const bool written = tarn__replace_begin(&file, path) && write_header(&file, header) &&
                         each_slot(slots, count, write_slot, &file) && tarn__replace_commit(&file);
    if (!written)
        tarn__replace_abort(&file);
    free(header);
    return written;
}
