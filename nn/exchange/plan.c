#include "nn/exchange/plan.h"

#include <stdlib.h>

#include "core/base/error.h"

/* The number of the last step that reads the value, -1 if none does. */
static int last_reader(const tarn__steps *s, int value)
{
    for (int i = s->count - 1; i >= 0; i--)
        if (s->steps[i].input == value || s->steps[i].other == value)
            return i;
    return -1;
}

/* The lowest place for so many bytes beside what is still read at or after the step. */
static int64_t free_place(const tarn__plan *plan, const tarn__steps *s, const int64_t *sizes,
                          int step, int64_t size)
{
    int64_t place = 0;
    for (int v = 0; v < s->value_count; v++) {
        const bool overlaps = plan->at[v] >= 0 && last_reader(s, v) >= step &&
                              place < plan->at[v] + sizes[v] && plan->at[v] < place + size;
        if (overlaps) {
            place = plan->at[v] + sizes[v];
            v = -1; /* looks at all again */
        }
    }
    return place;
}

bool tarn__plan_of(tarn__plan *plan, const tarn__steps *s, const int64_t *sizes,
                   tarn__plan_in_place *in_place, const void *context)
{
    *plan = (tarn__plan){malloc((size_t)s->value_count * sizeof *plan->at), 0};
    if (!plan->at)
        return tarn_set_error("out of memory for a plan of %d values", s->value_count);
    for (int v = 0; v < s->value_count; v++)
        plan->at[v] = -1;
    if (sizes[0] > 0) { /* is there before the first step */
        plan->at[0] = 0;
        plan->size = sizes[0];
    }
    for (int i = 0; i < s->count; i++) {
        const tarn__step *step = &s->steps[i];
        const int64_t size = sizes[step->output];
        if (size == 0)
            continue;
        const bool over = in_place(context, step) && plan->at[step->input] >= 0 &&
                          sizes[step->input] == size && last_reader(s, step->input) == i;
        const int64_t place = over ? plan->at[step->input] : free_place(plan, s, sizes, i, size);
        plan->at[step->output] = place;
        if (place + size > plan->size)
            plan->size = place + size;
    }
    return true;
}

void tarn__plan_free(tarn__plan *plan)
{
    free(plan->at);
}
