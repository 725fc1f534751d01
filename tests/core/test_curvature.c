/* Products with the Hessian and its eigenvalues: against matrices, against PyTorch's second-order
   derivatives, and that all is as it was afterwards. */
#include <math.h>

#include "core/tensor_internal.h"
#include "tests/support/golden.h"
#include "tests/support/larger.h"
#include "tests/support/mistakes.h"

#include "tests/support/heap.h"

/* What the header promises, of the product's largest element, and of |near - far|. */
#ifdef TARN_DOUBLE
static const double exact = 1e-11, near_enough = 5e-7;
#else
static const double exact = 1e-4, near_enough = 2e-3;
#endif

/* The largest difference, over the largest element of what is right. */
static double error_of(const double *a, const double *right, int count)
{
    double difference = 0, size = 0;
    for (int i = 0; i < count; i++) {
        difference = larger(difference, fabs(a[i] - right[i]));
        size = larger(size, fabs(right[i]));
    }
    return difference / size;
}

/* ---- Quadratics: the loss w . (A w) / 2, with the Hessian A where A is symmetric */

typedef struct quadratic {
    tarn_tensor *a, *w, *factor; /* (n, n), (n, 1), and a factor of the loss or NULL */
} quadratic;

static tarn_tensor *quadratic_loss(void *context)
{
    const quadratic *q = context;
    tarn_tensor *loss = tarn_scale(tarn_sum(tarn_mul(q->w, tarn_matmul(q->a, q->w))), 0.5);
    return q->factor ? tarn_mul(loss, q->factor) : loss;
}

/* A = sum of values[i] x_i x_i^T, x_i being the columns of the orthogonal matrix
   sqrt(2 / (n + 1)) sin(pi i j / (n + 1)). */
static double sine(int n, int i, int j)
{
    return sqrt(2.0 / (n + 1)) * sin(3.14159265358979323846 * (i + 1) * (j + 1) / (n + 1));
}

static quadratic quadratic_of(int n, const double *values)
{
    quadratic q = {.a = tarn_zeros(tarn_shape(n, n)),
                   .w = tarn_requires_grad(tarn_randn(tarn_shape(n, 1)), true)};
    for (int i = 0; i < n * n; i++) {
        double sum = 0;
        for (int k = 0; k < n; k++)
            sum += values[k] * sine(n, k, i / n) * sine(n, k, i % n);
        tarn_values(q.a)[i] = (tarn_real)sum;
    }
    return q;
}

static void quadratic_free(quadratic *q)
{
    tarn_free(q->a);
    tarn_free(q->w);
    tarn_free(q->factor);
}

Test(curvature, is_exact_on_quadratics)
{
    enum { N = 8 };
    quadratic q = quadratic_of(N, (const double[N]){40, -3, 2, 1, 0.5, 0, 1e-3, 7});
    double v[N], out[N], right[N], spread;
    for (double size = 1e-200; size <= 1e200; size *= 1e40) {
        for (int i = 0; i < N; i++)
            v[i] = size * cos(i);
        for (int i = 0; i < N; i++) {
            right[i] = 0;
            for (int k = 0; k < N; k++)
                right[i] += (double)tarn_values(q.a)[i * N + k] * v[k];
        }
        cr_assert(tarn_hessian_product(quadratic_loss, tarn_params_of(q.w), v, out, .context = &q,
                                       .spread = &spread));
        cr_assert_leq(error_of(out, right, N), exact);
        cr_assert_leq(spread, exact);
        cr_assert(tarn_hessian_product(quadratic_loss, tarn_params_of(q.w), v, v, .context = &q));
        cr_assert_arr_eq(v, out, sizeof v); /* they may be the same array */
    }
    memset(v, 0, sizeof v);
    cr_assert(tarn_hessian_product(quadratic_loss, tarn_params_of(q.w), v, out, .context = &q,
                                   .spread = &spread));
    cr_assert_arr_eq(out, v, sizeof v);
    cr_assert_eq(spread, 0);
    quadratic_free(&q);
}

