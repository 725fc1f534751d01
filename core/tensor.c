#include "core/tensor.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/error.h"
#include "core/base/memory.h"
#include "core/base/pool.h"
#include "core/base/random_internal.h"
#include "core/life.h"
#include "core/tensor_internal.h"

tarn_shape tarn_shape_of(int ndim, const int64_t *dims)
{
    tarn_shape shape = {.ndim = -1};
    if (ndim < 0 || ndim > TARN_MAX_NDIM) {
        tarn_fail("shape: has %d dimensions, at most %d are possible", ndim, TARN_MAX_NDIM);
        return shape;
    }
    if (ndim > 0 && !dims) {
        tarn_fail("shape: the list of %d dimensions is NULL", ndim);
        return shape;
    }
    for (int i = 0; i < ndim; i++) {
        if (dims[i] < 0) {
            tarn_fail("shape: dimension %d is %lld, expects 0 or more", i, (long long)dims[i]);
            return shape;
        }
        shape.dim[i] = dims[i];
    }
    shape.ndim = ndim;
    return shape;
}

tarn_axes tarn_axes_of(int count, const int *axes)
{
    tarn_axes list = {.count = -1};
    if (count < 0 || count > TARN_MAX_NDIM) {
        tarn_fail("axes: there are %d of them, at most %d are possible", count, TARN_MAX_NDIM);
        return list;
    }
    if (count > 0 && !axes) {
        tarn_fail("axes: the list of %d is NULL", count);
        return list;
    }
    list.count = count;
    for (int i = 0; i < count; i++)
        list.axis[i] = axes[i];
    return list;
}

bool tarn_shape_equal(tarn_shape a, tarn_shape b)
{
    if (a.ndim != b.ndim || a.ndim > TARN_MAX_NDIM)
        return false;
    for (int i = 0; i < a.ndim; i++)
        if (a.dim[i] != b.dim[i])
            return false;
    return true;
}

int64_t tarn_shape_size(tarn_shape shape)
{
    if (shape.ndim < 0 || shape.ndim > TARN_MAX_NDIM)
        return -1;
    /* Dimensions of 0 are left out of the product, so that (2^40, 2^40, 0) is refused too: an
       operation may multiply any of them. */
    int64_t bytes = sizeof(tarn_real);
    bool empty = false;
    for (int i = 0; i < shape.ndim; i++) {
        if (shape.dim[i] < 0)
            return -1;
        if (shape.dim[i] == 0)
            empty = true;
        else if (__builtin_mul_overflow(bytes, shape.dim[i], &bytes))
            return -1;
    }
    return empty ? 0 : bytes / (int64_t)sizeof(tarn_real);
}

tarn_shape_text tarn_shape_to_text(tarn_shape shape)
{
    tarn_shape_text out = {"(invalid)"};
    if (shape.ndim < 0 || shape.ndim > TARN_MAX_NDIM)
        return out;
    char *end = out.text;
    *end++ = '(';
    for (int i = 0; i < shape.ndim; i++)
        end += sprintf(end, i ? ",%lld" : "%lld", (long long)shape.dim[i]);
    *end++ = ')';
    *end = '\0';
    return out;
}

/* A tensor of the caller's, values not yet set. */
static tarn_tensor *new_tensor(const char *constructor, tarn_shape shape)
{
    if (shape.ndim < 0)
        return NULL; /* tarn_shape() has reported it */
    int64_t size = tarn_shape_size(shape);
    if (size < 0)
        return tarn_fail(
            "%s: shape %s is invalid or too large, expects at most %d dimensions of at "
            "least 0, and fewer than 2^63 bytes",
            constructor, tarn_shape_to_text(shape).text, TARN_MAX_NDIM);
    tarn_tensor *t = calloc(1, sizeof *t);
    tarn_real *values = t ? tarn__block_alloc((size_t)size * sizeof *values) : NULL;
    if (!values) {
        tarn_set_error("%s: out of memory for a tensor of shape %s", constructor,
                       tarn_shape_to_text(shape).text);
        free(t);
        return NULL;
    }
    t->shape = shape;
    t->size = size;
    t->values = values;
    return t;
}

tarn_tensor *tarn_zeros(tarn_shape shape)
{
    tarn_tensor *t = new_tensor("zeros", shape);
    if (t)
        memset(t->values, 0, (size_t)t->size * sizeof *t->values);
    return t;
}

tarn_tensor *tarn_full(tarn_shape shape, double value)
{
    if (isfinite(value) && !isfinite((tarn_real)value))
        return tarn_fail("full: the value is %g, beyond what an element can be", value);
    tarn_tensor *t = new_tensor("full", shape);
    for (int64_t i = 0; t && i < t->size; i++)
        t->values[i] = (tarn_real)value;
    return t;
}

/* What draws random numbers: number i after the state goes to to[i]. */
typedef struct drawing {
    uint64_t state;
    tarn_real *to;
} drawing;

static void draw_uniform(const void *context, int64_t first, int64_t end)
{
    const drawing *d = context;
    for (int64_t i = first; i < end; i++)
        d->to[i] = tarn__random_uniform(tarn__random_at(d->state, i));
}

static void draw_normal(const void *context, int64_t first, int64_t end)
{
    const drawing *d = context;
    for (int64_t i = first; i < end; i++)
        d->to[i] = (tarn_real)tarn__random_normal(d->state, i);
}

tarn_tensor *tarn_rand(tarn_shape shape)
{
    tarn_tensor *t = new_tensor("rand", shape);
    if (t)
        tarn__share(t->size, t->size, draw_uniform,
                    &(drawing){tarn__random_reserve(t->size), t->values});
    return t;
}

