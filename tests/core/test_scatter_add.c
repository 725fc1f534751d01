#include <stdio.h>

#include "tests/support/golden.h"
#include "tests/support/mistakes.h"

enum { MOST_IDS = 32 };

static tarn_labels ids_of(const golden_case *c, int32_t ids[MOST_IDS])
{
    const int count = (int)golden_number(c, "ids", 0);
    for (int i = 0; i < count; i++) {
        char name[16];
        snprintf(name, sizeof name, "id%d", i);
        ids[i] = (int32_t)golden_number(c, name, -1);
    }
    return tarn_labels(count, ids);
}

static tarn_tensor *run(tarn_tensor *const *x, void *context)
{
    int32_t ids[MOST_IDS];
    return tarn_scatter_add(x[0], (int)golden_number(context, "axis", 0), ids_of(context, ids),
                            x[1]);
}

OPERATION_TESTS(scatter_add, run)

Test(scatter_add, bad_input)
{
    const int32_t ids[] = {0, 1, 3, 0, 0, 0};
    tarn_tensor *x = tarn_zeros(tarn_shape(2, 3)), *row = tarn_zeros(tarn_shape(3));
    tarn_tensor *wide = tarn_zeros(tarn_shape(1, 4));
    tarn_tape *tape = tarn_tape_begin();
    assert_mistake(tarn_scatter_add(x, 0, tarn_labels(3, ids), row),
                   "scatter_add: source (3), input (2,3) expects its shape but for axis 0");
    assert_mistake(tarn_scatter_add(x, 0, tarn_labels(3, ids), wide), "scatter_add: source (1,4)");
    assert_mistake(tarn_scatter_add(x, 1, tarn_labels(3, ids), x), "scatter_add: 3 ids for axis 1");
    assert_mistake(tarn_scatter_add(x, 1, tarn_labels(6, ids), x),
                   "scatter_add: id 3 at position 2");
    tarn_tape_end(tape);
    tarn_free(x);
    tarn_free(row);
    tarn_free(wide);
}