/* That x[k] are orthogonal, of length 1, and that A x[k] = values[k] x[k]. */
static void assert_eigenvectors(const quadratic *q, int n, int k, const double *values,
                                const double *x)
{
    const double tolerance = 2 * TARN_HESSIAN_TOLERANCE;
    for (int i = 0; i < k; i++) {
        double residual = 0;
        for (int row = 0; row < n; row++) {
            double sum = -values[i] * x[i * n + row];
            for (int column = 0; column < n; column++)
                sum += (double)tarn_values(q->a)[row * n + column] * x[i * n + column];
            residual += sum * sum;
        }
        cr_assert_leq(sqrt(residual), tolerance * fabs(values[0]));
        for (int j = 0; j <= i; j++) {
            double dot = 0;
            for (int e = 0; e < n; e++)
                dot += x[i * n + e] * x[j * n + e];
            cr_assert_float_eq(dot, i == j, 1e-12);
        }
    }
}

/* Also where they stand several times, are of both signs, or 0. */
static void assert_eigenvalues(int n, const double *of_matrix, int k, const double *right)
{
    quadratic q = quadratic_of(n, of_matrix);
    double values[30], vectors[30 * 30];
    cr_assert(tarn_hessian_eigenvalues(quadratic_loss, tarn_params_of(q.w), k, values,
                                       .context = &q, .vectors = vectors),
              "%s", tarn_error());
    for (int i = 0; i < k; i++)
        cr_assert_float_eq(values[i], right[i], TARN_HESSIAN_TOLERANCE * fabs(right[0]),
                           "eigenvalue %d is %.17g, expected %g", i, values[i], right[i]);
    assert_eigenvectors(&q, n, k, values, vectors);
    quadratic_free(&q);
}

Test(curvature, finds_the_eigenvalues_of_quadratics)
{
    const double mixed[] = {3, -9, 5, 0, 5, 1, 5, -2};
    assert_eigenvalues(8, mixed, 8, (const double[]){-9, 5, 5, 5, 3, -2, 1, 0});
    assert_eigenvalues(8, mixed, 1, (const double[]){-9});
    assert_eigenvalues(3, (const double[]){0, 0, 0}, 2, (const double[]){0, 0});
    assert_eigenvalues(2, (const double[]){7, 7}, 2, (const double[]){7, 7});
    assert_eigenvalues(1, (const double[]){-3}, 1, (const double[]){-3});
    double many[30];
    for (int i = 0; i < 30; i++)
        many[i] = 30 - i;
    assert_eigenvalues(30, many, 4, many);
}

/* ---- A network, tanh and cross-entropy, as PyTorch computes it in double:
       torch.autograd.functional.vhp(loss, w, v), and torch.linalg.eigvalsh() of
       torch.autograd.functional.hessian(loss, w)
   x[i] = sin(0.7 i), labels i mod 3, w[i] = 0.9 sin(1.3 i + 1), v[i] = cos(0.5 i) */

enum { ROWS = 6, IN = 3, HIDDEN = 4, OUT = 3, PARAMETERS = 31 };
static const double product_of_pytorch[PARAMETERS] = {
    -0.1439874708860795,  0.07545134308025396,   0.2897616698372181,  0.09449992049419159,
    -0.17298795157614275, 0.10627329354488714,   0.35716376892218005, 0.11190028501958951,
    -0.12062949562864092, 0.08711325348934205,   0.2565861666452055,  0.07667219701008948,
    0.09145109122683973,  0.24454818011499643,   -0.4568961463698949, 0.17226759070030895,
    0.14346580497358932,  -0.2657205914691661,   0.12225478649557688, -0.032484835030921796,
    -0.20831986891414636, 0.24080470394506823,   0.09131241683510492, 0.0276399823166303,
    -0.11895239915173522, -0.027087747332374512, 0.04812083775329771, -0.021033090420923207,
    0.13648560706915333,  -0.01847243385995047,  -0.11801317320920279};
static const double eigenvalues_of_pytorch[] = {1.0801645739009047, 0.8855348856961033,
                                                -0.7993674870989664, 0.7397296167881389};
/* Of diag(d) H diag(d), d[i] = 1 + cos(i) / 2 */
static const double scaled_eigenvalues_of_pytorch[] = {1.2287836530107559, 1.0346994285988644,
                                                       -0.9786020432178775};

typedef struct network {
    tarn_tensor *x, *parameters[4];
    double dropout;
} network;

