/*
 * Sharpness-aware minimization (Foret, Kleiner, Mobahi, Neyshabur 2021): the gradient at the worst
 * point near w, by which any optimizer then steps from w, so that it ends in flat minima.
 *
 *     climb       e = rho g / (|g| + 1e-12)             w += e
 *     adaptive    e = rho w^2 g / (|w g| + 1e-12)       (ASAM, Kwon et al. 2021)
 *     return      w as it was
 *
 * The norm is over all elements of all parameters, summed in double in their order.
 */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/error.h"
#include "core/base/memory.h"
#include "core/tensor_internal.h"
#include "optim/extras.h"
#include "optim/params_internal.h"

struct tarn_sam {
    double rho;
    bool adaptive, climbed;
    int count;
    struct {
        tarn_tensor *tensor;
        tarn_real *weights; /* as they were */
    } params[];
};

void tarn_sam_free(tarn_sam *self)
{
    for (int p = 0; self && p < self->count; p++)
        tarn__block_free(self->params[p].weights);
    free(self);
}

tarn_sam *tarn_sam_new_with(tarn_sam_args args)
{
    if (!(args.rho >= 0 && isfinite((tarn_real)args.rho)))
        return tarn_fail("sam_new: rho is %g, expects a finite number of at least 0", args.rho);
    if (!tarn__check_params("sam_new", args.params, true))
        return NULL;
    tarn_sam *self = calloc(1, sizeof *self + (size_t)args.params.count * sizeof *self->params);
    bool complete = self != NULL;
    for (int p = 0; complete && p < args.params.count; p++) {
        tarn_tensor *t = args.params.tensors[p];
        tarn_real *weights = tarn__block_alloc((size_t)tarn_size(t) * sizeof *weights);
        self->params[p].tensor = t;
        self->params[p].weights = weights;
        self->count = p + 1;
        complete = weights != NULL;
    }
    if (!complete) {
        tarn_set_error("sam_new: out of memory for copies of %d parameters", args.params.count);
        tarn_sam_free(self);
        return NULL;
    }
    self->rho = args.rho;
    self->adaptive = args.adaptive;
    return self;
}

static tarn_real *gradients_of(tarn_tensor *t)
{
    return t->requires_grad ? tarn_gradients(t) : NULL;
}

static double norm_of(const tarn_sam *self)
{
    double sum = 0;
    for (int p = 0; p < self->count; p++) {
        tarn_tensor *t = self->params[p].tensor;
        const tarn_real *g = gradients_of(t), *w = tarn_values(t);
        for (int64_t i = 0; g && i < tarn_size(t); i++) {
            const double x = self->adaptive ? (double)w[i] * (double)g[i] : (double)g[i];
            sum += x * x;
        }
    }
    return sqrt(sum);
}

double tarn_sam_climb(tarn_sam *self)
{
    if (!self) {
        tarn_fail_null("sam_climb: the tarn_sam");
        return NAN;
    }
    if (self->climbed) {
        tarn_fail("sam_climb: the weights are at the point already, expects tarn_sam_return() "
                  "before");
        return NAN;
    }
    const double norm = norm_of(self), scale = isfinite(norm) ? self->rho / (norm + 1e-12) : 0;
    for (int p = 0; p < self->count; p++) {
        tarn_tensor *t = self->params[p].tensor;
        const tarn_real *g = gradients_of(t);
        tarn_real *w = tarn_values(t);
        memcpy(self->params[p].weights, w, (size_t)tarn_size(t) * sizeof *w);
        for (int64_t i = 0; g && scale > 0 && i < tarn_size(t); i++) {
            const double size = self->adaptive ? (double)w[i] * (double)w[i] : 1;
            w[i] = (tarn_real)((double)w[i] + scale * size * (double)g[i]);
        }
    }
    self->climbed = true;
    return norm;
}

void tarn_sam_return(tarn_sam *self)
{
    if (!self)
        tarn_fail_null("sam_return: the tarn_sam");
    for (int p = 0; self && self->climbed && p < self->count; p++) {
        tarn_tensor *t = self->params[p].tensor;
        memcpy(tarn_values(t), self->params[p].weights, (size_t)tarn_size(t) * sizeof(tarn_real));
    }
    if (self)
        self->climbed = false;
}
