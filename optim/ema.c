/*
 * Averages of weights: exponential moving ones (Polyak, Juditsky 1992, with a mean that forgets).
 *
 *     a += (1 - decay) (w - a)    which is a = decay a + (1 - decay) w
 *
 * In the second form the two factors, rounded to float, do not add up to 1, which would move the
 * average away from the weights by a relative 1e-5.
 *
 * The average begins as a copy of the weights, so that there is no bias to correct. About the last
 * 1 / (1 - decay) steps count.
 *
 * Stochastic weight averaging (Izmailov et al. 2018) has 1 / n in the place of 1 - decay, n being
 * the number of the update: the mean of all weights so far, the first of which replaces the copy.
 */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/denormals.h"
#include "core/base/error.h"
#include "core/base/format.h"
#include "core/base/memory.h"
#include "core/base/pool.h"
#include "optim/ema_internal.h"
#include "optim/optim.h"
#include "optim/params_internal.h"
#include "optim/state.h"

typedef struct average {
    tarn_tensor *tensor;
    tarn_real *values; /* the trained weights while swapped */
} average;

struct tarn_ema {
    double decay;    /* NaN: all updates count alike */
    int64_t updates; /* so far, where they are counted */
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

static tarn_ema *make(const char *who, tarn_params params, double decay)
{
    if (!tarn__check_params(who, params, false))
        return NULL;
    const size_t count = (size_t)params.count;
    tarn_ema *self = calloc(1, sizeof *self + count * sizeof *self->averages);
    bool complete = self != NULL;
    for (int i = 0; complete && i < params.count; i++)
        complete = add(self, params.tensors[i]);
    if (!complete) {
        tarn_set_error("%s: out of memory for the averages of %d parameters", who, params.count);
        tarn_ema_free(self);
        return NULL;
    }
    self->decay = decay;
    return self;
}

tarn_ema *tarn_ema_new_with(tarn_ema_args args)
{
    if (!(args.decay >= 0 && args.decay < 1))
        return tarn_fail("ema_new: decay is %g, expects a number in [0, 1)", args.decay);
    return make("ema_new", args.params, args.decay);
}

tarn_ema *tarn_swa_new(tarn_params params)
{
    return make("swa_new", params, NAN);
}

/* Elements begin to end of all averages in a row. */
static void update_elements(const void *context, int64_t begin, int64_t end)
{
    const tarn_ema *self = context;
    const double exact = isnan(self->decay) ? 1 / (double)self->updates : 1 - self->decay;
    const tarn_real gain = (tarn_real)exact;
    tarn__denormals caller = tarn__flush_denormals();
    for (int k = 0; k < self->count && end > 0; k++) {
        tarn_real *restrict a = self->averages[k].values;
        const tarn_real *restrict w = tarn_values(self->averages[k].tensor);
        const int64_t size = tarn_size(self->averages[k].tensor);
        for (int64_t i = begin > 0 ? begin : 0; i < (end < size ? end : size); i++)
            a[i] = gain == 1 ? w[i] : a[i] + gain * (w[i] - a[i]);
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
    self->updates += isnan(self->decay);
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

void tarn_ema_put(tarn_ema *self)
{
    if (!self) {
        tarn_fail_null("ema_put: the averages");
        return;
    }
    if (self->swapped) {
        tarn_fail("ema_put: the averages are in the place of the weights, expects tarn_ema_swap() "
                  "before");
        return;
    }
    for (int k = 0; k < self->count; k++)
        memcpy(tarn_values(self->averages[k].tensor), self->averages[k].values,
               (size_t)tarn_size(self->averages[k].tensor) * sizeof(tarn_real));
}

void tarn__ema_state(tarn_ema *self, const char *prefix, tarn__state *state)
{
    if (isnan(self->decay)) {
        tarn__state_setting(state, prefix, "the mean of %d parameters", self->count);
        tarn__state_count(state, &self->updates, prefix, "updates");
    } else {
        tarn__state_setting(state, prefix, "decay %s, of %d parameters",
                            tarn__digits_of(self->decay).text, self->count);
    }
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
        tarn__block_free(self->averages[k].values);
    free(self);
}