static tarn_tensor *network_loss(void *context)
{
    static const int32_t labels[ROWS] = {0, 1, 2, 0, 1, 2};
    network *n = context;
    tarn_tensor **p = n->parameters;
    tarn_tensor *h = tarn_tanh(tarn_add(tarn_matmul(n->x, p[0]), p[1]));
    if (n->dropout > 0)
        h = tarn_dropout(h, n->dropout);
    return tarn_cross_entropy(tarn_add(tarn_matmul(h, p[2]), p[3]), tarn_labels(ROWS, labels));
}

static network network_new(void)
{
    network n = {.x = tarn_zeros(tarn_shape(ROWS, IN)),
                 .parameters = {tarn_zeros(tarn_shape(IN, HIDDEN)), tarn_zeros(tarn_shape(HIDDEN)),
                                tarn_zeros(tarn_shape(HIDDEN, OUT)), tarn_zeros(tarn_shape(OUT))}};
    for (int i = 0; i < ROWS * IN; i++)
        tarn_values(n.x)[i] = (tarn_real)sin(0.7 * i);
    for (int i = 0, at = 0; i < 4; i++) {
        tarn_requires_grad(n.parameters[i], true);
        for (int k = 0; k < tarn_size(n.parameters[i]); k++, at++)
            tarn_values(n.parameters[i])[k] = (tarn_real)(0.9 * sin(1.3 * at + 1));
    }
    return n;
}

static tarn_params params_of(network *n)
{
    return (tarn_params){.count = 4, .tensors = n->parameters};
}

static void network_free(network *n)
{
    tarn_free(n->x);
    for (int i = 0; i < 4; i++)
        tarn_free(n->parameters[i]);
}

Test(curvature, agrees_with_pytorch)
{
    network n = network_new();
    double v[PARAMETERS], out[PARAMETERS], spread;
    for (int i = 0; i < PARAMETERS; i++)
        v[i] = cos(0.5 * i);
    cr_assert(tarn_hessian_product(network_loss, params_of(&n), v, out, .context = &n,
                                   .spread = &spread));
    cr_assert_leq(error_of(out, product_of_pytorch, PARAMETERS), exact);
    cr_assert_leq(spread, near_enough);

    double values[4];
    cr_assert(tarn_hessian_eigenvalues(network_loss, params_of(&n), 4, values, .context = &n));
    cr_assert_leq(error_of(values, eigenvalues_of_pytorch, 4), exact);
    for (int i = 0; i < PARAMETERS; i++)
        v[i] = 1 + 0.5 * cos(i);
    cr_assert(tarn_hessian_eigenvalues(network_loss, params_of(&n), 3, values, .context = &n,
                                       .scale = v));
    cr_assert_leq(error_of(values, scaled_eigenvalues_of_pytorch, 3), exact);
    network_free(&n);
}

/* What draws random numbers draws the same in each evaluation: u . H v = v . H u. */
Test(curvature, drops_the_same_units_each_time)
{
    network n = network_new();
    n.dropout = 0.5;
    double u[PARAMETERS], v[PARAMETERS], hu[PARAMETERS], hv[PARAMETERS], forth = 0, back = 0;
    for (int i = 0; i < PARAMETERS; i++) {
        u[i] = sin(i);
        v[i] = cos(2 * i);
    }
    const uint64_t state = tarn_random_state();
    cr_assert(tarn_hessian_product(network_loss, params_of(&n), u, hu, .context = &n));
    cr_assert(tarn_hessian_product(network_loss, params_of(&n), v, hv, .context = &n));
    cr_assert_eq(tarn_random_state(), state);
    for (int i = 0; i < PARAMETERS; i++) {
        forth += v[i] * hu[i];
        back += u[i] * hv[i];
    }
    cr_assert_gt(fabs(forth), 1e-3);
    cr_assert_leq(fabs(forth - back), exact);
    network_free(&n);
}

/* ---- All is as it was */

