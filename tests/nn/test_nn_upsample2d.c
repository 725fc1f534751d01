#include "tests/nn/nn_test.h"

Test(upsample2d, equals_pytorch)
{
    golden *file = golden_open("nn/upsample2d");
    int cases = 0;
    for (const golden_case *c = golden_next(file, NULL); c; c = golden_next(file, c), cases++)
        check_module(tarn_nn_upsample2d((int)golden_number(c, "scale", 0),
                                        .bilinear = golden_number(c, "bilinear", 0) != 0,
                                        .align_corners = golden_number(c, "align_corners", 0) != 0),
                     c);
    cr_assert_eq(cases, 7);
    golden_close(file);
}

/* By torch.nn.functional.interpolate() of PyTorch 2.13, in double, of twice the size; the gradient
   is that of the sum of y[i] (i mod 5 - 2). */
static const struct {
    const char *name;
    bool bicubic, align_corners, antialias;
    double y[24], dx[6];
} interpolations[] = {
    {"bicubic",
     true,
     false,
     false,
     {0.663764954, -0.053691864, -1.27734756,  -0.753036499, 1.22315979,  2.40941238,
      0.729263306, 0.0815200806, -1.02216339,  -0.580535889, 1.15701294,  2.19962311,
      0.837142944, 0.304222107,  -0.601860046, -0.296417236, 1.04806519,  1.85408783,
      0.902641296, 0.439434052,  -0.346675873, -0.123916626, 0.981918335, 1.64429855},
     {-4.19142151, 3.77006531, -2.66848755, 3.78907776, -2.20756531, -0.491668701}},
    {"bicubic_aligned",
     true,
     true,
     false,
     {0.5,         -0.413,        -1.254,       -0.846,       0.613,       2,
      0.578703704, -0.244888889,  -1.00781481,  -0.664037037, 0.619611111, 1.84259259,
      0.671296296, -0.0471111111, -0.718185185, -0.449962963, 0.627388889, 1.65740741,
      0.75,        0.121,         -0.472,       -0.268,       0.634,       1.5},
     {-3.06288889, 2.64074074, -2.26303704, 2.53488889, -1.26074074, -0.588962963}},
    {"bicubic_antialias",
     true,
     false,
     true,
     {0.636245675, 0.0638686131, -1.14986529,  -0.695554558,  1.36711035, 2.34061419,
      0.697058824, 0.173826903,  -0.93565976,  -0.545610687,  1.2927268,  2.16034664,
      0.817647059, 0.391866528,  -0.510905125, -0.248282443,  1.14522941, 1.80288866,
      0.878460208, 0.501824818,  -0.296699596, -0.0983385721, 1.07084586, 1.62262111},
     {-4.04761587, 3.55872511, -2.56867227, 3.73485509, -2.14677686, -0.530515211}},
    {"bilinear_antialias",
     false,
     false,
     true,
     {0.5,      0.0625,    -0.8125,  -0.4375, 1.1875,  2,       0.5625,   0.15625,
      -0.65625, -0.328125, 1.140625, 1.875,   0.6875,  0.34375, -0.34375, -0.109375,
      1.046875, 1.625,     0.75,     0.4375,  -0.1875, 0,       1,        1.5},
     {-3, 2.3125, -2.0625, 2.75, -1.3125, -0.6875}},
};

