#include "core/inspect/curvature.h"

#include <math.h>
#include <stdlib.h>

#include "core/base/error.h"
#include "core/inspect/lanczos.h"
#include "core/inspect/probe.h"
#include "core/life.h"
#include "core/tensor_internal.h"

/* ---- What is wrong with what was given */

static bool check_param(const char *who, tarn_params params, int i)
{
    const tarn_tensor *t = params.tensors[i];
    if (!t)
        return tarn_fail("%s: parameter %d is NULL", who, i);
    if (!tarn__life_check(who, t))
        return false;
    if (t->tape)
        return tarn_fail("%s: parameter %d is the result of an operation, expects a tensor made by "
                         "a constructor",
                         who, i);
    if (!t->requires_grad)
        return tarn_fail("%s: parameter %d, of shape %s, requires no gradient, expects those alone "
                         "that do",
                         who, i, tarn_shape_to_text(t->shape).text);
    for (int j = 0; j < i; j++)
        if (params.tensors[j] == t)
            return tarn_fail("%s: parameter %d is the same tensor as parameter %d, expects each "
                             "once",
                             who, i, j);
    return true;
}

/* Whether there is a loss function, and parameters to differentiate by; how many elements these
   have. */
static bool check(const char *who, tarn_loss_function *loss, tarn_params params, int64_t *size)
{
    *size = 0;
    if (params.count < 0)
        return false;
    if (!loss)
        return tarn_fail("%s: the loss function is NULL", who);
    if (params.count == 0 || !params.tensors)
        return tarn_fail("%s: the list of parameters is empty, expects at least one", who);
    for (int i = 0; i < params.count; i++) {
        if (!check_param(who, params, i))
            return false;
        *size += params.tensors[i]->size;
    }
    return true;
}

static bool is_finite(const char *who, const char *what, const double *v, int64_t size)
{
    for (int64_t i = 0; i < size; i++)
        if (!isfinite(v[i]))
            return tarn_fail("%s: element %lld of %s is %g, expects finite numbers", who,
                             (long long)i, what, v[i]);
    return true;
}

/* ---- Products */

static void fill_with_nan(double *values, int64_t count)
{
    for (int64_t i = 0; values && i < count; i++)
        values[i] = NAN;
}

bool tarn_hessian_product_with(tarn_hessian_product_args a)
{
    const char *const who = "hessian_product";
    double spread = NAN;
    int64_t size;
    bool done = check(who, a.loss, a.params, &size);
    if (done && (!a.v || !a.out))
        done = tarn_fail("%s: %s is NULL, expects room for %lld elements", who, a.v ? "out" : "v",
                         (long long)size);
    if (done && (done = is_finite(who, "v", a.v, size))) {
        tarn__probe p = {
            .who = who, .loss = a.loss, .context = a.context, .params = a.params, .size = size};
        done = tarn__probe_begin(&p) && tarn__probe_product(&p, a.v, a.out, &spread);
        tarn__probe_end(&p);
    }
    if (!done)
        fill_with_nan(a.out, size);
    if (a.spread)
        *a.spread = done ? spread : NAN;
    return done;
}

/* ---- Eigenvalues */

/* diag(d) H diag(d) for Lanczos. */
typedef struct scaled {
    tarn__probe probe;
    const double *d; /* NULL: H itself */
    double *x;       /* d x */
} scaled;

static bool multiply(const double *x, double *y, void *context)
{
    scaled *m = context;
    double spread;
    for (int64_t i = 0; m->d && i < m->probe.size; i++)
        m->x[i] = m->d[i] * x[i];
    if (!tarn__probe_product(&m->probe, m->d ? m->x : x, y, &spread))
        return false;
    for (int64_t i = 0; m->d && i < m->probe.size; i++)
        y[i] *= m->d[i];
    return true;
}

/* Finds one after the other. vectors has room for k. */
static bool find(const char *who, const tarn_hessian_eigenvalues_args *a, scaled *m,
                 double *vectors)
{
    tarn__lanczos l = {.multiply = multiply,
                       .context = m,
                       .size = m->probe.size,
                       .products = a->products,
                       .tolerance = a->tolerance};
    for (; l.found < a->k; l.found++) {
        if (!tarn__lanczos_next(who, &l, vectors, &a->values[l.found]))
            return false;
        l.largest = fmax(l.largest, fabs(a->values[l.found]));
    }
    return true;
}

static bool check_numbers(const char *who, const tarn_hessian_eigenvalues_args *a, int64_t size)
{
    enum { MOST_PRODUCTS = 10000 };
    if (a->k < 1 || a->k > size)
        return tarn_fail("%s: k is %d, expects 1 to %lld, the elements of the parameters", who,
                         a->k, (long long)size);
    if (!a->values)
        return tarn_fail("%s: values is NULL, expects room for %d", who, a->k);
    if (!(a->tolerance > 0 && a->tolerance < INFINITY) || a->products < 1 ||
        a->products > MOST_PRODUCTS)
        return tarn_fail("%s: tolerance %g, products %d, expects a finite tolerance above 0 and 1 "
                         "to %d products",
                         who, a->tolerance, a->products, MOST_PRODUCTS);
    return !a->scale || is_finite(who, "scale", a->scale, size);
}

/* Into the order of their magnitudes, from which the tolerance may have them differ. */
static void sort(int64_t size, int k, double *values, double *vectors)
{
    for (int i = 1; i < k; i++)
        for (int j = i; j > 0 && fabs(values[j]) > fabs(values[j - 1]); j--) {
            const double value = values[j];
            values[j] = values[j - 1];
            values[j - 1] = value;
            for (int64_t e = 0; e < size; e++) {
                const double element = vectors[j * size + e];
                vectors[j * size + e] = vectors[(j - 1) * size + e];
                vectors[(j - 1) * size + e] = element;
            }
        }
}

/* The arguments are right. */
static bool eigenvalues(const char *who, const tarn_hessian_eigenvalues_args *a, int64_t size)
{
    scaled m = {.probe = {.who = who,
                          .loss = a->loss,
                          .context = a->context,
                          .params = a->params,
                          .size = size},
                .d = a->scale};
    double *own = a->vectors ? NULL : calloc((size_t)a->k, (size_t)size * sizeof *own);
    double *vectors = a->vectors ? a->vectors : own;
    m.x = malloc((size_t)size * sizeof *m.x);
    bool done = false;
    if (vectors && m.x) {
        done = tarn__probe_begin(&m.probe) && find(who, a, &m, vectors);
        tarn__probe_end(&m.probe);
    } else
        tarn_set_error("%s: out of memory for vectors of %lld elements", who, (long long)size);
    if (done)
        sort(size, a->k, a->values, vectors);
    free(own);
    free(m.x);
    return done;
}

bool tarn_hessian_eigenvalues_with(tarn_hessian_eigenvalues_args a)
{
    const char *const who = "hessian_eigenvalues";
    int64_t size;
    const bool done = check(who, a.loss, a.params, &size) && check_numbers(who, &a, size) &&
                      eigenvalues(who, &a, size);
    if (!done && a.k > 0 && a.k <= size) {
        fill_with_nan(a.values, a.k);
        fill_with_nan(a.vectors, a.k * size);
    }
    return done;
}