Test(curvature, leaves_values_and_gradients)
{
    quadratic q = quadratic_of(4, (const double[]){4, 3, 2, 1});
    tarn_tensor *other = q.factor = tarn_requires_grad(tarn_full(tarn_shape(), 2), true);
    tarn_tensor *before = tarn_clone(q.w);
    const double v[] = {1, 2, 3, 4};
    double out[4], values[1];
    tarn_tape *tape = tarn_tape_begin();
    for (int round = 0; round < 4; round++) {
        /* None at first, then some, then zero by decree; then a factor from an outer tape. */
        if (round == 1) {
            tarn_op_gradient(q.w)[2] = 3;
            *tarn_op_gradient(other) = 5;
        } else if (round == 2) {
            tarn_zero_grad(q.w);
            tarn_zero_grad(other);
        } else if (round == 3) {
            q.factor = tarn_scale(other, 3);
        }
        const bool none = round == 0, some = round == 1;
        cr_assert(tarn_hessian_product(quadratic_loss, tarn_params_of(q.w), v, out, .context = &q));
        cr_assert(tarn_hessian_eigenvalues(quadratic_loss, tarn_params_of(q.w), 1, values,
                                           .context = &q));
        cr_assert_float_eq(values[0], round == 3 ? 24 : 8, 1e-2);
        cr_assert_arr_eq(tarn_values(q.w), tarn_values(before), 4 * sizeof(tarn_real));
        cr_assert(none ? !tarn_gradients(q.w) : tarn_gradients(q.w)[2] == (some ? 3 : 0));
        cr_assert(none ? !tarn_gradients(other) : *tarn_gradients(other) == (some ? 5 : 0));
    }
    cr_assert_null(q.factor->gradients);
    tarn_tape_end(tape);
    q.factor = other;
    tarn_free(before);
    quadratic_free(&q);
}

typedef struct normalized {
    tarn_tensor *x, *gamma, *beta, *mean, *variance;
} normalized;

static tarn_tensor *normalized_loss(void *context)
{
    const normalized *n = context;
    return tarn_sum(tarn_tanh(
        tarn_batch_norm2d(n->x, n->gamma, n->beta, n->mean, n->variance, .training = true)));
}

/* The statistics of the batch are in the curvature, and the running ones stay. */
Test(curvature, leaves_running_statistics)
{
    normalized n = {tarn_randn(tarn_shape(5, 2)),
                    tarn_requires_grad(tarn_full(tarn_shape(2), 1), true),
                    tarn_requires_grad(tarn_zeros(tarn_shape(2)), true), tarn_zeros(tarn_shape(2)),
                    tarn_full(tarn_shape(2), 1)};
    const double v[] = {1, -1, 0.5, 2};
    double out[4];
    cr_assert(tarn_hessian_product(normalized_loss, tarn_params_of(n.gamma, n.beta), v, out,
                                   .context = &n));
    for (int i = 0; i < 2; i++)
        cr_assert(tarn_values(n.mean)[i] == 0 && tarn_values(n.variance)[i] == 1);
    tarn_tape *tape = tarn_tape_begin();
    normalized_loss(&n);
    tarn_tape_end(tape);
    cr_assert(tarn_values(n.mean)[0] != 0 && tarn_values(n.variance)[0] != 1);
    tarn_free(n.x), tarn_free(n.gamma), tarn_free(n.beta), tarn_free(n.mean), tarn_free(n.variance);
}

/* ---- Odd losses of one number */

typedef tarn_tensor *unary(tarn_tensor *x);

typedef struct odd {
    unary *function;
    tarn_tensor *w, *outside;
} odd;

static tarn_tensor *odd_loss(void *context)
{
    const odd *o = context;
    return o->outside ? o->outside : o->function(o->w);
}

static tarn_tensor *none(tarn_tensor *x)
{
    (void)x;
    return NULL;
}

static tarn_tensor *twice(tarn_tensor *x)
{
    return tarn_concat(0, x, x);
}

static tarn_tensor *steep(tarn_tensor *x)
{
    return tarn_exp(tarn_scale(x, 300));
}

static bool second_derivative(unary *function, double at, double *out, double *spread)
{
    odd o = {function, tarn_requires_grad(tarn_full(tarn_shape(1), at), true), NULL};
    const double v[] = {1};
    *out = 0;
    const bool done = tarn_hessian_product(odd_loss, tarn_params_of(o.w), v, out, .context = &o,
                                           .spread = spread);
    cr_assert(tarn_values(o.w)[0] == (tarn_real)at || isnan(at));
    tarn_free(o.w);
    return done;
}

static void assert_second_derivative(unary *function, double at, double right)
{
    double out, spread;
    cr_assert(second_derivative(function, at, &out, &spread), "%s", tarn_error());
    cr_assert_float_eq(out, right, 10 * exact * fabs(right), "%.17g, expected %.17g", out, right);
}

/* The step fits itself to the loss: near the end of its domain, where it is steep, and where the
   first step is far beyond what an element can be. */
