/* Checks the gradients of operations, one's own included, against numeric differences. */
#ifndef TARN_CORE_INSPECT_GRADCHECK_H
#define TARN_CORE_INSPECT_GRADCHECK_H

#include "core/tape.h"

TARN_API_BEGIN

/* What is checked: computes one tensor of any shape from the inputs. It is called many times and
   must give the same result each time (a function that draws random numbers calls tarn_seed()
   first). */
typedef tarn_tensor *tarn_function(tarn_tensor *const *inputs, void *context);

#ifdef TARN_DOUBLE
#define TARN_GRADCHECK_STEP 1e-5
#define TARN_GRADCHECK_TOLERANCE 1e-6
#else
#define TARN_GRADCHECK_STEP 1e-2
#define TARN_GRADCHECK_TOLERANCE 1e-2
#endif
#define TARN_GRADCHECK_OPTIONS(OPTION)                                                             \
    OPTION(void *, context, NULL)                       /* passed on to the function */            \
    OPTION(double, step, TARN_GRADCHECK_STEP)           /* h; finite, above 0 */                   \
    OPTION(double, tolerance, TARN_GRADCHECK_TOLERANCE) /* finite, above 0 */
typedef struct tarn_gradcheck_args {
    tarn_function *function;
    tarn_params inputs;
    TARN_OPTIONS(TARN_GRADCHECK_OPTIONS)
} tarn_gradcheck_args;

/* For L = sum of r * function(inputs), r a fixed random tensor (so that gradients that cancel in a
   plain sum are seen), compares dL/dx of every element x of every input that requires a gradient
   with (L(x + h) - L(x - h)) / 2h. They must agree within tolerance * max(1, |either|).
   Returns whether all do; if not, tarn_error() names the first that does not. The inputs' values
   are changed meanwhile and restored, their gradients are zeroed. Inputs should keep away from
   kinks (ReLU at 0) by more than h. Checks are to be trusted in the double build (see
   core/tensor.h). */
bool tarn_gradcheck_with(tarn_gradcheck_args args);
#define tarn_gradcheck(function_, ...)                                                             \
    TARN_CALL(tarn_gradcheck_with, tarn_gradcheck_args, TARN_GRADCHECK_OPTIONS,                    \
              .function = (function_), .inputs = __VA_ARGS__)

TARN_API_END

#endif
