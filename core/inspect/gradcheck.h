/* Checks the gradients of operations, one's own included, against numeric differences. */
#ifndef TARN_CORE_GRADCHECK_H
#define TARN_CORE_GRADCHECK_H

#include "core/tape.h"

TARN_API_BEGIN

/* What is checked: computes one tensor of any shape from the inputs. It is called many times and
   must give the same result each time (a function that draws random numbers calls tarn_seed()
   first). */
typedef tarn_tensor *tarn_function(tarn_tensor *const *inputs, void *context);

typedef struct tarn_gradcheck_args {
    tarn_function *function;
    tarn_params inputs;
    void *context;    /* passed on to the function */
    double step;      /* h; default 1e-5 in double, 1e-2 in float */
    double tolerance; /* default 1e-6 in double, 1e-2 in float; both finite and above 0 */
    int end_;
} tarn_gradcheck_args;

/* For L = sum of r * function(inputs), r a fixed random tensor (so that gradients that cancel in a
   plain sum are seen), compares dL/dx of every element x of every input that requires a gradient
   with (L(x + h) - L(x - h)) / 2h. They must agree within tolerance * max(1, |either|).
   Returns whether all do; if not, tarn_error() names the first that does not. The inputs' values
   are changed meanwhile and restored, their gradients are zeroed. Inputs should keep away from
   kinks (ReLU at 0) by more than h. Checks are to be trusted in the double build (see
   core/tensor.h). */
bool tarn_gradcheck_with(tarn_gradcheck_args args);
#define tarn_gradcheck(...) tarn_gradcheck_with((tarn_gradcheck_args){__VA_ARGS__, .end_ = 0})

TARN_API_END

#endif