Test(curvature, fits_the_step_to_the_loss)
{
    assert_second_derivative(tarn_exp, 0.5, exp(0.5));
    assert_second_derivative(tarn_sqrt, 1e-3, -0.25 * pow(1e-3, -1.5));
    assert_second_derivative(steep, 0, 9e4);
    assert_second_derivative(tarn_log, 1e6, -1e-12);
}

/* A jump of the gradient beside it is told by the spread. */
Test(curvature, tells_of_kinks)
{
    double out, spread;
    cr_assert(second_derivative(tarn_relu, 1e-7, &out, &spread));
    cr_assert_gt(spread, 0.01);
    cr_assert(second_derivative(tarn_relu, 1, &out, &spread)); /* far from it */
    cr_assert(out == 0 && spread == 0);
}

Test(curvature, refuses_what_is_not_finite)
{
    double out, spread;
    cr_assert_not(second_derivative(tarn_sqrt, -1, &out, &spread));
    cr_assert(isnan(out) && isnan(spread));
    cr_assert(strstr(tarn_error(), "hessian_product: the gradients are not finite"), "%s",
              tarn_error());
    cr_assert_not(second_derivative(tarn_exp, NAN, &out, &spread));
    cr_assert_not(second_derivative(tarn_exp, INFINITY, &out, &spread));
    quadratic q = quadratic_of(2, (const double[]){1e6, 1});
    const double v[] = {1e308, 1e308};
    double product[2];
    cr_assert_not(
        tarn_hessian_product(quadratic_loss, tarn_params_of(q.w), v, product, .context = &q));
    cr_assert(isnan(product[0]) && isnan(product[1]));
    quadratic_free(&q);
}

Test(curvature, says_where_lanczos_does_not_get)
{
    double many[30], values[2] = {0};
    for (int i = 0; i < 30; i++)
        many[i] = 30 - i;
    quadratic q = quadratic_of(30, many);
    cr_assert_not(tarn_hessian_eigenvalues(quadratic_loss, tarn_params_of(q.w), 2, values,
                                           .context = &q, .products = 3));
    cr_assert(strstr(tarn_error(), "hessian_eigenvalues: eigenvalue 1 is about 2") &&
                  strstr(tarn_error(), "after 3 products"),
              "%s", tarn_error());
    cr_assert(isnan(values[0]) && isnan(values[1]));
    quadratic_free(&q);
}

/* ---- Mistakes */

#define PRODUCT(params)                                                                            \
    tarn_hessian_product(odd_loss, params, v, out, .context = &o, .spread = &spread)

Test(curvature, refuses_mistakes)
{
    odd o = {tarn_square, tarn_requires_grad(tarn_full(tarn_shape(1), 1), true), NULL};
    tarn_tensor *constant = tarn_zeros(tarn_shape(2));
    const tarn_params w = tarn_params_of(o.w), nothing = {0}, failed = {.count = -1};
    double v[3] = {1, 1, 1}, out[3], spread;
    o.function = none;
    assert_mistake(PRODUCT(w), "backward: the loss is NULL");
    o.function = tarn_square;
    assert_mistake(tarn_hessian_product(NULL, w, v, out), "hessian_product: the loss function");
    assert_mistake(tarn_hessian_product(odd_loss, nothing, v, out), "parameters is empty");
    assert_mistake(tarn_hessian_product(odd_loss, w, NULL, out), "v is NULL");
    assert_mistake(tarn_hessian_product(odd_loss, w, v, NULL), "out is NULL");
    assert_mistake(PRODUCT(tarn_params_of(o.w, NULL)), "parameter 1 is NULL");
    assert_mistake(PRODUCT(tarn_params_of(o.w, o.w)), "the same tensor as parameter 0");
    assert_mistake(PRODUCT(tarn_params_of(o.w, constant)),
                   "parameter 1, of shape (2), requires no");
    cr_assert_not(PRODUCT(failed)); /* no report */
    v[0] = NAN;
    assert_mistake(PRODUCT(w), "element 0 of v is nan");
    cr_assert(isnan(out[0]) && isnan(spread));
    v[0] = 1;
    tarn_tape *tape = tarn_tape_begin();
    assert_mistake(PRODUCT(tarn_params_of(tarn_square(o.w))), "the result of an operation");
    o.outside = tarn_square(o.w);
    assert_mistake(PRODUCT(w), "the loss was computed on another tape");
    cr_assert(tarn_backward(o.outside)); /* which is still as it was */
    tarn_tape_end(tape);
    o.outside = NULL;
    o.function = twice;
    assert_mistake(PRODUCT(w), "the loss has shape (2), expects one element");
    cr_assert(tarn_values(o.w)[0] == 1 && tarn_gradients(o.w)[0] == 2);
    tarn_free(constant);
    tarn_free(o.w);
}

