/*
 * L-BFGS (Nocedal 1980; Liu, Nocedal 1989): Newton's direction, by what the last steps have told of
 * the curvature.
 *
 *     s_k = w_(k+1) - w_k,  y_k = g_(k+1) - g_k,  rho_k = 1 / (y_k . s_k)      of the last
 * `history` q = -g;  from the newest on:  a_k = rho_k s_k . q,  q -= a_k y_k d = (s . y) / (y . y)
 * of the newest times q from the oldest on:  d += s_k (a_k - rho_k y_k . d) w += t d
 *
 * t satisfies the strong Wolfe conditions (wolfe.c); the first guess is lr, in the very first step
 * min(1, 1 / sum of |g|) lr. A pair with y . s of at most 1e-10 is not taken in. All of it, the
 * tests of when to end and the defaults are PyTorch's, whose line search has to be asked for. Sums
 * are in double, vectors in the type of the weights.
 */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/error.h"
#include "core/base/memory.h"
#include "core/tape.h"
#include "core/tensor_internal.h"
#include "optim/clip_internal.h"
#include "optim/extras.h"
#include "optim/extras/wolfe.h"
#include "optim/params_internal.h"

enum { VECTORS = 7 }; /* beside the history: x, g, d, before, and three for the search */

struct tarn_lbfgs {
    tarn_lbfgs_args options;
    int count;
    tarn_tensor **tensors; /* a copy of the list */
    int64_t size;          /* of all tensors together */
    tarn_real *x, *g, *d, *before, *room[3];
    tarn_real *s, *y;   /* the history: `history` vectors each, a ring */
    double *rho, *a;    /* a number for each */
    int used, newest;   /* of the ring */
    double scale, t;    /* (s . y) / (y . y); the last length */
    int64_t iterations; /* so far */
    tarn_lbfgs_closure *closure;
    void *context;
};

/* ---- Vectors */

static double dot(const tarn_lbfgs *self, const tarn_real *a, const tarn_real *b)
{
    return tarn__sum_of_products(a, b, self->size);
}

/* to += factor from */
static void add(const tarn_lbfgs *self, tarn_real *to, double factor, const tarn_real *from)
{
    for (int64_t i = 0; i < self->size; i++)
        to[i] = (tarn_real)((double)to[i] + factor * (double)from[i]);
}

static double largest(const tarn_lbfgs *self, const tarn_real *v)
{
    double most = 0;
    for (int64_t i = 0; i < self->size; i++)
        most = fabs((double)v[i]) > most ? fabs((double)v[i]) : most;
    return most;
}

/* ---- Weights and gradients, one behind the other */

static void get_weights(const tarn_lbfgs *self, tarn_real *to)
{
    for (int p = 0; p < self->count; to += tarn_size(self->tensors[p]), p++)
        memcpy(to, tarn_values(self->tensors[p]), (size_t)tarn_size(self->tensors[p]) * sizeof *to);
}

/* The weights become x + t d. */
static void set_weights(const tarn_lbfgs *self, double t)
{
    int64_t at = 0;
    for (int p = 0; p < self->count; p++) {
        tarn_real *w = tarn_values(self->tensors[p]);
        for (int64_t i = 0; i < tarn_size(self->tensors[p]); i++, at++)
            w[i] = (tarn_real)((double)self->x[at] + t * (double)self->d[at]);
    }
}

/* The loss, and its gradient in g; 0 where a parameter has none, or is frozen. */
static double evaluate(tarn_lbfgs *self, tarn_real *g)
{
    for (int p = 0; p < self->count; p++)
        tarn_zero_grad(self->tensors[p]);
    tarn_tape *tape = tarn_tape_begin();
    tarn_tensor *result = tape ? self->closure(self->context) : NULL;
    const double loss = result ? (double)tarn_item(result) : NAN;
    if (result)
        tarn_backward(result);
    tarn_tape_end(tape);
    for (int p = 0; p < self->count; p++) {
        tarn_tensor *t = self->tensors[p];
        const tarn_real *from = t->requires_grad ? tarn_gradients(t) : NULL;
        const size_t bytes = (size_t)tarn_size(t) * sizeof *g;
        if (from)
            memcpy(g, from, bytes);
        else
            memset(g, 0, bytes);
        g += tarn_size(t);
    }
    return loss;
}

