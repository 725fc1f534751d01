/* Loads a file into a module that is there, or into one that is rebuilt from what the file says.
   The module changes last. */
#include <stdlib.h>

#include "core/base/error_internal.h"
#include "nn/exchange/layout.h"
#include "nn/file_info.h"
#include "nn/match.h"
#include "nn/network.h"

/* Reads the data into the module. */
static bool fill(tarn__reader *r, const tarn_module *module, tarn__travel how)
{
    tarn__slots slots = tarn__slots_for(r->path, module, how);
    const bool filled = slots.count >= 0 &&
                        tarn__match(r, slots.slots, slots.count, TARN__NO_OTHER_WEIGHTS) &&
                        tarn__reader_read(r) && tarn__reader_check(r, slots.slots);
    if (filled)
        tarn__reader_fill(r, slots.slots);
    tarn__slots_free(&slots);
    return filled;
}

static bool load(tarn__reader *r, const tarn_nn_load_args *args)
{
    struct tarn__nn_info *info = NULL;
    tarn__travel how = {args->layout, args->names, args->flattened,
                        tarn_nn_info(args->module)->input};
    if (!tarn__layout_of(r, args->layout, &how.layout) || !tarn__info_of_file(r, &info))
        return false;
    how.input = tarn__info_input(info, how.input);
    const bool filled = fill(r, args->module, how);
    if (filled && info)
        tarn__info_give(args->module, info);
    else
        free(info);
    return filled;
}

bool tarn_nn_load_with(tarn_nn_load_args args)
{
    if (!args.path)
        return tarn_fail("nn_load: the path is NULL");
    if (!args.module)
        return tarn_fail_null("nn_load: the module");
    if (!tarn__layout_is_right("nn_load", args.layout, args.flattened))
        return false;
    tarn__slots slots = tarn__slots_of(args.module);
    const int count = slots.count;
    tarn__slots_free(&slots);
    if (count < 0)
        return tarn__told(false);
    tarn__reader r;
    const bool loaded = tarn__reader_open(&r, args.path, count) && load(&r, &args);
    tarn__reader_close(&r);
    return tarn__told(loaded);
}

static tarn_module *rebuild(tarn__reader *r, const tarn_nn_from_file_args *args)
{
    json_t *about = tarn__read_description(r);
    if (!about)
        return NULL;
    tarn_module *module =
        tarn__network_from_json(r->path, json_object_get(about, "network"), (size_t)r->data_size);
    json_decref(about);
    const tarn_nn_load_args into = {.module = module,
                                    .path = args->path,
                                    .layout = args->layout,
                                    .names = args->names,
                                    .flattened = args->flattened};
    if (module && load(r, &into))
        return module;
    tarn_nn_free(module);
    return NULL;
}

tarn_module *tarn_nn_from_file_with(tarn_nn_from_file_args args)
{
    if (!args.path)
        return tarn_fail("nn_from_file: the path is NULL");
    if (!tarn__layout_is_right("nn_from_file", args.layout, args.flattened))
        return NULL;
    tarn__reader r;
    tarn_module *module = tarn__reader_open(&r, args.path, -1) ? rebuild(&r, &args) : NULL;
    tarn__reader_close(&r);
    return module;
}
