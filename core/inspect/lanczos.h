/* The eigenvalue of largest magnitude of a symmetric matrix that can only be multiplied by. */
#ifndef TARN_CORE_INSPECT_LANCZOS_H
#define TARN_CORE_INSPECT_LANCZOS_H

#include <stdbool.h>
#include <stdint.h>

/* Writes A x to y, both of the matrix's size; false if it cannot, after saying why. */
typedef bool tarn__matrix(const double *x, double *y, void *context);

typedef struct tarn__lanczos {
    tarn__matrix *multiply;
    void *context;
    int64_t size;
    int products;     /* at most so many; at least 1 */
    double tolerance; /* |A x - value x| is to be at most this times the largest |eigenvalue| */
    int found;        /* eigenvectors found before, to which the next is orthogonal; below size */
    double largest;   /* the largest |eigenvalue| of these; 0 if there is none */
} tarn__lanczos;

/* Finds the next eigenvalue, and its vector, of length 1, which it writes behind those found before
   in vectors. False if multiply() failed, and with tarn_error() set, beginning with who, when
   memory runs out or the tolerance is not reached. */
bool tarn__lanczos_next(const char *who, const tarn__lanczos *l, double *vectors, double *value);

#endif
