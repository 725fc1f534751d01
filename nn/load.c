/* Loads a file into a module that is there, or into one that is rebuilt from what the file says.
   The module changes last. */
#include <stdlib.h>

#include "core/base/error_internal.h"
#include "nn/info.h"
#include "nn/match.h"
#include "nn/network.h"
#include "nn/slots.h"

/* Reads the data into the module. */
static bool fill(tarn__reader *r, const tarn_module *module)
{
    tarn__slots slots = tarn__slots_of(module);
    const bool filled = slots.count >= 0 &&
                        tarn__match(r, slots.slots, slots.count, TARN__NO_OTHER_WEIGHTS) &&
                        tarn__reader_read(r);
    if (filled)
        tarn__reader_fill(r, slots.slots);
    tarn__slots_free(&slots);
    return filled;
}

static bool load(tarn__reader *r, tarn_module *module)
{
    struct tarn__nn_info *info = NULL;
    if (tarn__reader_metadata(r, TARN__NETWORK)) {
        json_t *about = tarn__read_description(r);
        info = about ? tarn__info_from_json(r->path, about) : NULL;
        json_decref(about);
        if (!info)
            return false;
    }
    const bool filled = fill(r, module);
    if (filled && info)
        tarn__info_give(module, info);
    else
        free(info);
    return filled;
}

bool tarn_nn_load(tarn_module *module, const char *path)
{
    if (!path)
        return tarn_fail("nn_load: the path is NULL");
    if (!module)
        return tarn_fail_null("nn_load: the module");
    tarn__slots slots = tarn__slots_of(module);
    const int count = slots.count;
    tarn__slots_free(&slots);
    if (count < 0)
        return tarn__told(false);
    tarn__reader r;
    const bool loaded = tarn__reader_open(&r, path, count) && load(&r, module);
    tarn__reader_close(&r);
    return tarn__told(loaded);
}

static tarn_module *rebuild(tarn__reader *r)
{
    json_t *about = tarn__read_description(r);
    if (!about)
        return NULL;
    tarn_module *module =
        tarn__network_from_json(r->path, json_object_get(about, "network"), (size_t)r->data_size);
    json_decref(about);
    if (module && load(r, module))
        return module;
    tarn_nn_free(module);
    return NULL;
}

tarn_module *tarn_nn_from_file(const char *path)
{
    if (!path)
        return tarn_fail("nn_from_file: the path is NULL");
    tarn__reader r;
    tarn_module *module = tarn__reader_open(&r, path, -1) ? rebuild(&r) : NULL;
    tarn__reader_close(&r);
    return module;
}
