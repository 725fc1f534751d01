/* Saves a module: its parameters and buffers, and what it is, see nn/network.h. */

#include "core/base/error_internal.h"
#include "core/base/file.h"
#include "nn/exchange/layout.h"
#include "nn/exchange/npz.h"
#include "nn/network.h"
#include "nn/writer.h"

bool tarn_nn_save_with(tarn_nn_save_args args)
{
    if (!args.path)
        return tarn_fail("nn_save: the path is NULL");
    if (!args.module)
        return tarn_fail_null("nn_save: the module");
    if (args.layout != TARN_LAYOUT_TARN && args.layout != TARN_LAYOUT_TORCH)
        return tarn_fail("nn_save: the layout is %d, expects TARN_LAYOUT_TARN or TARN_LAYOUT_TORCH",
                         (int)args.layout);
    if (!tarn__layout_is_right("nn_save", args.layout, args.flattened))
        return false;
    const tarn__travel how = {args.layout, args.names, args.flattened,
                              tarn_nn_info(args.module)->input};
    tarn__slots slots = tarn__slots_for(args.path, args.module, how);
    if (slots.count < 0)
        return tarn__told(false);
    json_t *metadata = tarn__metadata_of(args.module, args.layout);
    const bool saved = tarn__is_npz(args.path)
                           ? tarn__write_npz(args.path, metadata, slots.slots, slots.count)
                           : tarn__write_safetensors(args.path, metadata, slots.slots, slots.count);
    tarn__slots_free(&slots);
    return tarn__told(saved);
}

bool tarn_nn_can_save(const char *path)
{
    tarn__replacement file;
    if (!path)
        return tarn_fail("nn_can_save: the path is NULL");
    if (!tarn__told(tarn__replace_begin(&file, path)))
        return false;
    tarn__replace_abort(&file);
    return true;
}
