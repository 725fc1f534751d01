#include "nn/slots.h"

#include <stdlib.h>

#include "core/base/error.h"

tarn__slots tarn__slots_of(const tarn_module *module)
{
    tarn__slots s = {.count = -1, .list = tarn__nn_list(module, true)};
    if (!s.list.tensors)
        return s;
    s.slots = calloc((size_t)s.list.count + 1, sizeof *s.slots);
    if (!s.slots) {
        tarn_set_error("out of memory for a list of %d tensors", s.list.count);
        tarn__slots_free(&s);
        return s;
    }
    s.count = s.list.count;
    for (int i = 0; i < s.count; i++) {
        const tarn_tensor *t = s.list.tensors[i];
        s.slots[i] = (tarn__slot){.name = s.list.names[i],
                                  .element = TARN__REAL,
                                  .shape = tarn_shape_get(t),
                                  .data = tarn_values(t)};
    }
    return s;
}

void tarn__slots_free(tarn__slots *slots)
{
    free(slots->list.tensors);
    free(slots->slots);
    free(slots->forms);
    free(slots->names);
    *slots = (tarn__slots){.count = -1};
}
