#include "core/inspect/gradcheck.h"

#include <math.h>

#include "core/base/error_internal.h"
#include "core/base/random_internal.h"
#include "core/life.h"
#include "core/op_internal.h"
#include "core/ops.h"

/* Element i of the fixed random tensor r: uniform in +-[0.5, 1], so that none is near 0. */
static double projection(int64_t i)
{
    uint64_t bits = tarn__random_at(0, i);
    double size = 0.5 + 0.5 * (double)tarn__random_uniform(bits);
    return bits & 1 ? size : -size;
}

/* L in double, and its gradients if wanted. NaN if the function fails. */
static double project(const tarn_gradcheck_args *a, bool with_gradients)
{
    double sum = NAN;
    tarn_tape *tape = with_gradients ? tarn_tape_begin() : tarn_tape_begin_no_grad();
    tarn_tensor *y = tape ? a->function(a->inputs.tensors, a->context) : NULL;
    tarn_tensor *r = y ? tarn_zeros(y->shape) : NULL;
    if (r) {
        sum = 0;
        for (int64_t i = 0; i < y->size; i++) {
            r->values[i] = (tarn_real)projection(i);
            sum += (double)r->values[i] * (double)y->values[i];
        }
        if (with_gradients && !tarn_backward(tarn_sum(tarn_mul(y, r))))
            sum = NAN;
    }
    tarn_free(r);
    tarn_tape_end(tape);
    return sum;
}

/* (L(x + h) - L(x - h)) / 2h, h being what the element really changes by in its precision. */
static double numeric(const tarn_gradcheck_args *a, tarn_real *element, double step)
{
    const tarn_real x = *element;
    const tarn_real above = (tarn_real)(x + step), below = (tarn_real)(x - step);
    *element = above;
    double right = project(a, false);
    *element = below;
    double left = project(a, false);
    *element = x;
    return (right - left) / ((double)above - (double)below);
}

static bool check_input(const tarn_gradcheck_args *a, int index, double step, double tolerance)
{
    tarn_tensor *x = a->inputs.tensors[index];
    const tarn_real *gradients = tarn_gradients(x);
    for (int64_t i = 0; i < x->size; i++) {
        double by_tape = gradients ? (double)gradients[i] : 0;
        double by_difference = numeric(a, &x->values[i], step);
        double scale = fmax(1, fmax(fabs(by_tape), fabs(by_difference)));
        /* Written so that NaN fails. */
        if (!(fabs(by_tape - by_difference) <= tolerance * scale))
            return tarn_set_error("gradcheck: input %d, element %lld: the gradient is %.9g, the "
                                  "numeric difference %.9g",
                                  index, (long long)i, by_tape, by_difference);
    }
    return true;
}

bool tarn_gradcheck_with(tarn_gradcheck_args a)
{
    const double step = a.step, tolerance = a.tolerance;
    int checked = 0;
    if (!a.function)
        return tarn_fail("gradcheck: no function is given");
    if (!(step > 0 && step < INFINITY && tolerance > 0 && tolerance < INFINITY))
        return tarn_fail("gradcheck: step is %g, tolerance %g, expects finite numbers above 0",
                         step, tolerance);
    if (a.inputs.count < 0)
        return false;
    if (a.inputs.count > 0 && !a.inputs.tensors)
        return tarn_fail("gradcheck: the list of %d inputs is NULL", a.inputs.count);
    for (int i = 0; i < a.inputs.count; i++) {
        if (!tarn__life_check("gradcheck", a.inputs.tensors[i]))
            return false;
        checked += a.inputs.tensors[i]->requires_grad;
    }
    if (!checked)
        return tarn_fail("gradcheck: none of the %d inputs requires a gradient, expects one that "
                         "tarn_requires_grad() was called for",
                         a.inputs.count);
    for (int i = 0; i < a.inputs.count; i++)
        tarn_zero_grad(a.inputs.tensors[i]);
    if (isnan(project(&a, true)))
        return tarn__told(tarn_set_error("gradcheck: the function fails or its result is NaN"));
    bool agree = true;
    for (int i = 0; agree && i < a.inputs.count; i++)
        if (a.inputs.tensors[i]->requires_grad)
            agree = check_input(&a, i, step, tolerance);
    for (int i = 0; i < a.inputs.count; i++)
        tarn_zero_grad(a.inputs.tensors[i]);
    return tarn__told(agree);
}
