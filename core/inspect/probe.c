#include "core/inspect/probe.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/error.h"
#include "core/base/memory.h"
#include "core/base/random.h"
#include "core/life.h"
#include "core/tape_internal.h"

/* How near the two differences are to be, relative to the product: the error of their combination,
   about the square of that, is then as small as the rounding of the gradients over that distance.
   About the element's rounding to the power of 2/5. */
#ifdef TARN_DOUBLE
#define ENOUGH 5e-7
#else
#define ENOUGH 2e-3
#endif

/* ---- Putting aside */

/* False when memory runs out. */
static bool put_aside(tarn__probe *p, tarn_tensor *tensor)
{
    tarn_tensor *t = tarn__holder(tensor);
    for (int i = 0; i < p->aside_count; i++)
        if (p->asides[i].tensor == t)
            return true;
    tarn__aside *grown = realloc(p->asides, (size_t)(p->aside_count + 1) * sizeof *grown);
    if (!grown)
        return tarn_set_error("%s: out of memory to put gradients aside", p->who);
    p->asides = grown;
    p->asides[p->aside_count++] = (tarn__aside){t, t->gradients, t->gradients_stale};
    t->gradients = NULL;
    return true;
}

/* Also what the loss depends on beside the parameters: other tensors that require a gradient, and
   results of outer tapes. */
static bool put_inputs_aside(tarn__probe *p, const tarn_tape *tape)
{
    for (const tarn_node *node = tape->last; node; node = node->previous)
        for (int i = 0; i < node->input_count; i++) {
            tarn_tensor *x = node->inputs[i];
            if (!tarn__life_over(x) && x->tape != tape && x->requires_grad && !put_aside(p, x))
                return false;
        }
    return true;
}

/* Memory that an outer tape gave for a gradient stays with that tape. */
static void put_back(const tarn__aside *a)
{
    if (!a->tensor->tape)
        tarn__block_free(a->tensor->gradients);
    a->tensor->gradients = a->gradients;
    a->tensor->gradients_stale = a->stale;
}

/* ---- Products */

/* Moves the parameters that far along the unit vector; a distance of 0 takes them back. */
static void move(const tarn__probe *p, double distance)
{
    int64_t at = 0;
    for (int i = 0; i < p->params.count; i++) {
        const tarn_tensor *t = p->params.tensors[i];
        for (int64_t k = 0; k < t->size; k++, at++)
            t->values[k] = distance == 0
                               ? p->weights[at]
                               : (tarn_real)((double)p->weights[at] + distance * p->unit[at]);
    }
}

/* Computes the gradients that far along the unit vector. */
static bool run(tarn__probe *p, double distance)
{
    move(p, distance);
    for (int i = 0; i < p->aside_count; i++)
        tarn_zero_grad(p->asides[i].tensor);
    tarn_set_random_state(p->random);
    tarn_tape *tape = tarn_tape_begin();
    bool done = false;
    if (tape) {
        tape->rehearses = true;
        tarn_tensor *loss = p->loss(p->context);
        if (loss && loss->tape && loss->tape != tape)
            tarn_fail("%s: the loss was computed on another tape, expects the innermost", p->who);
        else
            done = put_inputs_aside(p, tape) && tarn_backward(loss);
    }
    tarn_tape_end(tape);
    return done;
}

/* to = (g(distance) - g(-distance)) / (2 distance) */
static bool difference(tarn__probe *p, double distance, double *to)
{
    for (int sign = 1; sign >= -1; sign -= 2) {
        if (!run(p, sign * distance))
            return false;
        int64_t at = 0;
        for (int i = 0; i < p->params.count; i++) {
            const int64_t count = p->params.tensors[i]->size;
            const tarn_real *g = tarn_gradients(p->params.tensors[i]);
            for (int64_t k = 0; k < count; k++, at++) {
                const double part = g ? sign * (double)g[k] / (2 * distance) : 0;
                to[at] = sign > 0 ? part : to[at] + part;
            }
        }
    }
    return true;
}