Test(upsample2d, interpolates_as_pytorch)
{
    const tarn_real values[] = {0.5, -1.25, 2, 0.75, -0.5, 1.5};
    tarn_real weights[24];
    for (int i = 0; i < 24; i++)
        weights[i] = (tarn_real)(i % 5 - 2);
    tarn_tensor *x = tarn_requires_grad(tarn_from_array(tarn_shape(1, 2, 3, 1), values), true);
    tarn_tensor *dy = tarn_from_array(tarn_shape(1, 4, 6, 1), weights);
    for (size_t k = 0; k < sizeof interpolations / sizeof *interpolations; k++) {
        const bool bicubic = interpolations[k].bicubic;
        tarn_module *layer = tarn_nn_upsample2d(2, .bilinear = !bicubic, .bicubic = bicubic,
                                                .align_corners = interpolations[k].align_corners,
                                                .antialias = interpolations[k].antialias);
        tarn_tape *tape = tarn_tape_begin();
        tarn_tensor *y = tarn_nn_forward(layer, x);
        tarn_zero_grad(x);
        tarn_backward(tarn_sum(tarn_mul(y, dy)));
        for (int i = 0; i < 24; i++)
            cr_assert(fabs((double)tarn_values(y)[i] - interpolations[k].y[i]) < 1e-6, "%s: y[%d]",
                      interpolations[k].name, i);
        for (int i = 0; i < 6; i++)
            cr_assert(fabs((double)tarn_gradients(x)[i] - interpolations[k].dx[i]) < 4e-6,
                      "%s: dx[%d] is %g, expects %g", interpolations[k].name, i,
                      (double)tarn_gradients(x)[i], interpolations[k].dx[i]);
        tarn_tape_end(tape);
        tarn_nn_free(layer);
    }
    tarn_free(x);
    tarn_free(dy);
}

Test(upsample2d, shows_its_numbers)
{
    tarn_module *layer = tarn_nn_upsample2d(2);
    assert_description(layer, "2");
    tarn_nn_free(layer);
    layer = tarn_nn_upsample2d(3, .bilinear = true, .align_corners = true);
    assert_description(layer, "3, .bilinear = 1, .align_corners = 1");
    tarn_nn_free(layer);
    layer = tarn_nn_upsample2d(2, .bicubic = true, .antialias = true);
    assert_description(layer, "2, .bicubic = 1, .antialias = 1");
    tarn_nn_free(layer);
}

Test(upsample2d, wrong_input_is_a_mistake)
{
    tarn_module *layer = tarn_nn_upsample2d(1 << 20);
    tarn_tensor *flat = tarn_zeros(tarn_shape(2, 3)), *empty = tarn_zeros(tarn_shape(2, 0, 3, 1));
    tarn_tensor *large = tarn_zeros(tarn_shape(0, 2048, 3, 1));
    tarn_tape *tape = tarn_tape_begin();
    assert_mistake(tarn_nn_forward(layer, flat), "nn_upsample2d: input (2,3), expects (N,H,W,C)");
    assert_mistake(tarn_nn_forward(layer, empty),
                   "upsample_nearest2d: input (2,0,3,1) has no pixels");
    assert_mistake(tarn_nn_forward(layer, large),
                   "nn_upsample2d: input (0,2048,3,1), expects (N,H,W,C) and at most 2047 rows");
    tarn_tape_end(tape);
    tarn_free(flat);
    tarn_free(empty);
    tarn_free(large);
    tarn_nn_free(layer);
}

Test(upsample2d, wrong_numbers_are_mistakes)
{
    assert_mistake(tarn_nn_upsample2d(0), "nn_upsample2d: scale is 0, expects at least 1");
    assert_mistake(tarn_nn_upsample2d(-2), "nn_upsample2d: scale is -2, expects at least 1");
    assert_mistake(tarn_nn_upsample2d(2, .align_corners = true),
                   "nn_upsample2d: align_corners is set, expects bilinear or bicubic with it");
    assert_mistake(tarn_nn_upsample2d(2, .antialias = true),
                   "nn_upsample2d: antialias is set, expects bilinear or bicubic with it");
    assert_mistake(tarn_nn_upsample2d(2, .bilinear = true, .bicubic = true),
                   "nn_upsample2d: bilinear and bicubic, expects one of them");
    assert_mistake(tarn_nn_upsample2d(2, .bicubic = true, .align_corners = true, .antialias = true),
                   "nn_upsample2d: align_corners and antialias, expects one of them");
}
