/* The classics of the lab have the numbers of parameters that the papers or torchvision say, their
   outputs the right shapes, and they learn. */
#include <stdio.h>
#include <stdlib.h>

#include <criterion/criterion.h>

#include "examples/lab/lib/classics.h"

/* Takes the module over. */
static void check(const char *name, tarn_module *model, tarn_shape input, tarn_shape output,
                  int64_t parameters)
{
    cr_assert(model, "%s", tarn_error());
    cr_expect_eq(tarn_nn_parameter_count(model), parameters, "%s: %lld, expects %lld", name,
                 (long long)tarn_nn_parameter_count(model), (long long)parameters);
    tarn_tensor *x = tarn_rand(input);
    tarn_tape *tape = tarn_tape_begin_no_grad();
    const tarn_shape found = tarn_shape_get(tarn_nn_forward(model, x));
    cr_expect(tarn_shape_equal(found, output), "%s: gives %s", name,
              tarn_shape_to_text(found).text);
    tarn_tape_end(tape);
    tarn_free(x);
    tarn_nn_free(model);
}

/* LeNet-5 with all maps seen; AlexNet, VGG-11 and MobileNetV2 are torchvision's alexnet().features,
   vgg11_bn().features and a linear layer, and mobilenet_v2(num_classes=10); ResNet-20 is of 0.27
   million in the paper, and of 2,752 fewer without projections; DenseNet of 1.0 million. */
Test(classics, have_the_parameters_of_the_papers)
{
    const tarn_shape gray = tarn_shape(1, 32, 32, 1), color = tarn_shape(2, 32, 32, 3),
                     logits = tarn_shape(2, 10);
    check("lenet5", classic_lenet5(1, 10), gray, tarn_shape(1, 10), 61706);
    check("alexnet", classic_alexnet(3, 10, false), color, logits, 2469696 + 2570);
    check("alexnet", classic_alexnet(3, 10, true), color, logits, 2469696 + 2570);
    check("vgg11", classic_vgg11(3, 10), color, logits, 9225984 + 5130);
    check("resnet20", classic_resnet20(3, 10, 0), color, logits, 269722 + 2752);
    check("mobilenet_v2", classic_mobilenet_v2(3, 10), color, logits, 2236682);
    check("densenet40", classic_densenet40(3, 10), color, logits, 1019722);
    check("unet", classic_unet(1, 2, 64), gray, tarn_shape(1, 32, 32, 2), 31030658);
    check("unet", classic_unet(1, 2, 8), tarn_shape(1, 16, 48, 1), tarn_shape(1, 16, 48, 2),
          485682);
}

/* The gradient reaches every parameter, through branches and dropped blocks, and the loss falls. */
static void learns(const char *name, tarn_module *model, double lr)
{
    tarn_tensor *x = tarn_randn(tarn_shape(4, 32, 32, 3));
    const int32_t labels[4] = {0, 1, 2, 3};
    tarn_optim *optimizer = tarn_optim_adam(tarn_nn_parameters(model), .lr = lr);
    double first = 0, last = 0;
    for (int step = 0; step < 4; step++) {
        tarn_tape *tape = tarn_tape_begin();
        tarn_tensor *loss = tarn_cross_entropy(tarn_nn_forward(model, x), tarn_labels(4, labels));
        tarn_optim_zero_grad(optimizer);
        cr_assert(tarn_backward(loss));
        tarn_optim_step(optimizer);
        last = (double)tarn_item(loss);
        first = step == 0 ? last : first;
        tarn_tape_end(tape);
    }
    const tarn_params all = tarn_nn_parameters(model);
    for (int i = 0; i < all.count; i++)
        cr_expect(tarn_gradients(all.tensors[i]), "%s: no gradient at %s", name, all.names[i]);
    cr_expect_lt(last, first, "%s: %g, then %g", name, first, last);
    tarn_optim_free(optimizer);
    tarn_free(x);
    tarn_nn_free(model);
}

Test(classics, learn)
{
    tarn_seed(1);
    learns("resnet20", classic_resnet20(3, 4, 0.1), 1e-2);
    learns("densenet40", classic_densenet40(3, 4), 1e-2);
}

/* What they are made of travels: a network with all of it, from its file alone. */
Test(classics, are_rebuilt_from_a_file)
{
    char path[] = "/tmp/tarn-test-classics-XXXXXX";
    tarn_module *model = classic_unet(1, 2, 2);
    cr_assert(mkstemp(path) >= 0);
    cr_assert(tarn_nn_save(model, path), "%s", tarn_error());
    tarn_module *copy = tarn_nn_from_file(path);
    cr_assert(copy, "%s", tarn_error());
    tarn_tensor *x = tarn_randn(tarn_shape(1, 16, 16, 1));
    tarn_tape *tape = tarn_tape_begin_no_grad();
    const tarn_tensor *y = tarn_nn_forward(model, x), *z = tarn_nn_forward(copy, x);
    cr_assert_arr_eq(tarn_values((tarn_tensor *)y), tarn_values((tarn_tensor *)z),
                     (size_t)tarn_size(y) * sizeof(tarn_real));
    tarn_tape_end(tape);
    tarn_free(x);
    tarn_nn_free(copy);
    tarn_nn_free(model);
    remove(path);
}
