/* Modules of a user's own, written with nn/module.h alone, in one pass with those of the library.
 */
#include <math.h>
#include <stdio.h>

#include "nn/module.h"

#include "tests/support/mistakes.h"

/* ---- A layer that takes over relu and max_pool2d: y = scale x */

typedef struct scaling {
    tarn_module module;
    double scale;
    tarn_epilogue after; /* what it was asked for last */
} scaling;

static tarn_tensor *scaling_forward(tarn_module *module, tarn_tensor *x, tarn_epilogue after)
{
    scaling *self = (scaling *)module;
    self->after = after;
    tarn_tensor *y = tarn_scale(x, self->scale);
    y = after.max_pool > 0 ? tarn_max_pool2d(y, after.max_pool) : y;
    return after.relu ? tarn_relu(y) : y;
}

static const tarn_module_type scaling_type = {
    .name = "Scaling", .takes = {.relu = true, .max_pool = 3}, .forward_fused = scaling_forward};

static tarn_module *new_scaling(double scale)
{
    scaling *self = tarn_nn_new(&scaling_type, sizeof *self);
    cr_assert(self);
    self->scale = scale;
    return &self->module;
}

/* ---- A layer that is taken over: max(y, 0), counting how often it runs itself */

static int rectified;

static tarn_tensor *rectify(tarn_module *module, tarn_tensor *x)
{
    (void)module;
    rectified++;
    return tarn_relu(x);
}

static tarn_epilogue is_relu(const tarn_module *module)
{
    (void)module;
    return (tarn_epilogue){.relu = true};
}

static const tarn_module_type rectifier_type = {
    .name = "Rectifier", .forward = rectify, .epilogue = is_relu};

static tarn_module *new_rectifier(void)
{
    return tarn_nn_new(&rectifier_type, sizeof(tarn_module));
}

/* The output for an image of 6 x 6 pixels, from -18 to 17. The module is freed. */
static void expect_output(tarn_module *model, tarn_shape shape, double first, double last)
{
    tarn_tensor *x = tarn_zeros(tarn_shape(1, 6, 6, 1));
    for (int i = 0; i < 36; i++)
        tarn_values(x)[i] = (tarn_real)(i - 18);
    tarn_tape *tape = tarn_tape_begin();
    tarn_tensor *y = tarn_nn_forward(model, x);
    cr_assert(y && tarn_shape_equal(tarn_shape_get(y), shape));
    cr_expect_eq(tarn_values(y)[0], first);
    cr_expect_eq(tarn_values(y)[tarn_size(y) - 1], last);
    tarn_tape_end(tape);
    tarn_free(x);
    tarn_nn_free(model);
}

static void expect_taken(const tarn_module *module, bool relu, int max_pool)
{
    const tarn_epilogue after = ((const scaling *)module)->after;
    cr_expect_eq(after.relu, relu);
    cr_expect_eq(after.max_pool, max_pool);
}

Test(fusing_own, takes_over_what_the_library_has)
{
    tarn_module *own = new_scaling(2);
    tarn_module *model = tarn_nn_sequential(own, tarn_nn_relu(), tarn_nn_max_pool2d(3));
    tarn_tensor *x = tarn_zeros(tarn_shape(1, 6, 6, 1));
    tarn_tape *tape = tarn_tape_begin_no_grad();
    cr_assert(tarn_nn_forward(model, x));
    expect_taken(own, true, 3);
    cr_assert(tarn_nn_forward(own, x));
    expect_taken(own, false, 0);
    tarn_tape_end(tape);
    tarn_free(x);
    expect_output(model, tarn_shape(1, 2, 2, 1), 0, 34);
}

Test(fusing_own, takes_no_more_than_its_type_says)
{
    tarn_module *own = new_scaling(1);
    tarn_module *model = tarn_nn_sequential(own, tarn_nn_max_pool2d(6), tarn_nn_relu());
    tarn_tensor *x = tarn_zeros(tarn_shape(1, 6, 6, 1));
    tarn_tape *tape = tarn_tape_begin_no_grad();
    cr_assert(tarn_nn_forward(model, x));
    expect_taken(own, false, 0);
    tarn_tape_end(tape);
    tarn_free(x);
    expect_output(model, tarn_shape(1, 1, 1, 1), 17, 17);
}

Test(fusing_own, is_taken_over)
{
    rectified = 0;
    tarn_module *linear = tarn_nn_linear(1, 1);
    tarn_module *model = tarn_nn_sequential(linear, new_rectifier(), new_rectifier());
    tarn_params list = tarn_nn_parameters(linear);
    tarn_values(list.tensors[0])[0] = 1;
    tarn_values(list.tensors[1])[0] = -3;
    tarn_tensor *x = tarn_full(tarn_shape(1, 1), 2);
    tarn_tape *tape = tarn_tape_begin_no_grad();
    tarn_tensor *y = tarn_nn_forward(model, x);
    cr_assert_eq(tarn_item(y), 0);
    cr_assert_eq(rectified, 1, "the first by the linear layer, the second by itself");
    tarn_tape_end(tape);
    tarn_free(x);
    tarn_nn_free(model);

    rectified = 0;
    expect_output(tarn_nn_sequential(new_scaling(-1), new_rectifier()), tarn_shape(1, 6, 6, 1), 18,
                  0);
    cr_assert_eq(rectified, 0);
}

