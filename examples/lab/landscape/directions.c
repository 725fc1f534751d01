#include "examples/lab/landscape/directions.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

void filter_normalize(double *direction, const tarn_tensor *weights)
{
    const tarn_real *w = tarn_values(weights);
    const int64_t size = tarn_size(weights);
    const int64_t outputs = tarn_ndim(weights) < 2 ? 0 : tarn_dim(weights, -1);
    if (outputs == 0)
        memset(direction, 0, (size_t)size * sizeof *direction);
    for (int64_t o = 0; o < outputs; o++) {
        double of_weights = 0, of_direction = 0;
        for (int64_t i = o; i < size; i += outputs) {
            of_weights += (double)w[i] * (double)w[i];
            of_direction += direction[i] * direction[i];
        }
        const double factor = of_direction > 0 ? sqrt(of_weights / of_direction) : 0;
        for (int64_t i = o; i < size; i += outputs)
            direction[i] *= factor;
    }
}

/* ---- Principal component analysis */

static double dot(const double *a, const double *b, int64_t size)
{
    double sum = 0;
    for (int64_t i = 0; i < size; i++)
        sum += a[i] * b[i];
    return sum;
}

/* y += factor x */
static void add_scaled(double *y, double factor, const double *x, int64_t size)
{
    for (int64_t i = 0; i < size; i++)
        y[i] += factor * x[i];
}

/* (a, b) becomes (c a - s b, s a + c b); the elements of each lie stride apart. */
static void rotate(double *a, double *b, int n, int stride, double c, double s)
{
    for (int i = 0; i < n * stride; i += stride) {
        const double old = a[i];
        a[i] = c * old - s * b[i];
        b[i] = s * old + c * b[i];
    }
}

/* Jacobi's method: turns the symmetric matrix a (n, n) in one plane of two coordinates after the
   other such that their element off the diagonal vanishes, until all do. The diagonal then holds
   the eigenvalues, and the rows of v the eigenvectors. */
static void diagonalize(double *a, double *v, int n)
{
    enum { SWEEPS = 60 }; /* about ten are enough */
    double greatest = 0;
    for (int i = 0; i < n * n; i++)
        greatest = fmax(greatest, fabs(a[i]));
    memset(v, 0, sizeof(double) * (size_t)n * (size_t)n);
    for (int i = 0; i < n; i++)
        v[i * n + i] = 1;
    for (int sweep = 0; sweep < SWEEPS; sweep++) {
        bool diagonal = true;
        for (int p = 0; p < n; p++)
            for (int q = p + 1; q < n; q++) {
                const double apq = a[p * n + q], app = a[p * n + p], aqq = a[q * n + q];
                if (fabs(apq) <= 1e-17 * greatest)
                    continue;
                diagonal = false;
                const double cot = (aqq - app) / (2 * apq); /* of twice the angle */
                const double t = copysign(1 / (fabs(cot) + sqrt(cot * cot + 1)), cot);
                const double c = 1 / sqrt(t * t + 1), s = t * c;
                rotate(a + p, a + q, n, n, c, s);
                rotate(a + p * n, a + q * n, n, 1, c, s);
                rotate(v + p * n, v + q * n, n, 1, c, s);
            }
        if (diagonal)
            return;
    }
}

/* The points less their mean. NULL without memory. */
static double *centre(const tarn_real *points, int count, int64_t size)
{
    double *centred = malloc(sizeof(double) * (size_t)count * (size_t)size);
    for (int64_t j = 0; centred && j < size; j++) {
        double sum = 0;
        for (int i = 0; i < count; i++)
            sum += (double)points[i * size + j];
        for (int i = 0; i < count; i++)
            centred[i * size + j] = (double)points[i * size + j] - sum / count;
    }
    return centred;
}

static int largest(const double *gram, int count, int but)
{
    int best = but == 0 ? 1 : 0;
    for (int i = 0; i < count; i++)
        if (i != but && gram[i * count + i] > gram[best * count + best])
            best = i;
    return best;
}

/* Where x is least in size. */
static int64_t least(const double *x, int64_t size)
{
    int64_t best = 0;
    for (int64_t i = 1; i < size; i++)
        if (fabs(x[i]) < fabs(x[best]))
            best = i;
    return best;
}

/* With the points as rows of C, C^T C has size^2 elements, but its eigenvectors are C^T u for those
   of C C^T, u, which has only count^2; the eigenvalues are the same. */
static void find_axes(main_plane *plane, const double *centred, double *gram, double *vectors,
                      int count, int64_t size)
{
    double trace = 0, greatest = 0;
    for (int i = 0; i < count; i++) {
        for (int j = 0; j <= i; j++)
            gram[i * count + j] = gram[j * count + i] =
                dot(centred + i * size, centred + j * size, size);
        trace += gram[i * count + i];
    }
    diagonalize(gram, vectors, count);
    int taken = -1;
    for (int k = 0; k < 2; k++) {
        double *axis = plane->axis[k];
        const int from = k < count ? largest(gram, count, taken) : -1;
        const double value = k < count ? gram[from * count + from] : 0;
        /* What is below the rounding of the matrix says nothing. */
        if (value > 1e-12 * greatest) {
            for (int i = 0; i < count; i++)
                add_scaled(axis, vectors[from * count + i], centred + i * size, size);
            plane->share[k] = value / trace;
        } else {
            axis[least(plane->axis[0], size)] = 1;
        }
        if (k == 1)
            add_scaled(axis, -dot(axis, plane->axis[0], size), plane->axis[0], size);
        const double norm = sqrt(dot(axis, axis, size));
        for (int64_t i = 0; i < size; i++)
            axis[i] /= norm;
        greatest = value;
        taken = from;
    }
}

bool main_plane_of(main_plane *plane, const tarn_real *points, int count, int64_t size)
{
    const size_t n = (size_t)count;
    double *centred = centre(points, count, size);
    double *gram = malloc(sizeof(double) * n * n), *vectors = malloc(sizeof(double) * n * n);
    *plane = (main_plane){
        {calloc((size_t)size, sizeof(double)), calloc((size_t)size, sizeof(double))}, {0}};
    const bool complete = centred && gram && vectors && plane->axis[0] && plane->axis[1];
    if (complete) {
        double first[2];
        find_axes(plane, centred, gram, vectors, count, size);
        project(plane, points + (count - 1) * size, points, size, first);
        for (int k = 0; k < 2; k++)
            if (k == 0 ? first[k] > 0 : first[k] < 0)
                for (int64_t i = 0; i < size; i++)
                    plane->axis[k][i] *= -1;
    } else {
        main_plane_free(plane);
    }
    free(vectors);
    free(gram);
    free(centred);
    return complete;
}

void main_plane_free(main_plane *plane)
{
    for (int k = 0; k < 2; k++) {
        free(plane->axis[k]);
        plane->axis[k] = NULL;
    }
}

void project(const main_plane *plane, const tarn_real *origin, const tarn_real *point, int64_t size,
             double at[2])
{
    for (int k = 0; k < 2; k++) {
        at[k] = 0;
        for (int64_t i = 0; i < size; i++)
            at[k] += ((double)point[i] - (double)origin[i]) * plane->axis[k][i];
    }
}
