/*
 * The method of Lanczos (1950). From a random q_1 of length 1,
 *
 *     y = A q_m;  alpha_m = q_m . y;  y less its parts along q_1 .. q_m;  beta_m = |y|;
 *     q_(m+1) = y / beta_m
 *
 * makes vectors in which A is tridiagonal, with alpha on the diagonal and beta beside it. The
 * largest eigenvalue of that small matrix T soon is one of A: with T s = value s and x the sum of
 * s_i q_i, |A x - value x| = beta_m |s_m|. In exact arithmetic only the parts along the last two q
 * are there to be taken out; with rounding all must be, or copies of eigenvalues appear.
 */
#include "core/inspect/lanczos.h"

#include <math.h>
#include <stdlib.h>

#include "core/base/error.h"
#include "core/base/random_internal.h"

/* Of n steps at most; T and its eigenvectors are (n, n). */
typedef struct krylov {
    double **q;
    double *alpha, *beta, *t, *s;
} krylov;

static double dot(const double *a, const double *b, int64_t size)
{
    double sum = 0;
    for (int64_t i = 0; i < size; i++)
        sum += a[i] * b[i];
    return sum;
}

static void add(double *a, double factor, const double *b, int64_t size)
{
    for (int64_t i = 0; i < size; i++)
        a[i] += factor * b[i];
}

static void scale(double *a, double factor, int64_t size)
{
    for (int64_t i = 0; i < size; i++)
        a[i] *= factor;
}

/* Takes out of y its parts along what was found before and along count of q. Twice, since the first
   time leaves rounding of what it takes away. */
static void orthogonalize(const tarn__lanczos *l, const double *vectors, double **q, int count,
                          double *y)
{
    for (int time = 0; time < 2; time++) {
        for (int i = 0; i < l->found; i++)
            add(y, -dot(vectors + i * l->size, y, l->size), vectors + i * l->size, l->size);
        for (int i = 0; i < count; i++)
            add(y, -dot(q[i], y, l->size), q[i], l->size);
    }
}

/* ---- Eigenvalues of T, by the rotations of Jacobi (1846) */

/* Makes element (i, j) of a symmetric matrix zero; s gathers the rotations. */
static void rotate(int n, double *a, double *s, int i, int j)
{
    const double half = (a[j * n + j] - a[i * n + i]) / (2 * a[i * n + j]);
    const double tangent = copysign(1, half) / (fabs(half) + hypot(half, 1));
    const double c = 1 / hypot(tangent, 1), d = tangent * c;
    for (int k = 0; k < n; k++) {
        const double x = a[k * n + i], y = a[k * n + j];
        a[k * n + i] = c * x - d * y;
        a[k * n + j] = d * x + c * y;
    }
    for (int k = 0; k < n; k++) {
        const double x = a[i * n + k], y = a[j * n + k], u = s[k * n + i], v = s[k * n + j];
        a[i * n + k] = c * x - d * y;
        a[j * n + k] = d * x + c * y;
        s[k * n + i] = c * u - d * v;
        s[k * n + j] = d * u + c * v;
    }
}

/* Makes the matrix diagonal; the columns of s are its eigenvectors. */
static void diagonalize(int n, double *a, double *s)
{
    enum { SWEEPS = 40 }; /* 6 to 10 are enough */
    bool rotated = true;
    for (int i = 0; i < n * n; i++)
        s[i] = i % (n + 1) == 0;
    for (int sweep = 0; rotated && sweep < SWEEPS; sweep++) {
        rotated = false;
        for (int i = 0; i < n; i++)
            for (int j = i + 1; j < n; j++)
                if (fabs(a[i * n + j]) > 1e-17 * (fabs(a[i * n + i]) + fabs(a[j * n + j]))) {
                    rotate(n, a, s, i, j);
                    rotated = true;
                }
    }
}

/* The largest eigenvalue of the first n rows and columns of T, and which column of k->s belongs to
   it. */