tarn_tensor *tarn_randn(tarn_shape shape)
{
    tarn_tensor *t = new_tensor("randn", shape);
    if (t)
        tarn__share(t->size, t->size, draw_normal,
                    &(drawing){tarn__random_reserve(2 * t->size), t->values});
    return t;
}

tarn_tensor *tarn_from_array(tarn_shape shape, const tarn_real *values)
{
    if (!values && tarn_shape_size(shape) > 0)
        return tarn_fail("from_array: the values are NULL, expects %lld of them for shape %s",
                         (long long)tarn_shape_size(shape), tarn_shape_to_text(shape).text);
    tarn_tensor *t = new_tensor("from_array", shape);
    if (t && t->size > 0)
        memcpy(t->values, values, (size_t)t->size * sizeof *values);
    return t;
}

tarn_tensor *tarn_clone(const tarn_tensor *t)
{
    return tarn__life_check("clone", t) ? tarn_from_array(t->shape, t->values) : NULL;
}

void tarn_free(tarn_tensor *t)
{
    if (!tarn__life_check("free", t))
        return;
    if (t->tape) {
        tarn_fail("free: a tensor of shape %s belongs to a tape and dies at its end",
                  tarn_shape_to_text(t->shape).text);
        return;
    }
    if (t->lent) {
        tarn_fail("free: a tensor of shape %s belongs to a module or a loader, which frees it",
                  tarn_shape_to_text(t->shape).text);
        return;
    }
    tarn__block_free(t->gradients);
    tarn__block_free(t->values);
    tarn__life_end(t);
}

void tarn__forget_gradient(tarn_tensor *t)
{
    tarn__block_free(t->gradients);
    t->gradients = NULL;
    t->gradients_stale = false;
}

void tarn__free_lent(tarn_tensor *t)
{
    if (t)
        t->lent = false;
    tarn_free(t);
}

tarn_tensor *tarn_requires_grad(tarn_tensor *t, bool required)
{
    if (!tarn__life_check("requires_grad", t))
        return NULL;
    if (t->tape)
        return tarn_fail("requires_grad: a tensor of shape %s is the result of an operation; only "
                         "tensors made by a constructor can be differentiated by",
                         tarn_shape_to_text(t->shape).text);
    t->requires_grad = required;
    return t;
}

tarn_real *tarn_values(const tarn_tensor *t)
{
    return tarn__life_check("values", t) ? t->values : NULL;
}

/* Whether a view covers a part of its base only. */
static bool is_part(const tarn_tensor *t)
{
    return t->base && t->size < t->base->size;
}

/* A view's gradient has the place in its base's gradient that its values have in the base's. */
static tarn_real *own_gradients(tarn_tensor *t)
{
    tarn_tensor *base = tarn__holder(t);
    return base->gradients ? base->gradients + (t->values - base->values) : NULL;
}

const tarn_real *tarn__gradients_now(const tarn_tensor *t)
{
    const tarn_tensor *base = t->base ? t->base : t;
    return base->gradients && !base->gradients_stale ? base->gradients + (t->values - base->values)
                                                     : NULL;
}

static void clear_gradients(tarn_tensor *base)
{
    memset(base->gradients, 0, (size_t)base->size * sizeof *base->gradients);
    base->gradients_stale = false;
}

tarn_real *tarn_gradients(tarn_tensor *t)
{
    if (!tarn__life_check("gradients", t))
        return NULL;
    tarn_tensor *base = tarn__holder(t);
    if (base->gradients && base->gradients_stale)
        clear_gradients(base);
    return own_gradients(t);
}

void tarn_zero_grad(tarn_tensor *t)
{
    if (!tarn__life_check("zero_grad", t))
        return;
    tarn_tensor *base = tarn__holder(t);
    if (!is_part(t))
        base->gradients_stale = true;
    else if (base->gradients && !base->gradients_stale)
        memset(own_gradients(t), 0, (size_t)t->size * sizeof *t->gradients);
}

int tarn_ndim(const tarn_tensor *t)
{
    return t ? t->shape.ndim : 0;
}

int64_t tarn_dim(const tarn_tensor *t, int index)
{
    if (!t)
        return 0;
    int i = index < 0 ? index + t->shape.ndim : index;
    if (i < 0 || i >= t->shape.ndim) {
        tarn_fail(
            "dim: a tensor of shape %s has no dimension %d, expects at least %d and less than %d",
            tarn_shape_to_text(t->shape).text, index, -t->shape.ndim, t->shape.ndim);
        return 0;
    }
    return t->shape.dim[i];
}

int64_t tarn_size(const tarn_tensor *t)
{
    return t ? t->size : 0;
}

tarn_shape tarn_shape_get(const tarn_tensor *t)
{
    return t ? t->shape : (tarn_shape){.ndim = -1};
}

tarn_real tarn_item(const tarn_tensor *t)
{
    if (!t)
        tarn_fail_null("item: the tensor");
    if (!tarn__life_check("item", t))
        return (tarn_real)NAN;
    if (t->size == 1)
        return t->values[0];
    tarn_fail("item: a tensor of shape %s has %lld elements, expects 1",
              tarn_shape_to_text(t->shape).text, (long long)t->size);
    return (tarn_real)NAN;
}

tarn_labels tarn_labels_of(int64_t count, const int32_t *ids)
{
    tarn_labels labels = {count, ids};
    return labels;
}
