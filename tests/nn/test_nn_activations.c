#include <float.h>
#include <math.h>

#include "tests/nn/nn_test.h"

static void expect_operation(const char *title, tarn_module *layer, tarn_tensor *x,
                             const tarn_tensor *expected)
{
    cr_assert_str_eq(layer->type->name, title);
    cr_assert_eq(tarn_nn_parameters(layer).count, 0);
    const tarn_tensor *y = tarn_nn_forward(layer, x);
    cr_assert(tarn_shape_equal(tarn_shape_get(y), tarn_shape_get(expected)), "%s", title);
    cr_expect_arr_eq(tarn_values(y), tarn_values(expected),
                     (size_t)tarn_size(y) * sizeof(tarn_real), "%s", title);
    tarn_nn_free(layer);
}

/* activation_lines.h is what nn/activations.c and nn/activations_extra.c say: a line for each. */
Test(activations, are_their_operations)
{
    tarn_tensor *x = tarn_randn(tarn_shape(3, 4, 5, 2));
    tarn_tape *tape = tarn_tape_begin();
#define LAYER(op, title, also) expect_operation(title, tarn_nn_##op(), x, tarn_##op(x))
#define LAYER_WITH(op, title, option, ...)                                                         \
    LAYER(op, title, );                                                                            \
    expect_operation(title, tarn_nn_##op(.option = 0.25), x, tarn_##op(x, .option = 0.25));
#include "tests/nn/activation_lines.h"
    tarn_tape_end(tape);
    tarn_free(x);
}

/* As torch.nn.Softplus(beta, threshold=1000) of PyTorch 2.13 computes it in double. */
Test(activations, softplus_of_any_sharpness)
{
    enum { COUNT = 9 };
    static const tarn_real at[COUNT] = {-30, -3, -0.5, 0, 0.25, 1, 4, 15, 60};
    static const struct {
        double beta, y[COUNT], slope[COUNT];
    } cases[] = {
        {2,
         {4.37825538134826e-27, 0.0012378425688652247, 0.15663084375911143, 0.34657359027997264,
          0.48703849209005334, 1.0634640055214863, 4.000167703186448, 15.000000000000046, 60},
         {8.75651076269652e-27, 0.0024726231566347748, 0.2689414213699951, 0.5, 0.6224593312018546,
          0.8807970779778824, 0.9996646498695335, 0.9999999999999064, 1}},
        {0.5,
         {6.11804547427441e-07, 0.4028265559655048, 1.1518788397576871, 1.3862943611198906,
          1.5151980706343382, 1.9481539683602134, 4.253856022085945, 15.001105862950721,
          60.000000000000185},
         {3.059022269256247e-07, 0.18242552380635632, 0.4378234991142019, 0.5, 0.5312093733737563,
          0.6224593312018546, 0.8807970779778824, 0.9994472213630764, 0.9999999999999064}},
    };
    const double close = sizeof(tarn_real) == sizeof(float) ? 1e-6 : 1e-14;
    for (size_t c = 0; c < sizeof cases / sizeof *cases; c++) {
        tarn_module *layer = tarn_nn_softplus(.beta = cases[c].beta);
        tarn_tensor *x = tarn_requires_grad(tarn_from_array(tarn_shape(COUNT), at), true);
        tarn_tape *tape = tarn_tape_begin();
        tarn_tensor *y = tarn_nn_forward(layer, x);
        cr_assert(tarn_backward(tarn_sum(y)));
        for (int i = 0; i < COUNT; i++) {
            const double expected = cases[c].y[i], slope = cases[c].slope[i];
            cr_expect_float_eq((double)tarn_values(y)[i], expected, close * expected);
            cr_expect_float_eq((double)tarn_gradients(x)[i], slope, close * slope);
        }
        tarn_tape_end(tape);
        tarn_free(x);
        tarn_nn_free(layer);
    }
}

Test(activations, softplus_of_what_is_no_number)
{
    const tarn_real largest =
        sizeof(tarn_real) == sizeof(float) ? (tarn_real)FLT_MAX : (tarn_real)DBL_MAX;
    const tarn_real at[] = {NAN, INFINITY, -INFINITY, largest};
    tarn_module *layer = tarn_nn_softplus(.beta = 2);
    tarn_tensor *x = tarn_from_array(tarn_shape(4), at);
    tarn_tape *tape = tarn_tape_begin();
    const tarn_real *y = tarn_values(tarn_nn_forward(layer, x));
    cr_expect(isnan(y[0]) && y[1] == INFINITY && y[2] == 0 && y[3] == INFINITY);
    tarn_tape_end(tape);
    tarn_free(x);
    tarn_nn_free(layer);
}

static void expect_description(tarn_module *layer, const char *expected)
{
    char text[100];
    layer->type->describe(layer, text, sizeof text);
    cr_expect_str_eq(text, expected);
    tarn_nn_free(layer);
}

Test(activations, describe_their_numbers)
{
    expect_description(tarn_nn_leaky_relu(), ".slope = 0.01");
    expect_description(tarn_nn_leaky_relu(.slope = 0.25), ".slope = 0.25");
    expect_description(tarn_nn_elu(), ".alpha = 1");
    expect_description(tarn_nn_celu(.alpha = 0.5), ".alpha = 0.5");
    expect_description(tarn_nn_elu(.alpha = 2.5), ".alpha = 2.5");
    expect_description(tarn_nn_elu(.alpha = 1.03125001), ".alpha = 1.03125001");
    expect_description(tarn_nn_softplus(.beta = 0.5), ".beta = 0.5");
    expect_description(tarn_nn_softplus(), "");
}

Test(activations, bad_numbers)
{
    assert_mistake(tarn_nn_leaky_relu(.slope = -1),
                   "nn_leaky_relu: slope is -1, expects a finite number of at least 0");
    assert_mistake(tarn_nn_leaky_relu(.slope = NAN), "nn_leaky_relu: slope is nan");
    assert_mistake(tarn_nn_elu(.alpha = -0.5),
                   "nn_elu: alpha is -0.5, expects a finite number of at least 0");
    assert_mistake(tarn_nn_elu(.alpha = INFINITY), "nn_elu: alpha is inf");
    assert_mistake(tarn_nn_celu(.alpha = 0),
                   "nn_celu: alpha is 0, expects a finite number above 0");
    assert_mistake(tarn_nn_softplus(.beta = 0),
                   "nn_softplus: beta is 0, expects a finite number above 0");
    assert_mistake(tarn_nn_softplus(.beta = NAN), "nn_softplus: beta is nan");
    assert_mistake(tarn_nn_prelu(.channels = 0), "nn_prelu: channels is 0, expects at least 1");
    assert_mistake(tarn_nn_prelu(.slope = NAN), "nn_prelu: slope is nan, expects a finite number");
    assert_mistake(tarn_nn_rms_norm(0), "nn_rms_norm: size is 0, expects at least 1");
    assert_mistake(tarn_nn_rms_norm(3, .eps = -1), "nn_rms_norm: eps is -1, expects a finite");
}

/* One with parameters: its first slope, and what it takes. */
Test(activations, prelu)
{
    tarn_module *one = tarn_nn_prelu(.slope = 0.5), *three = tarn_nn_prelu(.channels = 3);
    tarn_tensor *x = tarn_full(tarn_shape(2, 4), -2);
    tarn_tape *tape = tarn_tape_begin();
    cr_expect_eq(tarn_values(tarn_nn_forward(one, x))[7], -1);
    assert_mistake(tarn_nn_forward(three, x), "nn_prelu: input (2,4), expects (...,3)");
    record_mistakes();
    cr_expect_null(tarn_nn_forward(three, NULL));
    cr_expect_eq(mistakes(), 0);
    tarn_tape_end(tape);
    tarn_free(x);
    tarn_nn_free(one);
    tarn_nn_free(three);
}
