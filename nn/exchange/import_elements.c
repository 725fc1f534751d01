/* Operators that work element by element on one tensor. */
#include <math.h>
#include <stdlib.h>

#include "nn/exchange/import_internal.h"

bool tarn__import_unary(tarn__importer *c)
{
    tarn__import_value *x = tarn__import_in(c, 0);
    const int y = tarn__import_step(c, c->op, tarn__import_as_it_is(c, x), 0);
    return tarn__import_give_like(c, y, x);
}

/* With a number called alpha. */
bool tarn__import_numbered(tarn__importer *c)
{
    tarn__import_value *x = tarn__import_in(c, 0);
    const tarn__graph_op *op = c->op;
    const double alpha = tarn__import_float_of(c, "alpha", op == &tarn__graph_elu ? 1 : 0.01f);
    if (!(alpha >= 0 && isfinite(alpha)))
        return tarn__import_fail(c, "has alpha %g, expects a finite number of at least 0", alpha);
    return tarn__import_give_like(c, tarn__import_step(c, op, tarn__import_as_it_is(c, x), alpha),
                                  x);
}

bool tarn__import_gelu(tarn__importer *c)
{
    tarn__import_value *x = tarn__import_in(c, 0);
    const tarn__bytes approximate = tarn__import_text_of(c, "approximate");
    const bool by_tanh = tarn__bytes_are(approximate, "tanh");
    if (!by_tanh && approximate.size > 0 && !tarn__bytes_are(approximate, "none"))
        return tarn__import_fail(c, "has approximate \"%s\", expects none or tanh",
                                 tarn__onnx_quote(approximate).text);
    const tarn__graph_op *op = by_tanh ? &tarn__graph_gelu_tanh : &tarn__graph_gelu;
    return tarn__import_give_like(c, tarn__import_step(c, op, tarn__import_as_it_is(c, x), 0), x);
}

bool tarn__import_clip(tarn__importer *c)
{
    tarn__import_value *x = tarn__import_in(c, 0);
    double low = tarn__import_float_of(c, "min", -(double)INFINITY);
    double high = tarn__import_float_of(c, "max", (double)INFINITY);
    if (!tarn__import_number(c, 1, &low) || !tarn__import_number(c, 2, &high))
        return false;
    /* Where they cross, ONNX gives the higher limit to all. */
    tarn__graph_step *step =
        tarn__import_emit(c, &tarn__graph_clamp, 1, (int[]){tarn__import_as_it_is(c, x)});
    if (!step)
        return false;
    step->a = low > high ? high : low;
    step->b = high;
    return tarn__import_give_like(c, step->output, x);
}

bool tarn__import_pow(tarn__importer *c)
{
    tarn__import_value *x = tarn__import_in(c, 0);
    double exponent = 1;
    if (!tarn__import_number(c, 1, &exponent))
        return false;
    if (!isfinite(exponent))
        return tarn__import_fail(c, "has the exponent %g, expects a finite one", exponent);
    return tarn__import_give_like(
        c, tarn__import_step(c, &tarn__graph_pow, tarn__import_as_it_is(c, x), exponent), x);
}

/* ---- Of several operations. x is the operand; each gives one. */

/* max(0, min(1, alpha x + beta)) */
static int hard_sigmoid(tarn__importer *c, int x, double alpha, double beta)
{
    const int scaled = tarn__import_step(c, &tarn__graph_scale, x, alpha);
    const int sum =
        tarn__import_step2(c, &tarn__graph_add, scaled, tarn__import_hold_number(c, beta));
    tarn__graph_step *step = tarn__import_emit(c, &tarn__graph_clamp, 1, &sum);
    if (!step)
        return TARN__ONNX_FAILED;
    step->a = 0;
    step->b = 1;
    return step->output;
}

/* factor elu(x / width) of parameter alpha */
static int scaled_elu(tarn__importer *c, int x, double factor, double width, double alpha)
{
    x = width == 1 ? x : tarn__import_step(c, &tarn__graph_scale, x, 1 / width);
    const int y = tarn__import_step(c, &tarn__graph_elu, x, alpha);
    return factor == 1 ? y : tarn__import_step(c, &tarn__graph_scale, y, factor);
}

static int compose(tarn__importer *c, int x)
{
    const tarn__bytes type = c->node->type;
    const double alpha = tarn__import_float_of(c, "alpha", NAN);
    if (tarn__bytes_are(type, "HardSigmoid"))
        return hard_sigmoid(c, x, isnan(alpha) ? 0.2f : alpha,
                            tarn__import_float_of(c, "beta", 0.5));
    if (tarn__bytes_are(type, "HardSwish"))
        return tarn__import_step2(c, &tarn__graph_mul, x, hard_sigmoid(c, x, 1.0 / 6, 0.5));
    if (tarn__bytes_are(type, "Selu"))
        return scaled_elu(c, x, tarn__import_float_of(c, "gamma", 1.05070102214813232421875), 1,
                          isnan(alpha) ? 1.67326319217681884765625 : alpha);
    if (tarn__bytes_are(type, "Celu"))
        return scaled_elu(c, x, isnan(alpha) ? 1 : alpha, isnan(alpha) ? 1 : alpha, 1);
    if (tarn__bytes_are(type, "Mish")) {
        const int y = tarn__import_step(c, &tarn__graph_softplus, x, 0);
        return tarn__import_step2(c, &tarn__graph_mul, x,
                                  tarn__import_step(c, &tarn__graph_tanh, y, 0));
    }
    if (tarn__bytes_are(type, "Softsign")) {
        const int y = tarn__import_step(c, &tarn__graph_abs, x, 0);
        return tarn__import_step2(
            c, &tarn__graph_div, x,
            tarn__import_step2(c, &tarn__graph_add, y, tarn__import_hold_number(c, 1)));
    }
    if (tarn__bytes_are(type, "Swish")) {
        const double factor = isnan(alpha) ? 1 : alpha;
        const int y = factor == 1 ? x : tarn__import_step(c, &tarn__graph_scale, x, factor);
        return tarn__import_step2(c, &tarn__graph_mul, x,
                                  tarn__import_step(c, &tarn__graph_sigmoid, y, 0));
    }
    return tarn__import_step2(c, &tarn__graph_div, tarn__import_hold_number(c, 1),
                              x); /* Reciprocal */
}

bool tarn__import_composed(tarn__importer *c)
{
    tarn__import_value *x = tarn__import_in(c, 0);
    return tarn__import_give_like(c, compose(c, tarn__import_as_it_is(c, x)), x);
}
