/* What several tests of the nn folder need. */
#ifndef TARN_TESTS_NN_NN_TEST_H
#define TARN_TESTS_NN_NN_TEST_H

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include <criterion/criterion.h>

#include "core/tape_internal.h"
#include "nn/module_internal.h"
#include "tests/support/golden.h"
#include "tests/support/larger.h"
#include "tests/support/mistakes.h"

/* The module's parameter of that name; fails the test if there is none. */
static inline tarn_tensor *parameter(tarn_module *module, const char *name)
{
    tarn_params list = tarn_nn_parameters(module);
    for (int i = 0; i < list.count; i++)
        if (!strcmp(list.names[i], name))
            return list.tensors[i];
    cr_assert_fail("no parameter %s", name);
    return NULL;
}

/* The shape of the output for zeros of that shape, in training. */
static inline tarn_shape output_shape(tarn_module *module, tarn_shape input)
{
    tarn_tensor *x = tarn_zeros(input);
    tarn_tape *tape = tarn_tape_begin();
    tarn_shape shape = tarn_shape_get(tarn_nn_forward(module, x));
    tarn_tape_end(tape);
    tarn_free(x);
    return shape;
}

static inline void ignore(void *context, const tarn_module *module, const tarn_tensor *input,
                          const tarn_tensor *output)
{
    (void)context, (void)module, (void)input, (void)output;
}

static inline bool look_on(tarn_tape *tape)
{
    static const tarn__nn_onlooker onlooker = {ignore, NULL};
    tape->onlooker = &onlooker;
    return true;
}

/* Whether sequentials run several modules in one pass, as they do at first: on the innermost tape,
   and on those that begin from now on. */
static inline void set_fusing(bool fusing)
{
    tarn_tape *tape = tarn__tape_innermost();
    tarn__tape_visit(fusing ? NULL : look_on);
    if (tape && fusing)
        tape->onlooker = NULL;
    else if (tape)
        look_on(tape);
}

/* What the module's type writes about it for the summary. */
static inline void assert_description(const tarn_module *module, const char *expected)
{
    char text[256] = "";
    module->type->describe(module, text, sizeof text);
    cr_assert_str_eq(text, expected);
}

/* The same shape and, as near as one rounding, the same numbers. */
static inline void assert_equal(const tarn_tensor *a, const tarn_tensor *b)
{
    cr_assert(a && b && tarn_shape_equal(tarn_shape_get(a), tarn_shape_get(b)));
    for (int64_t i = 0; i < tarn_size(a); i++) {
        const double x = (double)tarn_values(a)[i], y = (double)tarn_values(b)[i];
        cr_assert(fabs(x - y) <= 1e-6 * (1 + fabs(y)), "at %lld: %g, %g", (long long)i, x, y);
    }
}

static inline void assert_close(const golden_case *c, const char *name, tarn_shape shape,
                                const tarn_real *values)
{
    double difference = golden_difference(c, name, shape, values);
    cr_assert(difference <= golden_tolerance, "%s, %s: differs by %g", golden_name(c), name,
              difference);
}

/* Gives the module the case's parameters, and compares its output and all gradients. Frees it. */
static inline void check_module(tarn_module *module, const golden_case *c)
{
    tarn_params list = tarn_nn_parameters(module);
    for (int i = 0; i < list.count; i++) {
        tarn_tensor *values = golden_tensor(c, list.names[i]);
        cr_assert(values &&
                      tarn_shape_equal(tarn_shape_get(values), tarn_shape_get(list.tensors[i])),
                  "%s: no %s of that shape", golden_name(c), list.names[i]);
        memcpy(tarn_values(list.tensors[i]), tarn_values(values),
               (size_t)tarn_size(values) * sizeof(tarn_real));
        tarn_free(values);
    }
    tarn_tensor *x = tarn_requires_grad(golden_tensor(c, "x0"), true), *dy = golden_tensor(c, "dy");
    tarn_tape *tape = tarn_tape_begin();
    tarn_tensor *y = tarn_nn_forward(module, x);
    assert_close(c, "y", tarn_shape_get(y), tarn_values(y));
    cr_assert(tarn_backward(tarn_sum(tarn_mul(y, dy))));
    assert_close(c, "dx0", tarn_shape_get(x), tarn_gradients(x));
    for (int i = 0; i < list.count; i++) {
        char name[64];
        snprintf(name, sizeof name, "d%s", list.names[i]);
        assert_close(c, name, tarn_shape_get(list.tensors[i]), tarn_gradients(list.tensors[i]));
    }
    tarn_tape_end(tape);
    tarn_free(x);
    tarn_free(dy);
    tarn_nn_free(module);
}

#endif
