/*
 * Exponential moving averages of weights (Polyak, Juditsky 1992, with a mean that forgets).
 *
 *     a += (1 - decay) (w - a)    which is a = decay a + (1 - decay) w
 *
 * In the second form the two factors, rounded to float, do not add up to 1, which would move the
 * average away from the weights by a relative 1e-5.
 *
 * The average begins as a copy of the weights, so that there is no bias to correct. About the last
 * 1 / (1 - decay) steps count.
 */
#include <stdlib.h>
#include <string.h>

#include "core/base/denormals.h"
#include "core/base/error.h"
#include "core/base/format.h"
#include "core/base/memory.h"
#include "core/base/pool.h"
#include "optim/ema_internal.h"
#include "optim/optim.h"
#include "optim/rule_internal.h"
#include "optim/state.h"

typedef struct average {
    tarn_tensor *tensor;
    tarn_real *values; /* the trained weights while swapped */
} average;

struct tarn_ema {
    double decay;
    int64_t swapped; /* 0 or 1 */
    int64_t elements;
    int count;
    average averages[];
};

static bool add(tarn_ema *self, tarn_tensor *tensor)
{
    const size_t bytes = (size_t)tarn_size(tensor) * sizeof(tarn_real);
    tarn_real *values = tarn__block_alloc(bytes);
    if (!values)
        return false;
    memcpy(values, tarn_values(tensor), bytes);
    self->averages[self->count++] = (average){tensor, values};
    self->elements += tarn_size(tensor);
    return true;
}

tarn_ema *tarn_ema_new_with(tarn_ema_args args)
{
    if (!(args.decay >= 0 && args.decay < 1))
        return tarn_fail("ema_new: decay is %g, expects a number in [0, 1)", args.decay);
    if (!tarn__check_params("ema_new", args.params, false))
        return NULL;
    const size_t count = (size_t)args.params.count;
    tarn_ema *self = calloc(1, sizeof *self + count * sizeof *self->averages);
    bool complete = self != NULL;
    for (int i = 0; complete && i < args.params.count; i++)
        complete = add(self, args.params.tensors[i]);
    if (!complete) {
        tarn_set_error("ema_new: out of memory for the averages of %d parameters",
                       args.params.count);
        tarn_ema_free(self);
        return NULL;
    }
    self->decay = args.decay;
    return self;
}

/* Elements begin to end of all averages in a row. */
static void update_elements(const void *context, int64_t begin, int64_t end)
{
    const tarn_ema *self = context;
    const tarn_real gain = (tarn_real)(1 - self->decay);
    tarn__denormals caller = tarn__flush_denormals();
    for (int k = 0; k < self->count && end > 0; k++) {
        tarn_real *restrict a = self->averages[k].values;
        const tarn_real *restrict w = tarn_values(self->averages[k].tensor);
        const int64_t size = tarn_size(self->averages[k].tensor);
        for (int64_t i = begin > 0 ? begin : 0; i < (end < size ? end : size); i++)
            a[i] += gain * (w[i] - a[i]);
        begin -= size;
        end -= size;
    }
    tarn__restore_denormals(caller);
}

void tarn_ema_update(tarn_ema *self)
{
    if (!self) {
        tarn_fail_null("ema_update: the averages");
        return;
    }
    if (self->swapped) {
        tarn_fail("ema_update: the averages are in the place of the weights, expects "
                  "tarn_ema_swap() before");
        return;
    }
    tarn__share(self->elements, self->elements, update_elements, self);
}

void tarn_ema_swap(tarn_ema *self)
{
    if (!self) {
        tarn_fail_null("ema_swap: the averages");
        return;
    }
    for (int k = 0; k < self->count; k++) {
        tarn_real *a = self->averages[k].values, *w = tarn_values(self->averages[k].tensor);
        const int64_t size = tarn_size(self->averages[k].tensor);
        for (int64_t i = 0; i < size; i++) {
            const tarn_real weight = w[i];
            w[i] = a[i];
            a[i] = weight;
        }
    }
    self->swapped = !self->swapped;
}

void tarn__ema_state(tarn_ema *self, const char *prefix, tarn__state *state)
{
    tarn__state_setting(state, prefix, "decay %s, of %d parameters",
                        tarn__digits_of(self->decay).text, self->count);
    tarn__state_count(state, &self->swapped, prefix, "swapped");
    for (int k = 0; k < self->count; k++)
        tarn__state_slot(state, TARN__REAL, tarn_shape_get(self->averages[k].tensor),
                         self->averages[k].values, "%s:%d", prefix, k);
}

void tarn_ema_free(tarn_ema *self)
{
    if (!self)
        return;
    for (int k = 0; k < self->count; k++)
        free(self->averages[k].values);
    free(self);
}
