/* Saves a module: its parameters and buffers, and what it is, see nn/network.h. */

#include "core/base/error_internal.h"
#include "core/base/file.h"
#include "nn/network.h"
#include "nn/slots.h"
#include "nn/writer.h"

bool tarn_nn_save(const tarn_module *module, const char *path)
{
    if (!path)
        return tarn_fail("nn_save: the path is NULL");
    if (!module)
        return tarn_fail_null("nn_save: the module");
    tarn__slots slots = tarn__slots_of(module);
    if (slots.count < 0)
        return tarn__told(false);
    const bool saved =
        tarn__write_safetensors(path, tarn__metadata_of(module), slots.slots, slots.count);
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
