/*
 * Golden values: inputs, outputs and gradients computed by PyTorch in double precision, in text
 * files that the scripts in tests/golden write. A case is a line, on which numbers and tensors that
 * belong to it follow its name; the last line is "end" and the number of cases:
 *
 *     stride2 stride=2 x0[2,3]/64 12 -8 0 1 -1 5 y[] 0.25
 *     end 1
 *
 * A tensor is its name, its dimensions, the unit, if it is not 1, and its values in units of it:
 * the second of x0 is -8/64.
 *
 * By convention x0, x1, ... are the inputs, y the output, dy what comes from above, and dx0, dx1,
 * ... the gradients of the sum of dy y. An input without dx does not require a gradient. The number
 * "kink" marks a case that numeric differences cannot check, or only slowly.
 *
 * With them, the questions that every operation is asked: OPERATION_TESTS, and for one on each
 * element of a tensor, or of two that broadcast, UNARY_TESTS and BINARY_TESTS, from which
 * test_random_graphs.c, too, knows it.
 */
#ifndef TARN_TESTS_SUPPORT_GOLDEN_H
#define TARN_TESTS_SUPPORT_GOLDEN_H

#include <criterion/criterion.h>

#include <tarn.h>

typedef struct golden golden;           /* a file */
typedef struct golden_case golden_case; /* a case in it */

/* Reads tests/golden/<name>.txt; fails the test if that is not possible. */
golden *golden_open(const char *name);
void golden_close(golden *file);

/* The cases in order: NULL before the first and after the last. */
const golden_case *golden_next(const golden *file, const golden_case *previous);

const char *golden_name(const golden_case *c);

/* A number of the case, or the fallback if it has none of that name, or there is no case. */
double golden_number(const golden_case *c, const char *name, double fallback);

/* A new tensor with the values of the case's, or NULL if it has none of that name. The caller's. */
tarn_tensor *golden_tensor(const golden_case *c, const char *name);

/* The largest difference between the elements of a tensor and of the case's of that name, relative
   to max(1, |golden element|); infinite if there is none of that name, if shapes differ, or where
   one is NaN or infinite and the other is not the same. */
double golden_difference(const golden_case *c, const char *name, tarn_shape shape,
                         const tarn_real *values);

/* What may be expected of one operation: 1e-5 in float, 1e-11 in double, if a suite says no more.
 */
extern double golden_tolerance;

/* Each of these runs the function on x0, x1, ... of every case of the file; its context is the
   case. check_golden compares value and gradients. */
void check_golden(const char *name, tarn_function *function);

/* Compares the gradients with numeric differences, to 1e-6: for the double build. */
void check_gradients(const char *name, tarn_function *function);

/* Uses the inputs twice on one tape, as results of other operations, and once on each of two tapes:
   both must double the gradients. */
void check_reuse(const char *name, tarn_function *function);

/* With NULL as one of the first two inputs the result is NULL without a report; with no open tape
   the report says so. */
void check_careless_use(const char *name, tarn_function *function);

/* For a function on each element of one or two tensors, far from zero and positive if the domain
   says so ("NONZERO", "POSITIVE"): results and gradients of arrays that threads share, and whose
   last piece is odd, are the same bits with any number of threads, and element by element those of
   a short array. */
void check_pieces(const char *name, tarn_function *function, int input_count, const char *domain);

/* For a function of two tensors: of one tensor given twice, the gradient is the sum of both. */
void check_same_twice(tarn_function *function, tarn_shape shape);

#ifdef TARN_DOUBLE
#define GRADIENT_TEST(op, function)                                                                \
    Test(op, gradients)                                                                            \
    {                                                                                              \
        check_gradients(#op, function);                                                            \
    }
#else
#define GRADIENT_TEST(op, function)
#endif

#define OPERATION_TESTS(op, function)                                                              \
    Test(op, golden)                                                                               \
    {                                                                                              \
        check_golden(#op, function);                                                               \
    }                                                                                              \
    GRADIENT_TEST(op, function)                                                                    \
    Test(op, reuse)                                                                                \
    {                                                                                              \
        check_reuse(#op, function);                                                                \
    }                                                                                              \
    Test(op, careless_use)                                                                         \
    {                                                                                              \
        check_careless_use(#op, function);                                                         \
    }

#define PIECES_TEST(op, function, input_count, domain)                                             \
    Test(op, threads_and_pieces_change_no_bit)                                                     \
    {                                                                                              \
        check_pieces(#op, function, input_count, #domain);                                         \
    }

/* All of these for tarn_OP(x). The domain, ANY, POSITIVE or NONZERO, is where it is smooth. */
#define UNARY_TESTS(op, domain)                                                                    \
    static tarn_tensor *run_##op(tarn_tensor *const *x, void *context)                             \
    {                                                                                              \
        (void)context;                                                                             \
        return tarn_##op(x[0]);                                                                    \
    }                                                                                              \
    OPERATION_TESTS(op, run_##op)                                                                  \
    PIECES_TEST(op, run_##op, 1, domain)

/* For tarn_OP(a, b); the domain is that of b. */
#define BINARY_TESTS(op, domain)                                                                   \
    static tarn_tensor *run_##op(tarn_tensor *const *x, void *context)                             \
    {                                                                                              \
        (void)context;                                                                             \
        return tarn_##op(x[0], x[1]);                                                              \
    }                                                                                              \
    OPERATION_TESTS(op, run_##op)                                                                  \
    PIECES_TEST(op, run_##op, 2, domain)                                                           \
    Test(op, same_twice)                                                                           \
    {                                                                                              \
        check_same_twice(run_##op, tarn_shape(3, 5));                                              \
    }

#endif
