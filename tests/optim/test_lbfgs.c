#include "tests/optim/replay.h"

enum { SIZE = 6 };

typedef struct function {
    tarn_tensor *x, *one; /* the latter is what the present tape uses */
    int looks;
    double bad; /* what it is where x[0] is above 0; 0: nothing special */
} function;

/* Rosenbrock's valley in several dimensions. */
static tarn_tensor *rosenbrock(void *context)
{
    function *f = context;
    f->looks++;
    tarn_tensor *x = tarn_slice(f->x, 0, 0, SIZE - 1), *next = tarn_slice(f->x, 0, 1, SIZE);
    tarn_tensor *steep = tarn_sum(tarn_square(tarn_sub(next, tarn_square(x))));
    tarn_tensor *one = tarn_full(tarn_shape(), 1);
    tarn_tensor *sum = tarn_add(tarn_scale(steep, 100), tarn_sum(tarn_square(tarn_sub(one, x))));
    tarn_free(f->one);
    f->one = one;
    return f->bad != 0 && tarn_values(f->x)[0] > 0 ? tarn_scale(sum, f->bad) : sum;
}

static function at_start(void)
{
    const tarn_real start[SIZE] = {(tarn_real)-1.2, 1, (tarn_real)-0.5, (tarn_real)0.75, 0, 2};
    return (function){tarn_requires_grad(tarn_from_array(tarn_shape(SIZE), start), true), NULL, 0,
                      0};
}

/* In double to all digits that are written; in float the first steps, before the paths part. */
static void assert_as_pytorch(const char *variant, tarn_lbfgs_args args)
{
    const bool single = sizeof(tarn_real) == sizeof(float);
    golden *file = golden_open("optim/lbfgs");
    const golden_case *c = find_case(file, variant);
    tarn_tensor *losses = golden_tensor(c, "losses"), *weights = golden_tensor(c, "weights");
    function f = at_start();
    args.params = tarn_params_of(f.x);
    tarn_lbfgs *lbfgs = tarn_lbfgs_new_with(args);
    for (int64_t k = 0; k < (single ? 2 : tarn_size(losses)); k++) {
        const double loss = tarn_lbfgs_step(lbfgs, rosenbrock, &f);
        const double should = (double)tarn_values(losses)[k], tolerance = single ? 1e-2 : 1e-7;
        cr_expect(fabs(loss - should) <= tolerance * should,
                  "%s: the loss of step %d is %.12g, "
                  "expected %.12g",
                  variant, (int)k, loss, should);
        for (int i = 0; i < SIZE; i++) {
            const double w = (double)tarn_values(f.x)[i];
            const double is = (double)tarn_values(weights)[k * SIZE + i];
            cr_expect(fabs(w - is) <= (single ? 1e-2 : 1e-6), "%s, step %d: %.12g, expected %.12g",
                      variant, (int)k, w, is);
        }
    }
    tarn_lbfgs_free(lbfgs);
    tarn_free(f.x);
    tarn_free(f.one);
    tarn_free(losses);
    tarn_free(weights);
    golden_close(file);
}

static tarn_lbfgs_args same(tarn_lbfgs_args args)
{
    return args;
}
#define options(...) TARN_CALL(same, tarn_lbfgs_args, TARN_LBFGS_OPTIONS, __VA_ARGS__)

Test(lbfgs, equals_pytorch)
{
    assert_as_pytorch("wolfe", options(.iterations = 5, .evaluations = 6));
    assert_as_pytorch("short_history", options(.iterations = 5, .evaluations = 6, .history = 2));
    assert_as_pytorch("fixed",
                      options(.lr = 0.5, .iterations = 3, .evaluations = 3, .line_search = false));
}

/* k softplus(5 x) - x: a line whose bend the cubic finds close to the bracket's end, again and
 * again.
 */
typedef struct bend {
    tarn_tensor *x;
    double k;
    int looks;
} bend;

static tarn_tensor *bent(void *context)
{
    bend *b = context;
    b->looks++;
    tarn_tensor *rise = tarn_scale(tarn_softplus(tarn_scale(b->x, 5)), b->k);
    return tarn_sum(tarn_sub(rise, b->x));
}

/* One line search from -3, by torch.optim.LBFGS of PyTorch 2.13 in double: where the bracket has
   not become much smaller, its next place keeps away from the ends. */
Test(lbfgs, a_bracket_is_divided_as_by_pytorch)
{
    const struct {
        double k, lr, x;
        int looks;
    } searches[] = {
        {1, 1, -0.46110228718768265, 5},
        {1, 16, -0.34815761065058587, 4},
        {2, 16, -0.8872290779040577, 4},
        {5, 1, -0.9774856905316944, 5},
    };
    for (size_t i = 0; i < sizeof searches / sizeof *searches; i++) {
        bend b = {tarn_requires_grad(tarn_full(tarn_shape(1), -3), true), searches[i].k, 0};
        tarn_lbfgs *lbfgs = tarn_lbfgs_new(tarn_params_of(b.x), .lr = searches[i].lr,
                                           .iterations = 1, .evaluations = 25);
        tarn_lbfgs_step(lbfgs, bent, &b);
        cr_expect_eq(b.looks, searches[i].looks, "%zu: %d looks", i, b.looks);
        cr_expect_float_eq((double)tarn_item(b.x), searches[i].x, 1e-4, "%zu: %.12g", i,
                           (double)tarn_item(b.x));
        tarn_lbfgs_free(lbfgs);
        tarn_free(b.x);
    }
}

