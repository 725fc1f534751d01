#include "nn/exchange/npy.h"

#include <stdlib.h>
#include <string.h>

#include "core/base/error_internal.h"
#include "core/base/file.h"
#include "core/base/text.h"
#include "data/input.h"
#include "nn/exchange/form.h"
#include "nn/exchange/npy_format.h"
#include "nn/exchange/npz.h"
#include "nn/safetensors.h"

/* ---- .npy */

static tarn__slot slot_of(const tarn_tensor *t, const char *name)
{
    return (tarn__slot){.name = name,
                        .element = TARN__REAL,
                        .shape = tarn_shape_get(t),
                        .data = tarn_values(t),
                        .converts = true};
}

/* Elements of that type, in C's order, as a tensor. The name is for messages. */
static tarn_tensor *make_tensor(const char *path, const char *name, tarn__dtype type,
                                tarn_shape shape, const char *elements)
{
    tarn_tensor *t = tarn_zeros(shape);
    if (!t)
        return NULL;
    const tarn__slot slot = slot_of(t, name);
    if (tarn__slot_can_take(path, &slot, type, elements)) {
        tarn__slot_scatter(&slot, type, elements);
        return t;
    }
    tarn_free(t);
    return NULL;
}

static tarn_tensor *tensor_of(const char *path, const char *name, const tarn__npy *npy)
{
    char *elements = malloc((size_t)npy->bytes + 1);
    if (!elements) {
        tarn_set_error("%s: out of memory for %lld bytes", path, (long long)npy->bytes);
        return NULL;
    }
    tarn__npy_order(npy, elements);
    tarn_tensor *t = make_tensor(path, name, npy->dtype, npy->shape, elements);
    free(elements);
    return t;
}

tarn_tensor *tarn_npy_load(const char *path)
{
    if (!path)
        return tarn_fail("npy_load: the path is NULL");
    tarn__input input;
    if (!tarn__input_open(&input, path))
        return NULL;
    uint8_t *bytes = tarn__input_load(&input, 0);
    tarn__input_close(&input);
    tarn__npy npy;
    tarn_tensor *t = bytes && tarn__npy_parse(path, "", bytes, input.size, &npy)
                         ? tensor_of(path, "of the file", &npy)
                         : NULL;
    free(bytes);
    return t;
}

bool tarn_npy_save(const tarn_tensor *t, const char *path)
{
    if (!path)
        return tarn_fail("npy_save: the path is NULL");
    if (!t)
        return tarn_fail_null("npy_save: the tensor");
    const tarn__slot slot = slot_of(t, "");
    size_t size;
    tarn__replacement file;
    uint8_t *bytes = tarn__npy_make(path, &slot, &size);
    const bool saved = bytes && tarn__replace_begin(&file, path) &&
                       tarn__replace_write(&file, bytes, size) && tarn__replace_commit(&file);
    free(bytes);
    return tarn__told(saved);
}

/* ---- .npz */

static bool can_be_name(const char *name)
{
    return *name && strcmp(name, TARN__METADATA) != 0 && tarn_is_utf8(name);
}

static bool check_list(tarn_params list)
{
    for (int i = 0; i < list.count; i++) {
        if (!list.tensors[i] || (list.names && !list.names[i]))
            return tarn_fail("npz_save: %s %d of the list is NULL",
                             list.tensors[i] ? "the name of tensor" : "tensor", i);
        if (list.names && !can_be_name(list.names[i]))
            return tarn_fail("npz_save: the name of tensor %d is \"%s\", expects UTF-8, not empty "
                             "and not " TARN__METADATA,
                             i, tarn__quote(list.names[i]).text);
        for (int k = 0; k < i && list.names; k++)
            if (!strcmp(list.names[i], list.names[k]))
                return tarn_fail("npz_save: two tensors have the name \"%s\"", list.names[i]);
    }
    return true;
}

bool tarn_npz_save(tarn_params list, const char *path)
{
    if (!path)
        return tarn_fail("npz_save: the path is NULL");
    if (list.count < 0)
        return tarn_fail_null("npz_save: the list");
    if (!check_list(list))
        return false;
    tarn__slot *slots = calloc((size_t)list.count + 1, sizeof *slots);
    char(*numbered)[16] = calloc((size_t)list.count + 1, sizeof *numbered);
    for (int i = 0; i < list.count && slots && numbered; i++) {
        snprintf(numbered[i], sizeof *numbered, "arr_%d", i);
        slots[i] = slot_of(list.tensors[i], list.names ? list.names[i] : numbered[i]);
    }
    tarn__json_watch();
    const bool saved =
        slots && numbered
            ? tarn__write_npz(path, json_object(), slots, list.count)
            : tarn_set_error("%s: out of memory for a list of %d tensors", path, list.count);
    free(slots);
    free(numbered);
    return tarn__told(saved);
}

struct tarn_npz {
    tarn_params list;
    char *names; /* one behind the other */
};

void tarn_npz_free(tarn_npz *npz)
{
    if (!npz)
        return;
    for (int i = 0; i < npz->list.count; i++)
        tarn_free(npz->list.tensors[i]);
    free(npz->list.tensors);
    free(npz->list.names);
    free(npz->names);
    free(npz);
}

/* Room for all; the list is empty. */
static tarn_npz *new_npz(const tarn__reader *r)
{
    const size_t count = json_object_size(r->header);
    size_t characters = 1;
    const char *key;
    json_t *entry;
    json_object_foreach(r->header, key, entry) characters += strlen(key) + 1;
    tarn_npz *npz = calloc(1, sizeof *npz);
    if (npz) {
        npz->list.tensors = calloc(count + 1, sizeof *npz->list.tensors);
        npz->list.names = calloc(count + 1, sizeof *npz->list.names);
        npz->names = malloc(characters);
    }
    if (npz && npz->list.tensors && npz->list.names && npz->names)
        return npz;
    tarn_set_error("%s: out of memory for a list of %zu arrays", r->path, count);
    tarn_npz_free(npz);
    return NULL;
}

typedef struct taker {
    const tarn__reader *r;
    tarn_npz *npz;
    char *to; /* where the next name goes */
} taker;

static bool take_array(void *context, int i, const char *name, const tarn__npy *npy)
{
    taker *all = context;
    tarn_params *list = &all->npz->list;
    list->tensors[i] = tensor_of(all->r->path, name, npy);
    if (!list->tensors[i])
        return false;
    list->names[i] = all->to;
    all->to = stpcpy(all->to, name) + 1;
    list->count = i + 1;
    return true;
}

static tarn_npz *read_all(const tarn__reader *r)
{
    tarn_npz *npz = new_npz(r);
    taker all = {r, npz, npz ? npz->names : NULL};
    if (npz && tarn__npz_each(r, NULL, take_array, &all))
        return npz;
    tarn_npz_free(npz);
    return NULL;
}

tarn_npz *tarn_npz_load(const char *path)
{
    if (!path)
        return tarn_fail("npz_load: the path is NULL");
    tarn__reader r = {.path = path};
    tarn_npz *npz = tarn__npz_open(&r) ? read_all(&r) : NULL;
    tarn__reader_close(&r);
    return npz;
}

tarn_params tarn_npz_list(const tarn_npz *npz)
{
    return npz ? npz->list : (tarn_params){.count = -1};
}

tarn_tensor *tarn_npz_get(const tarn_npz *npz, const char *name)
{
    for (int i = 0; npz && name && i < npz->list.count; i++)
        if (!strcmp(npz->list.names[i], name))
            return npz->list.tensors[i];
    return NULL;
}
