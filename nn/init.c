/* Initializers, with the formulas in nn/init.h, and what layers start with. */
#include "nn/init.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/error.h"
#include "core/base/pool.h"
#include "core/base/random_internal.h"
#include "core/op_internal.h"
#include "nn/init_internal.h"
#include "nn/module_internal.h"

/* ---- Filling a tensor */

typedef struct filling {
    uint64_t state; /* of the generator */
    double width;   /* the bound, or the deviation */
    tarn_real *to;
} filling;

static void draw_uniform(const void *context, int64_t first, int64_t end)
{
    const filling *f = context;
    const tarn_real bound = (tarn_real)f->width;
    for (int64_t i = first; i < end; i++)
        f->to[i] = bound * (2 * tarn__random_uniform(tarn__random_at(f->state, i)) - 1);
}

static void draw_normal(const void *context, int64_t first, int64_t end)
{
    const filling *f = context;
    for (int64_t i = first; i < end; i++)
        f->to[i] = (tarn_real)(f->width * tarn__random_normal(f->state, i));
}

static void fill_uniform(tarn_tensor *t, double bound)
{
    tarn__share(t->size, t->size, draw_uniform,
                &(filling){tarn__random_reserve(t->size), bound, t->values});
}

static void fill_normal(tarn_tensor *t, double deviation)
{
    tarn__share(t->size, t->size, draw_normal,
                &(filling){tarn__random_reserve(2 * t->size), deviation, t->values});
}

static bool number_is_right(const char *function, const char *name, double number)
{
    if (!(number >= 0 && number < INFINITY))
        return tarn_fail("%s: %s is %g, expects a finite number, not below 0", function, name,
                         number);
    return true;
}

bool tarn_init_constant(tarn_tensor *t, double value)
{
    if (!tarn_values(t))
        return false;
    for (int64_t i = 0; i < t->size; i++)
        t->values[i] = (tarn_real)value;
    return true;
}

bool tarn_init_normal(tarn_tensor *t, double deviation)
{
    if (!tarn_values(t) || !number_is_right("init_normal", "deviation", deviation))
        return false;
    fill_normal(t, deviation);
    return true;
}

bool tarn_init_uniform(tarn_tensor *t, double bound)
{
    if (!tarn_values(t) || !number_is_right("init_uniform", "bound", bound))
        return false;
    fill_uniform(t, bound);
    return true;
}

tarn_tensor *tarn_nn_init_uniform(tarn_shape shape, double bound)
{
    tarn_tensor *t = tarn_zeros(shape);
    if (t)
        fill_uniform(t, bound);
    return t;
}

/* ---- What depends on the number of inputs and outputs */

/* The product of the first dimensions. */
static double product(const tarn_tensor *t, int dimensions)
{
    double p = 1;
    for (int i = 0; i < dimensions; i++)
        p *= (double)t->shape.dim[i];
    return p;
}

static double fan_in(const tarn_tensor *t)
{
    return product(t, t->shape.ndim - 1);
}

static double fan_out(const tarn_tensor *t)
{
    return (double)t->shape.dim[t->shape.ndim - 1] * product(t, t->shape.ndim - 2);
}

bool tarn__has_fans(const char *function, const tarn_tensor *t, double gain)
{
    if (!tarn_values(t))
        return false;
    if (t->shape.ndim < 2)
        return tarn_fail("%s: tensor %s, expects two dimensions or more, those of a weight",
                         function, tarn_shape_to_text(t->shape).text);
    return number_is_right(function, "gain", gain);
}

static double kaiming(const tarn_tensor *t, double gain)
{
    return gain / sqrt(fan_in(t));
}

static double xavier(const tarn_tensor *t, double gain)
{
    return gain * sqrt(2 / (fan_in(t) + fan_out(t)));
}

bool tarn_init_kaiming_normal(tarn_tensor *t, double gain)
{
    if (!tarn__has_fans("init_kaiming_normal", t, gain))
        return false;
    fill_normal(t, kaiming(t, gain));
    return true;
}

bool tarn_init_kaiming_uniform(tarn_tensor *t, double gain)
{
    if (!tarn__has_fans("init_kaiming_uniform", t, gain))
        return false;
    fill_uniform(t, sqrt(3) * kaiming(t, gain));
    return true;
}

static double kaiming_out(const tarn_tensor *t, double gain)
{
    return gain / sqrt(fan_out(t));
}

bool tarn_init_kaiming_normal_out(tarn_tensor *t, double gain)
{
    if (!tarn__has_fans("init_kaiming_normal_out", t, gain))
        return false;
    fill_normal(t, kaiming_out(t, gain));
    return true;
}

bool tarn_init_kaiming_uniform_out(tarn_tensor *t, double gain)
{
    if (!tarn__has_fans("init_kaiming_uniform_out", t, gain))
        return false;
    fill_uniform(t, sqrt(3) * kaiming_out(t, gain));
    return true;
}

double tarn_init_gain(const char *activation, double slope)
{
    const struct {
        const char *name;
        double gain;
    } gains[] = {{"linear", TARN_GAIN_LINEAR},
                 {"sigmoid", TARN_GAIN_LINEAR},
                 {"tanh", 5.0 / 3},
                 {"relu", TARN_GAIN_RELU},
                 {"selu", 0.75},
                 {"leaky_relu", sqrt(2 / (1 + slope * slope))}};
    for (size_t i = 0; activation && i < sizeof gains / sizeof *gains; i++)
        if (strcmp(activation, gains[i].name) == 0)
            return gains[i].gain;
    if (activation)
        tarn_fail("init_gain: there is no activation \"%s\", expects linear, sigmoid, tanh, relu, "
                  "selu or leaky_relu",
                  activation);
    return NAN;
}

bool tarn_init_dirac(tarn_tensor *t, double gain)
{
    if (!tarn__has_fans("init_dirac", t, gain))
        return false;
    tarn_init_constant(t, 0);
    const int ndim = t->shape.ndim;
    const int64_t in = t->shape.dim[ndim - 2], out = t->shape.dim[ndim - 1];
    int64_t middle = 0;
    for (int i = 0; i < ndim - 2; i++)
        middle = middle * t->shape.dim[i] + t->shape.dim[i] / 2;
    for (int64_t c = 0; t->size > 0 && c < in && c < out; c++)
        t->values[(middle * in + c) * out + c] = (tarn_real)gain;
    return true;
}

bool tarn_init_xavier_normal(tarn_tensor *t, double gain)
{
    if (!tarn__has_fans("init_xavier_normal", t, gain))
        return false;
    fill_normal(t, xavier(t, gain));
    return true;
}

bool tarn_init_xavier_uniform(tarn_tensor *t, double gain)
{
    if (!tarn__has_fans("init_xavier_uniform", t, gain))
        return false;
    fill_uniform(t, sqrt(3) * xavier(t, gain));
    return true;
}
