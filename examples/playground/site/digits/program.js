// "Show me the C": the program that prints the numbers of this page.
export const program = s => `/* LeNet on the sample of MNIST, as in the playground: loss and test accuracy of each epoch.
   cc -std=c11 digits.c $(pkg-config --cflags --libs tarn) -lm && ./a.out data/samples */
#include <stdio.h>

#include <tarn.h>

static double test(tarn_module *model, tarn_loader *loader)
{
    int correct = 0, count = 0;
    tarn_batch batch;
    tarn_nn_train(model, false);
    while (tarn_loader_next(loader, &batch)) {
        tarn_tape *tape = tarn_tape_begin_no_grad();
        correct += tarn_count_correct(tarn_nn_forward(model, batch.images), batch.labels);
        count += batch.count;
        tarn_tape_end(tape);
    }
    tarn_nn_train(model, true);
    return 100.0 * correct / count;
}

int main(int argc, char **argv)
{
    tarn_dataset *digits = argc == 2 ? tarn_data_samples(argv[1], TARN_TRAIN) : NULL;
    tarn_dataset *test_digits = argc == 2 ? tarn_data_samples(argv[1], TARN_TEST) : NULL;
    if (!digits || !test_digits)
        return fprintf(stderr, "%s\\n", argc == 2 ? tarn_error() : "expects the folder data/samples"), 1;
    tarn_data_normalize(digits, 0.1307, 0.3081);
    tarn_data_normalize(test_digits, 0.1307, 0.3081);
    tarn_seed(${s.seed});
    tarn_loader *loader = tarn_loader_new(digits, ${s.batch}, .shuffle = true, .seed = ${s.seed});
    tarn_loader *test_loader = tarn_loader_new(test_digits, 500);
    tarn_module *model = tarn_nn_sequential(
        tarn_nn_conv2d(1, 6, 5, .padding = 2), tarn_nn_relu(), tarn_nn_max_pool2d(2),
        tarn_nn_conv2d(6, 16, 5), tarn_nn_relu(), tarn_nn_max_pool2d(2), tarn_nn_flatten(),
        tarn_nn_linear(400, 120), tarn_nn_relu(), tarn_nn_linear(120, 84), tarn_nn_relu(),
        tarn_nn_linear(84, 10));
    tarn_optim *optimizer = tarn_optim_by_name("${s.optimizer}", tarn_nn_parameters(model), "lr=${s.lr}");
    const long epochs = ${s.epochs}, batches = (long)tarn_loader_batches(loader);
    long step = 0;
    for (long epoch = 1; epoch <= epochs; epoch++) {
        double sum = 0;
        tarn_batch batch;
        while (tarn_loader_next(loader, &batch)) {
            tarn_tape *tape = tarn_tape_begin();

            tarn_tensor *predictions = tarn_nn_forward(model, batch.images);
            tarn_tensor *loss = tarn_cross_entropy(predictions, batch.labels);

            tarn_optim_zero_grad(optimizer);
            tarn_backward(loss);
${s.schedule ? `
            tarn_optim_set_lr(optimizer, ${s.lr} * tarn_schedule_by_name("${s.schedule}", step, epochs * batches));` : ''}
            tarn_optim_step(optimizer);
            step++;
            sum += (double)tarn_item(loss);
            tarn_tape_end(tape);
        }
        printf("epoch %ld/%ld  loss %.4f  test accuracy %.2f%%\\n", epoch, epochs, sum / (double)batches,
               test(model, test_loader));
    }
    tarn_optim_free(optimizer), tarn_nn_free(model), tarn_loader_free(loader), tarn_loader_free(test_loader);
    tarn_dataset_free(digits), tarn_dataset_free(test_digits);
    return 0;
}
`;