/* Where gradient descent needs thousands of steps. */
Test(lbfgs, finds_the_end_of_the_valley)
{
    function f = at_start();
    tarn_lbfgs *lbfgs = tarn_lbfgs_new(tarn_params_of(f.x), .iterations = 200, .evaluations = 250);
    tarn_lbfgs_step(lbfgs, rosenbrock, &f);
    for (int i = 0; i < SIZE; i++)
        cr_expect_float_eq((double)tarn_values(f.x)[i], 1, 1e-2, "%d: %g", i,
                           (double)tarn_values(f.x)[i]);
    cr_expect_leq(f.looks, 255);
    const int looks = f.looks;
    tarn_lbfgs_step(lbfgs, rosenbrock, &f); /* there it stays */
    cr_expect_leq(f.looks, looks + 60);
    tarn_lbfgs_free(lbfgs);
    tarn_free(f.x);
    tarn_free(f.one);
}

/* A network on a few examples; one parameter is frozen. */
typedef struct fit {
    tarn_module *model;
    tarn_tensor *x, *y;
} fit;

static tarn_tensor *loss_of(void *context)
{
    const fit *f = context;
    return tarn_mse(tarn_nn_forward(f->model, f->x), f->y);
}

Test(lbfgs, fits_a_network)
{
    tarn_seed(1);
    fit f = {tarn_nn_sequential(tarn_nn_linear(2, 8), tarn_nn_tanh(), tarn_nn_linear(8, 1)),
             tarn_randn(tarn_shape(12, 2)), tarn_randn(tarn_shape(12, 1))};
    const tarn_params all = tarn_nn_parameters(f.model);
    tarn_requires_grad(all.tensors[1], false);
    const tarn_real frozen = tarn_values(all.tensors[1])[0];
    tarn_lbfgs *lbfgs = tarn_lbfgs_new(all);
    const double first = tarn_lbfgs_step(lbfgs, loss_of, &f);
    for (int i = 0; i < 10; i++)
        tarn_lbfgs_step(lbfgs, loss_of, &f);
    const double last = tarn_lbfgs_step(lbfgs, loss_of, &f);
    cr_expect_lt(last, 0.05 * first, "%g, at first %g", last, first);
    cr_expect(tarn_values(all.tensors[1])[0] == frozen);
    tarn_lbfgs_free(lbfgs);
    tarn_free(f.x);
    tarn_free(f.y);
    tarn_nn_free(f.model);
}

Test(lbfgs, goes_around_what_is_not_finite)
{
    const double bad[] = {NAN, INFINITY};
    for (int i = 0; i < 2; i++) {
        function f = at_start();
        f.bad = bad[i];
        tarn_lbfgs *lbfgs = tarn_lbfgs_new(tarn_params_of(f.x));
        for (int k = 0; k < 3; k++)
            tarn_lbfgs_step(lbfgs, rosenbrock, &f);
        cr_expect(tarn_values(f.x)[0] <= 0 && isfinite(tarn_lbfgs_step(lbfgs, rosenbrock, &f)));
        tarn_values(f.x)[0] = 1; /* at such a place from the beginning: nothing is done */
        cr_expect(!isfinite(tarn_lbfgs_step(lbfgs, rosenbrock, &f)));
        cr_expect(tarn_values(f.x)[0] == 1);
        tarn_lbfgs_free(lbfgs);
        tarn_free(f.x);
        tarn_free(f.one);
    }
}

Test(lbfgs, mistakes)
{
    tarn_tensor *w = new_param(1, 1);
    const tarn_params list = tarn_params_of(w);
    assert_mistake(tarn_lbfgs_new(list, .history = 0),
                   "lbfgs_new: history is 0, expects a whole number of at least 1");
    assert_mistake(tarn_lbfgs_new(list, .lr = 0), "lbfgs_new: lr is 0, expects a number above 0");
    assert_mistake(tarn_lbfgs_new(list, .tolerance_change = -1),
                   "lbfgs_new: tolerance_change is -1");
    assert_mistake(tarn_lbfgs_new((tarn_params){0}), "lbfgs_new: the list of parameters is empty");
    tarn_lbfgs *lbfgs = tarn_lbfgs_new(list);
    assert_mistake(!isnan(tarn_lbfgs_step(lbfgs, NULL, NULL)), "lbfgs_step: the closure is NULL");
    tarn_lbfgs_free(lbfgs);
    tarn_free(w);
}