static void look(void *context, tarn__place_on_line *p)
{
    tarn_lbfgs *self = context;
    set_weights(self, p->t);
    p->f = evaluate(self, p->g);
    p->slope = dot(self, p->g, self->d);
    if (!isfinite(p->f) || !isfinite(p->slope)) {
        p->f = INFINITY;
        p->slope = 0;
    }
}

/* ---- The direction */

static tarn_real *of_ring(const tarn_lbfgs *self, tarn_real *ring, int k)
{
    return ring + (int64_t)k * self->size;
}

/* Takes the last step and its change of the gradient in. */
static void learn(tarn_lbfgs *self)
{
    const int next = (self->newest + 1) % self->options.history;
    tarn_real *s = of_ring(self, self->s, next), *y = of_ring(self, self->y, next);
    double product = 0, squares = 0;
    for (int64_t i = 0; i < self->size; i++) { /* the oldest may be needed still */
        const double change = (double)self->g[i] - (double)self->before[i];
        product += change * self->t * (double)self->d[i];
        squares += change * change;
    }
    if (!(product > 1e-10))
        return;
    for (int64_t i = 0; i < self->size; i++) {
        y[i] = self->g[i] - self->before[i];
        s[i] = (tarn_real)(self->t * (double)self->d[i]);
    }
    self->rho[next] = 1 / product;
    self->scale = product / squares;
    self->newest = next;
    self->used += self->used < self->options.history;
}

static void find_direction(tarn_lbfgs *self)
{
    const int history = self->options.history, oldest = self->newest - self->used + 1 + history;
    tarn_real *d = self->d;
    for (int64_t i = 0; i < self->size; i++)
        d[i] = -self->g[i];
    for (int n = self->used - 1; n >= 0; n--) {
        const int k = (oldest + n) % history;
        self->a[k] = self->rho[k] * dot(self, of_ring(self, self->s, k), d);
        add(self, d, -self->a[k], of_ring(self, self->y, k));
    }
    for (int64_t i = 0; i < self->size; i++)
        d[i] = (tarn_real)((double)d[i] * self->scale);
    for (int n = 0; n < self->used; n++) {
        const int k = (oldest + n) % history;
        const double b = self->rho[k] * dot(self, of_ring(self, self->y, k), d);
        add(self, d, self->a[k] - b, of_ring(self, self->s, k));
    }
}

/* ---- The step */

static double first_length(const tarn_lbfgs *self)
{
    double sum = 0;
    for (int64_t i = 0; i < self->size; i++)
        sum += fabs((double)self->g[i]);
    return self->iterations == 1 ? fmin(1, 1 / sum) * self->options.lr : self->options.lr;
}

/* Moves along d, from where the loss is f and falls by slope; sets t, and the gradient there.
   Returns the loss there, and counts the looks. */
static double move(tarn_lbfgs *self, double f, double slope, bool last, int *looks)
{
    get_weights(self, self->x);
    if (!self->options.line_search) {
        set_weights(self, self->t);
        if (last)
            return f;
        ++*looks;
        return evaluate(self, self->g);
    }
    const int left = self->options.evaluations - *looks;
    const tarn__line line = {.look = look,
                             .context = self,
                             .largest = largest(self, self->d),
                             .tolerance = 1e-9,
                             .most_looks = left > 0 ? left : 1,
                             .room = {self->room[0], self->room[1], self->room[2]}};
    const tarn__place_on_line start = {0, f, slope, self->before};
    const tarn__place_on_line end = tarn__wolfe(&line, &start, self->t, looks);
    self->t = end.t;
    set_weights(self, end.t);
    memcpy(self->g, end.g, (size_t)self->size * sizeof *self->g);
    return end.f;
}

