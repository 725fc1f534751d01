/*
 * Curvature: products with the Hessian H of a loss, the matrix of its second derivatives by the
 * parameters, and its largest eigenvalues. The largest of all is the loss's sharpness, h: gradient
 * descent at a rate above 2 / h moves away from a minimum (docs/curvature.md).
 *
 * H itself, (parameters x parameters), is never made. A product with it is a difference of
 * gradients, taken at two distances t and 2 t along the unit vector u = v / |v|:
 *
 *     near = (g(w + t u) - g(w - t u)) / 2t,   far = (g(w + 2t u) - g(w - 2t u)) / 4t
 *     H v = |v| (4 near - far) / 3 + O(t^4)
 *
 * t begins at max(1, |w|) / 64 and shrinks until near and far agree to 2e-3 (5e-7 in double), or no
 * better than before; so a product takes 4 gradients, or 8, seldom more. Beside its largest element
 * it is exact to 1e-4 in float and 1e-11 in double where the loss is smooth: what is left is the
 * rounding of gradients and weights, over that distance (measured: 2e-5 and 3e-14 on quadratics,
 * 4e-6 and 5e-13 against PyTorch's second-order derivatives of a network, by
 * tests/core/test_curvature.c). Exact second derivatives would need those of each operation.
 *
 * Where gradients jump, as with ReLU and max pooling, the difference counts the jumps between the
 * points, which are part of the curvature that a step of that length meets, and few digits are
 * sure: .spread tells. Curvature is best studied with smooth activations (tanh, GELU).
 *
 * All of this leaves values and gradients of all tensors, running statistics, and the random
 * generator as they were; every evaluation draws the same numbers, so that dropout drops the same.
 */
#ifndef TARN_CORE_INSPECT_CURVATURE_H
#define TARN_CORE_INSPECT_CURVATURE_H

#include "core/tape.h"

TARN_API_BEGIN

/* Computes the loss, one element, from the parameters, on the innermost tape. It is called many
   times and must give the same each time for the same values of the parameters. */
typedef tarn_tensor *tarn_loss_function(void *context);

#define TARN_HESSIAN_PRODUCT_OPTIONS(OPTION)                                                       \
    OPTION(void *, context, NULL)  /* passed on to the loss function */                            \
    OPTION(double *, spread, NULL) /* where |near - far| / |product| goes */
typedef struct tarn_hessian_product_args {
    tarn_loss_function *loss;
    tarn_params params;
    const double *v;
    double *out;
    TARN_OPTIONS(TARN_HESSIAN_PRODUCT_OPTIONS)
} tarn_hessian_product_args;

/* out = H v, for the loss and these parameters. v and out hold an element for each of all
   parameters, one parameter behind the other, and may be the same array. A v of zeros gives zeros.

   *spread is about 2e-3 (5e-7 in double) or less where the loss is smooth, and the product's
   relative error about its square then, until rounding; more than a hundredth means that the loss
   has kinks, or that the product is little beside the rounding of the gradients. 0 if v is 0.

   Returns false, with NaN in out and *spread, after a mistake (v is not finite; the list of
   parameters is empty, or holds NULL, a tensor twice, an operation's result, or one that requires
   no gradient; the loss function gives what tarn_backward() would not take, such as NULL); and with
   tarn_error() set when memory runs out, or the gradients or the product are not finite. */
bool tarn_hessian_product_with(tarn_hessian_product_args args);
#define tarn_hessian_product(loss_, params_, v_, ...)                                              \
    TARN_CALL(tarn_hessian_product_with, tarn_hessian_product_args, TARN_HESSIAN_PRODUCT_OPTIONS,  \
              .loss = (loss_), .params = (params_), .v = (v_), .out = __VA_ARGS__)

#ifdef TARN_DOUBLE
#define TARN_HESSIAN_TOLERANCE 1e-8
#else
#define TARN_HESSIAN_TOLERANCE 1e-3
#endif
#define TARN_HESSIAN_EIGENVALUES_OPTIONS(OPTION)                                                   \
    OPTION(void *, context, NULL)       /* passed on to the loss function */                       \
    OPTION(const double *, scale, NULL) /* d, of diag(d) H diag(d) instead; finite */              \
    OPTION(double *, vectors, NULL)     /* where k eigenvectors of length 1 go, in turn */         \
    OPTION(double, tolerance, TARN_HESSIAN_TOLERANCE) /* finite, above 0 */                        \
    OPTION(int, products, 100) /* at most so many for each eigenvalue; at least 1 */
typedef struct tarn_hessian_eigenvalues_args {
    tarn_loss_function *loss;
    tarn_params params;
    int k;
    double *values;
    TARN_OPTIONS(TARN_HESSIAN_EIGENVALUES_OPTIONS)
} tarn_hessian_eigenvalues_args;

/* The k eigenvalues of H that are largest in magnitude, largest first, with their signs; one that
   stands several times in the spectrum does so here. By the method of Lanczos (1950) with full
   reorthogonalization, for one after the other, until |H x - value x| is at most the tolerance
   times the first |value|; a value's own error is about the square of that, over the gap to its
   neighbours, beside that of the products. It keeps a vector of doubles as long as all parameters
   for each product, and takes 10 to 30 products for the first eigenvalue of a small network.

   With .scale, of the matrix that a preconditioner makes of H: Adam divides the gradient by
   sqrt(vhat) + eps, and d = 1 / sqrt(sqrt(vhat) + eps) gives the eigenvalues that it meets (those
   of diag(d)^2 H, whose eigenvectors are d times the ones here).

   Returns as tarn_hessian_product(), with NaN in values and vectors. A k below 1 or above the
   number of elements is a mistake too, with nothing written; and where the tolerance is not reached
   within so many products, false is returned with tarn_error() set. */
bool tarn_hessian_eigenvalues_with(tarn_hessian_eigenvalues_args args);
#define tarn_hessian_eigenvalues(loss_, params_, k_, ...)                                          \
    TARN_CALL(tarn_hessian_eigenvalues_with, tarn_hessian_eigenvalues_args,                        \
              TARN_HESSIAN_EIGENVALUES_OPTIONS, .loss = (loss_), .params = (params_),              \
              .k = TARN_WHOLE(k_), .values = __VA_ARGS__)

TARN_API_END

#endif
