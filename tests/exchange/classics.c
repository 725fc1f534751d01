/* Trains each network of examples/lab/lib/classics.h a little, on digits of the sample in a frame
   that makes them 32 x 32 pixels, and shows it test digits: no example does, and at_free.c, which
   is linked to this, wants to see them. */
#include "examples/lab/lib/classics.h"
#include "examples/lab/lib/options.h"

enum { FRAME = 2, CLASSES = 10, BATCH = 50, STEPS = 6, SHOWN = 20 /* batches */ };

/* The digits of a batch, in so many channels. */
static tarn_tensor *framed(tarn_tensor *digits, int channels)
{
    tarn_tensor *all[] = {digits, digits, digits};
    const tarn_shape frame = tarn_shape(0, FRAME, FRAME, 0);
    return tarn_pad(tarn_concat_of(3, channels, all), frame, frame);
}

static tarn_loader *digits_of(tarn_split split)
{
    tarn_dataset *data = tarn_data_samples(TARN_SAMPLES, split);
    check(data);
    check(tarn_data_normalize(data, 0.1307, 0.3081));
    tarn_loader *loader = tarn_loader_new(data, BATCH, .shuffle = split == TARN_TRAIN, .seed = 1);
    check(loader);
    return loader;
}

static void train(tarn_module *model, int channels)
{
    tarn_loader *loader = digits_of(TARN_TRAIN);
    tarn_optim *optimizer = tarn_optim_adam(tarn_nn_parameters(model), .lr = 1e-3);
    tarn_batch batch;
    for (int i = 0; i < STEPS && tarn_loader_next(loader, &batch); i++) {
        tarn_tape *tape = tarn_tape_begin();
        tarn_tensor *y = tarn_nn_forward(model, framed(batch.images, channels));
        if (tarn_ndim(y) == 4) /* of each pixel */
            y = tarn_global_avg_pool2d(y);
        tarn_tensor *loss = tarn_cross_entropy(y, batch.labels);
        tarn_optim_zero_grad(optimizer);
        check(tarn_backward(loss));
        tarn_optim_step(optimizer);
        tarn_tape_end(tape);
    }
    tarn_optim_free(optimizer);
    tarn_loader_free(loader);
}

/* After so few steps running statistics are those of the network's first weights still, with which
   a deep one gives the same for all digits: the first batch tells them anew. */
static void show(tarn_module *model, int channels)
{
    tarn_loader *loader = digits_of(TARN_TEST);
    tarn_batch batch;
    tarn_nn_train(model, false);
    for (int i = 0; i < SHOWN && tarn_loader_next(loader, &batch); i++) {
        tarn_tape *tape = tarn_tape_begin_no_grad();
        tarn_tensor *x = framed(batch.images, channels);
        check(i > 0 || tarn_nn_recalibrate(model, x, 0));
        tarn_nn_forward(model, x);
        tarn_tape_end(tape);
    }
    tarn_loader_free(loader);
}

int main(void)
{
    const struct {
        tarn_module *model;
        int channels;
    } networks[] = {
        {classic_lenet5(1, CLASSES), 1},        {classic_alexnet(3, CLASSES, false), 3},
        {classic_alexnet(3, CLASSES, true), 3}, {classic_vgg11(3, CLASSES), 3},
        {classic_resnet20(3, CLASSES, 0.1), 3}, {classic_mobilenet_v2(3, CLASSES), 3},
        {classic_densenet40(3, CLASSES), 3},    {classic_unet(1, CLASSES, 8), 1},
    };
    tarn_seed(1);
    for (size_t i = 0; i < sizeof networks / sizeof *networks; i++) {
        check(networks[i].model);
        train(networks[i].model, networks[i].channels);
        show(networks[i].model, networks[i].channels);
        tarn_nn_free(networks[i].model);
    }
    return 0;
}