static double largest_of(const krylov *k, int n, int *column)
{
    for (int i = 0; i < n * n; i++)
        k->t[i] = 0;
    for (int i = 0; i < n; i++)
        k->t[i * n + i] = k->alpha[i];
    for (int i = 0; i + 1 < n; i++)
        k->t[i * n + i + 1] = k->t[(i + 1) * n + i] = k->beta[i];
    diagonalize(n, k->t, k->s);
    *column = 0;
    for (int i = 1; i < n; i++)
        if (fabs(k->t[i * n + i]) > fabs(k->t[*column * n + *column]))
            *column = i;
    return k->t[*column * n + *column];
}

/* ---- The steps */

/* Random, the same for every program, and at right angles to what was found before. */
static void begin(const tarn__lanczos *l, const double *vectors, double *q)
{
    const uint64_t state = tarn__random_from_seed((uint64_t)l->found);
    for (int64_t i = 0; i < l->size; i++)
        q[i] = tarn__random_normal(state, i);
    orthogonalize(l, vectors, NULL, 0, q);
    scale(q, 1 / sqrt(dot(q, q, l->size)), l->size);
}

/* Writes x, of length 1, from a column of k->s. */
static void gather(const tarn__lanczos *l, const krylov *k, int n, int column, double *x)
{
    for (int64_t i = 0; i < l->size; i++)
        x[i] = 0;
    for (int i = 0; i < n; i++)
        add(x, k->s[i * n + column], k->q[i], l->size);
    scale(x, 1 / sqrt(dot(x, x, l->size)), l->size);
}

static bool run(const char *who, const tarn__lanczos *l, krylov *k, int most, double *vectors,
                double *value)
{
    double residual = INFINITY;
    for (int m = 0; m < most; m++) {
        double *y = k->q[m + 1] = malloc((size_t)l->size * sizeof *y);
        if (!y)
            return tarn_set_error("%s: out of memory for vector %d of %lld elements", who, m + 2,
                                  (long long)l->size);
        if (!l->multiply(k->q[m], y, l->context))
            return false;
        k->alpha[m] = dot(k->q[m], y, l->size);
        orthogonalize(l, vectors, k->q, m + 1, y);
        k->beta[m] = sqrt(dot(y, y, l->size));

        const int n = m + 1;
        if (n % (1 + n / 8) != 0 && n < most) {
            scale(y, 1 / k->beta[m], l->size); /* no need to look at T each time */
            continue;
        }
        int column;
        *value = largest_of(k, n, &column);
        residual = k->beta[m] * fabs(k->s[m * n + column]);
        /* Nothing is left to look at where the vectors span all there is. */
        if (residual <= l->tolerance * fmax(l->largest, fabs(*value)) || n + l->found == l->size) {
            gather(l, k, n, column, vectors + l->found * l->size);
            return true;
        }
        scale(y, 1 / k->beta[m], l->size);
    }
    return tarn_set_error("%s: eigenvalue %d is about %g, but for %g after %d products; more of "
                          "them, or a larger tolerance, may help",
                          who, l->found + 1, *value, residual, most);
}

bool tarn__lanczos_next(const char *who, const tarn__lanczos *l, double *vectors, double *value)
{
    const int64_t rest = l->size - l->found;
    const int most = l->products < rest ? l->products : (int)rest;
    const size_t n = (size_t)most;
    krylov k = {.q = calloc(n + 1, sizeof *k.q),
                .alpha = calloc(n, sizeof *k.alpha),
                .beta = calloc(n, sizeof *k.beta),
                .t = calloc(n * n, sizeof *k.t),
                .s = calloc(n * n, sizeof *k.s)};
    bool done = k.q && k.alpha && k.beta && k.t && k.s;
    if (done)
        done = (k.q[0] = malloc((size_t)l->size * sizeof(double))) != NULL;
    if (done) {
        begin(l, vectors, k.q[0]);
        done = run(who, l, &k, most, vectors, value);
    } else {
        tarn_set_error("%s: out of memory for %d products of %lld elements", who, most,
                       (long long)l->size);
    }
    for (int i = 0; k.q && i <= most; i++)
        free(k.q[i]);
    free(k.q);
    free(k.alpha);
    free(k.beta);
    free(k.t);
    free(k.s);
    return done;
}