/* The length of near - far, and that of what the two make together. */
static double distance_between(const tarn__probe *p, double *product_length)
{
    double apart = 0, product = 0;
    for (int64_t i = 0; i < p->size; i++) {
        const double d = p->near[i] - p->far[i], both = p->near[i] + d / 3;
        apart += d * d;
        product += both * both;
    }
    *product_length = sqrt(product);
    return sqrt(apart);
}

/* out = H unit. Leaves the parameters moved. */
static bool unit_product(tarn__probe *p, double *out, double *spread)
{
    enum { ROUNDS = 6 };
    double best = INFINITY, distance = p->distance;
    for (int round = 0; round < ROUNDS; round++) {
        if (!difference(p, distance, p->near) || !difference(p, 2 * distance, p->far))
            return false;
        double length;
        const double apart = distance_between(p, &length);
        if (apart < best) {
            for (int64_t i = 0; i < p->size; i++)
                out[i] = p->near[i] + (p->near[i] - p->far[i]) / 3;
            best = apart;
            *spread = apart > 0 ? apart / length : 0;
            p->distance = fmin(1.2 * distance, p->farthest);
        } else if (best < INFINITY)
            break; /* rounding, or kinks: nothing is to be had nearer */
        if (best <= ENOUGH * length)
            break;
        distance *= sqrt(ENOUGH / 2 / (apart < length ? apart / length : 1));
    }
    return best < INFINITY ||
           tarn_set_error("%s: the gradients are not finite near the parameters", p->who);
}

static double largest_of(const double *v, int64_t size)
{
    double largest = 0;
    for (int64_t i = 0; i < size; i++)
        largest = fmax(largest, fabs(v[i]));
    return largest;
}

bool tarn__probe_product(tarn__probe *p, const double *v, double *out, double *spread)
{
    const double largest = largest_of(v, p->size);
    double squares = 0;
    for (int64_t i = 0; i < p->size; i++) {
        p->unit[i] = largest > 0 ? v[i] / largest : 0;
        squares += p->unit[i] * p->unit[i];
    }
    *spread = 0;
    memset(out, 0, (size_t)p->size * sizeof *out);
    if (largest == 0)
        return true;
    for (int64_t i = 0; i < p->size; i++)
        p->unit[i] /= sqrt(squares);
    const bool done = unit_product(p, out, spread);
    move(p, 0);
    for (int64_t i = 0; done && i < p->size; i++) {
        out[i] *= sqrt(squares) * largest;
        if (!isfinite(out[i]))
            return tarn_set_error("%s: element %lld of the product is not finite", p->who,
                                  (long long)i);
    }
    return done;
}

/* ---- Beginning and end */

bool tarn__probe_begin(tarn__probe *p)
{
    p->random = tarn_random_state();
    p->incomplete = tarn__backward_incomplete();
    const size_t bytes = (size_t)p->size * sizeof(double);
    p->weights = malloc((size_t)p->size * sizeof *p->weights + 1); /* never 0 bytes */
    p->unit = malloc(3 * bytes + 1);
    if (!p->weights || !p->unit)
        return tarn_set_error("%s: out of memory for %lld elements", p->who, (long long)p->size);
    p->near = p->unit + p->size;
    p->far = p->near + p->size;
    double squares = 0;
    int64_t at = 0;
    for (int i = 0; i < p->params.count; i++) {
        const tarn_tensor *t = p->params.tensors[i];
        for (int64_t k = 0; k < t->size; k++, at++) {
            p->weights[at] = t->values[k];
            squares += (double)t->values[k] * (double)t->values[k];
        }
        if (!put_aside(p, p->params.tensors[i]))
            return false;
    }
    p->distance = p->farthest = fmax(1, sqrt(squares)) / 64;
    return true;
}

void tarn__probe_end(tarn__probe *p)
{
    for (int i = 0; i < p->aside_count; i++)
        put_back(&p->asides[i]);
    free(p->asides);
    free(p->weights);
    free(p->unit);
    tarn_set_random_state(p->random);
    tarn__set_backward_incomplete(p->incomplete);
}