/* One iteration. Returns whether another may follow. */
static bool iterate(tarn_lbfgs *self, double *loss, bool last, int *looks)
{
    const tarn_lbfgs_args *o = &self->options;
    if (self->iterations++ > 0)
        learn(self);
    find_direction(self);
    memcpy(self->before, self->g, (size_t)self->size * sizeof *self->g);
    const double before = *loss, slope = dot(self, self->g, self->d);
    self->t = first_length(self);
    if (!(slope <= -o->tolerance_change)) {
        self->t = 0;
        return false;
    }
    *loss = move(self, before, slope, last, looks);
    return !last && *looks < o->evaluations && isfinite(*loss) &&
           largest(self, self->g) > o->tolerance_gradient &&
           self->t * largest(self, self->d) > o->tolerance_change &&
           fabs(*loss - before) >= o->tolerance_change;
}

double tarn_lbfgs_step(tarn_lbfgs *self, tarn_lbfgs_closure *closure, void *context)
{
    if (!self || !closure) {
        self ? (void)tarn_fail("lbfgs_step: the closure is NULL")
             : (void)tarn_fail_null("lbfgs_step: the tarn_lbfgs");
        return NAN;
    }
    self->closure = closure;
    self->context = context;
    const double first = evaluate(self, self->g);
    if (!isfinite(first) || !isfinite(dot(self, self->g, self->g)) ||
        largest(self, self->g) <= self->options.tolerance_gradient)
        return first;
    double loss = first;
    int looks = 1, n = 1;
    while (iterate(self, &loss, n == self->options.iterations, &looks))
        n++;
    return first;
}

/* ---- Making one */

void tarn_lbfgs_free(tarn_lbfgs *self)
{
    if (!self)
        return;
    tarn__block_free(self->x);
    free(self->rho);
    free(self->tensors);
    free(self);
}

/* False when memory runs out. */
static bool add_memory(tarn_lbfgs *self, tarn_params params)
{
    const size_t history = (size_t)self->options.history;
    self->tensors = malloc((size_t)params.count * sizeof(tarn_tensor *));
    self->rho = calloc(2 * history, sizeof *self->rho);
    if (!self->tensors || !self->rho)
        return false;
    memcpy(self->tensors, params.tensors, (size_t)params.count * sizeof(tarn_tensor *));
    self->count = params.count;
    for (int p = 0; p < params.count; p++)
        self->size += tarn_size(params.tensors[p]);
    const size_t n = (size_t)self->size, vectors = VECTORS + 2 * history;
    if (n > SIZE_MAX / 16 / vectors)
        return false;
    self->x = tarn__block_alloc(vectors * n * sizeof *self->x);
    if (!self->x)
        return false;
    memset(self->x, 0, vectors * n * sizeof *self->x);
    self->g = self->x + n;
    self->d = self->g + n;
    self->before = self->d + n;
    for (int i = 0; i < 3; i++)
        self->room[i] = self->before + (size_t)(i + 1) * n;
    self->s = self->room[2] + n;
    self->y = self->s + history * n;
    self->a = self->rho + history;
    return true;
}

tarn_lbfgs *tarn_lbfgs_new_with(tarn_lbfgs_args args)
{
    typedef tarn_lbfgs_args tarn_option_args;
    static const tarn_option options[] = {TARN_LBFGS_OPTIONS(TARN_OPTION)};
    if (!tarn_options_check("lbfgs_new", (tarn_option_list)TARN_OPTION_LIST(options), &args) ||
        !tarn__check_params("lbfgs_new", args.params, true))
        return NULL;
    tarn_lbfgs *self = calloc(1, sizeof *self);
    if (self)
        *self = (tarn_lbfgs){.options = args, .newest = -1, .scale = 1};
    if (!self || !add_memory(self, args.params)) {
        tarn_set_error("lbfgs_new: out of memory for a history of %d", args.history);
        tarn_lbfgs_free(self);
        return NULL;
    }
    return self;
}