#define EIGENVALUES(k, ...) tarn_hessian_eigenvalues(odd_loss, w, k, __VA_ARGS__, .context = &o)

Test(curvature, refuses_mistakes_in_eigenvalues)
{
    odd o = {tarn_square, tarn_requires_grad(tarn_full(tarn_shape(1), 1), true), NULL};
    const tarn_params w = tarn_params_of(o.w);
    double values[2] = {1, 1};
    const double infinite = INFINITY;
    assert_mistake(tarn_hessian_eigenvalues(NULL, w, 1, values), "hessian_eigenvalues: the loss");
    assert_mistake(EIGENVALUES(0, values), "k is 0, expects 1 to 1");
    assert_mistake(EIGENVALUES(2, values), "k is 2, expects 1 to 1");
    cr_assert_eq(values[0], 1);
    assert_mistake(EIGENVALUES(1, NULL), "values is NULL");
    assert_mistake(EIGENVALUES(1, values, .tolerance = NAN), "tolerance nan");
    assert_mistake(EIGENVALUES(1, values, .products = 0), "products 0, expects");
    assert_mistake(EIGENVALUES(1, values, .scale = &infinite), "element 0 of scale is inf");
    cr_assert(isnan(values[0]));
    tarn_free(o.w);
}

/* ---- Memory */

#ifdef TARN_TESTS_HEAP_IS_WATCHED

/* Fails each allocation in turn; where one of the loss's own fails its NULL is a mistake. Returns
   how many there are. */
static int fail_each(network *n, bool eigenvalues)
{
    double v[PARAMETERS], out[PARAMETERS];
    tarn_tensor *before = tarn_clone(n->parameters[0]);
    for (int i = 0; i < PARAMETERS; i++)
        v[i] = cos(i);
    for (int count = 0;; count++) {
        heap_calls_left = count;
        const bool done =
            eigenvalues ? tarn_hessian_eigenvalues(network_loss, params_of(n), 2, out, .context = n)
                        : tarn_hessian_product(network_loss, params_of(n), v, out, .context = n);
        heap_calls_left = -1;
        cr_assert_arr_eq(tarn_values(n->parameters[0]), tarn_values(before),
                         IN * HIDDEN * sizeof(tarn_real));
        cr_assert_null(tarn_gradients(n->parameters[0]));
        if (done) {
            tarn_free(before);
            return count;
        }
        cr_assert(isnan(out[0]) && isnan(out[1]));
        cr_assert(strstr(tarn_error(), "out of memory"), "%s", tarn_error());
    }
}

Test(curvature, passes_on_that_memory_runs_out)
{
    network n = network_new();
    double v[PARAMETERS] = {1}, out[PARAMETERS];
    cr_assert(tarn_hessian_product(network_loss, params_of(&n), v, out, .context = &n));
    record_mistakes();
    cr_assert_geq(fail_each(&n, false), 10); /* two arrays, and the list and gradients of four */
    cr_assert_geq(fail_each(&n, true), 20);
    network_free(&n);
}

/* A step after a backward that ran out of memory is refused, whatever was looked at meanwhile; one
   after products that did is not. */
Test(curvature, leaves_what_the_step_knows_of_memory)
{
    network n = network_new();
    tarn_optim *optimizer = tarn_optim_sgd(params_of(&n), .lr = 0.1);
    double v[PARAMETERS] = {1}, out[PARAMETERS];
    tarn_tape *tape = tarn_tape_begin();
    tarn_tensor *loss = network_loss(&n);
    heap_calls_left = 0;
    const bool done = tarn_backward(loss);
    heap_calls_left = -1;
    tarn_tape_end(tape);
    cr_assert_not(done);
    cr_assert(tarn_hessian_product(network_loss, params_of(&n), v, out, .context = &n));
    record_mistakes();
    tarn_optim_step(optimizer);
    cr_assert_eq(mistakes(), 1);
    tarn_optim_free(optimizer);
    network_free(&n);
}

#endif