/* ---- A convolution by half of its weight, which batch normalization can be a part of */

typedef struct halving {
    tarn_module module;
    tarn_tensor *weight;
    int alone, together; /* how often it ran */
} halving;

static tarn_conv2d_args halving_convolution(const tarn_module *module, tarn_tensor *x)
{
    halving *self = (halving *)module;
    tarn_conv2d_args call = TARN_DEFAULTS(TARN_CONV2D_OPTIONS);
    self->together++;
    call.x = x;
    call.weight = tarn_scale(self->weight, 0.5);
    call.same = true;
    return call;
}

static tarn_tensor *halving_forward(tarn_module *module, tarn_tensor *x)
{
    halving *self = (halving *)module;
    self->alone++;
    return tarn_conv2d(x, tarn_scale(self->weight, 0.5), NULL, .same = true);
}

static const tarn_module_type halving_type = {
    .name = "Halving", .forward = halving_forward, .convolution = halving_convolution};

static halving *new_halving(void)
{
    halving *self = tarn_nn_new(&halving_type, sizeof *self);
    cr_assert(self);
    self->weight = tarn_randn(tarn_shape(3, 3, 2, 4));
    cr_assert(tarn_nn_add_parameter(&self->module, "weight", self->weight));
    return self;
}

/* The model's result for some images, and behind it the gradient of the weight. */
enum { RESULT = 2 * 5 * 5 * 4, WEIGHT = 3 * 3 * 2 * 4 };
static void run(tarn_module *model, const halving *own, double *to)
{
    tarn_seed(3);
    tarn_tensor *x = tarn_randn(tarn_shape(2, 5, 5, 2)), *dy = tarn_randn(tarn_shape(2, 5, 5, 4));
    tarn_tape *tape = tarn_tape_begin();
    tarn_tensor *y = tarn_nn_forward(model, x);
    cr_assert(tarn_backward(tarn_sum(tarn_mul(y, dy))));
    for (int i = 0; i < RESULT; i++)
        to[i] = (double)tarn_values(y)[i];
    for (int i = 0; i < WEIGHT; i++)
        to[RESULT + i] = (double)tarn_gradients(own->weight)[i];
    tarn_tape_end(tape);
    tarn_zero_grad(own->weight);
    tarn_free(x);
    tarn_free(dy);
}

/* The same values with the normalization in its pass and behind it, where a tensor stands between
   the two. */
static void expect_normalized_in_its_pass(bool residual)
{
    halving *own = new_halving();
    tarn_module *norm = tarn_nn_batch_norm2d(4);
    tarn_module *pair = tarn_nn_sequential(&own->module, norm);
    tarn_module *model =
        residual ? tarn_nn_residual(pair, .projection = tarn_nn_conv2d(2, 4, 1), .relu = true)
                 : pair;
    double together[RESULT + WEIGHT], apart[RESULT + WEIGHT];
    run(model, own, together);
    cr_expect(own->together == 1 && own->alone == 0);
    cr_assert_eq(tarn_nn_child(pair, 1), norm);
    const tarn_module_type without = {.name = "Halving", .forward = halving_forward};
    own->module.type = &without;
    run(model, own, apart);
    cr_expect(own->together == 1 && own->alone == 1);
    own->module.type = &halving_type;
    for (int i = 0; i < RESULT + WEIGHT; i++)
        cr_expect(fabs(together[i] - apart[i]) <= 1e-4, "at %d: %g, %g", i, together[i], apart[i]);
    tarn_nn_free(model);
}

Test(fusing_own, a_convolution_is_normalized_in_its_pass)
{
    expect_normalized_in_its_pass(false);
    expect_normalized_in_its_pass(true);
}

/* Who looks on is to see each module's output. */
Test(fusing_own, a_convolution_runs_alone_for_the_summary)
{
    halving *own = new_halving();
    tarn_module *model = tarn_nn_sequential(&own->module, tarn_nn_batch_norm2d(4));
    FILE *nowhere = tmpfile();
    cr_assert(nowhere && tarn_nn_summary(model, tarn_shape(1, 5, 5, 2), nowhere));
    cr_expect(own->together == 0 && own->alone == 1);
    fclose(nowhere);
    tarn_nn_free(model);
}

Test(fusing_own, needs_a_forward_for_what_it_takes)
{
    static const tarn_module_type type = {
        .name = "Half", .forward = rectify, .takes = {.relu = true}};
    assert_mistake(tarn_nn_new(&type, sizeof(tarn_module)),
                   "nn_new: Half takes over what follows it, but has no forward_fused");
}

/* A parameter of the sequential itself is no step of its forward. */
Test(fusing_own, passes_over_what_is_no_module)
{
    tarn_module *model = tarn_nn_sequential(new_scaling(1));
    cr_assert(tarn_nn_add_parameter(model, "temperature", tarn_zeros(tarn_shape(1))));
    expect_output(model, tarn_shape(1, 6, 6, 1), -18, 17);
}
