/* A forward that somebody looks on at and that leaves no trace. */
#include <stdlib.h>

#include "core/base/error.h"
#include "core/base/random.h"
#include "core/tape_internal.h"
#include "nn/look.h"
#include "nn/module_internal.h"

static size_t count_modules(const tarn_module *module)
{
    size_t count = 1;
    for (int i = 0; i < module->part_count; i++)
        if (module->parts[i].child)
            count += count_modules(module->parts[i].child);
    return count;
}

/* Notes the modes of the module and all below, or sets them back; returns where the next one's
   stands. */
static bool *copy_modes(tarn_module *module, bool back, bool *modes)
{
    *(back ? &module->training : modes) = *(back ? modes : &module->training);
    modes++;
    for (int i = 0; i < module->part_count; i++)
        if (module->parts[i].child)
            modes = copy_modes(module->parts[i].child, back, modes);
    return modes;
}

bool *tarn__nn_modes(tarn_module *module)
{
    bool *modes = malloc(count_modules(module) * sizeof *modes);
    if (modes)
        copy_modes(module, false, modes);
    else
        tarn_set_error("out of memory for the modes of a %s", module->type->name);
    return modes;
}

void tarn__nn_set_modes(tarn_module *module, bool *modes)
{
    copy_modes(module, true, modes);
    free(modes);
}

bool tarn__nn_look(tarn_module *module, tarn_tensor *x, tarn__nn_note *note, void *context)
{
    bool *modes = x ? tarn__nn_modes(module) : NULL;
    if (!modes)
        return false;
    tarn_nn_train(module, false);
    const uint64_t random_state = tarn_random_state();
    const tarn__nn_onlooker onlooker = {note, context};
    tarn_tape *tape = tarn_tape_begin_no_grad();
    if (tape)
        tape->onlooker = &onlooker;
    const bool complete = tape && tarn_nn_forward(module, x);
    tarn_tape_end(tape);
    tarn_set_random_state(random_state);
    tarn__nn_set_modes(module, modes);
    return complete;
}
