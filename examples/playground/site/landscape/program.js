// "Show me the C": the program that prints the losses along a path of this page.
import {parts} from '../classify/program.js';

/** From its loader and optimizer on to where all is freed; train, test: how a loss is told. */
const walking = (s, train, test) => `    if (!loader || !optimizer)
        return fprintf(stderr, "%s\\n", tarn_error()), 1;
    double right;
    for (int step = 0;; step++) {
        if (step % ${s.every} == 0)
            printf("%d %.9g\\n", step, ${train});
        if (step == ${s.steps})
            break;
        tarn_batch batch;
        if (!tarn_loader_next(loader, &batch)) /* an epoch has ended */
            tarn_loader_next(loader, &batch);
        tarn_tape *tape = tarn_tape_begin();

        tarn_tensor *logits = tarn_nn_forward(model, batch.images);
        tarn_tensor *loss = tarn_cross_entropy(logits, batch.labels);

        tarn_optim_zero_grad(optimizer);
        tarn_backward(loss);

        tarn_optim_step(optimizer);
        tarn_tape_end(tape);
    }
    const double end = ${test};
    printf("test %.9g %.9g\\n", end, right);
    tarn_optim_free(optimizer), tarn_nn_free(model), tarn_loader_free(loader), tarn_dataset_free(train);
`;

export const program = s => `/* ${s.optimizer} on its way down the loss of a network: step, loss over all training points, as in the playground.
   cc -std=c11 landscape.c $(pkg-config --cflags --libs tarn) -lm && ./a.out */
${parts(s)}
int main(void)
{
    tarn_seed(${s.seed});
    make_points();
    tarn_seed(${s.seed});
    tarn_module *model = make_network();
    tarn_dataset *train = tarn_data_from_numbers(tarn_shape(set[0].count, 2), set[0].places, set[0].labels, 2);
    tarn_loader *loader = tarn_loader_new(train, ${s.batch || 'set[0].count'}, .shuffle = true, .seed = ${s.seed});
    tarn_optim *optimizer = tarn_optim_by_name("${s.optimizer}", tarn_nn_parameters(model), "${s.options}");
${walking(s, 'loss_of(model, 0, &right)', 'loss_of(model, 1, &right)')}    return 0;
}
`;

/** The same for LeNet on digits. */
export const programOfDigits = s => `/* ${s.optimizer} on its way down the loss of LeNet: step, loss over 256 digits, as in the playground.
   cc -std=c11 landscape.c $(pkg-config --cflags --libs tarn) -lm && ./a.out data/samples */
#include <stdio.h>

#include <tarn.h>

enum { HEIGHTS = 256 };

static double loss_of(tarn_module *model, tarn_loader *loader, double *right)
{
    double loss = 0, count = 0;
    tarn_batch batch;
    *right = 0;
    tarn_nn_train(model, false);
    while (tarn_loader_next(loader, &batch)) {
        tarn_tape *tape = tarn_tape_begin_no_grad();
        tarn_tensor *logits = tarn_nn_forward(model, batch.images);
        loss += (double)tarn_item(tarn_cross_entropy(logits, batch.labels)) * batch.count;
        *right += tarn_count_correct(logits, batch.labels);
        count += batch.count;
        tarn_tape_end(tape);
    }
    tarn_nn_train(model, true);
    *right /= count;
    return loss / count;
}

int main(int argc, char **argv)
{
    tarn_dataset *train = argc == 2 ? tarn_data_samples(argv[1], TARN_TRAIN) : NULL;
    tarn_dataset *test = argc == 2 ? tarn_data_samples(argv[1], TARN_TEST) : NULL;
    if (!train || !test)
        return fprintf(stderr, "%s\\n", argc == 2 ? tarn_error() : "expects the folder data/samples"), 1;
    tarn_data_normalize(train, 0.1307, 0.3081);
    tarn_data_normalize(test, 0.1307, 0.3081);
    int64_t first[HEIGHTS];
    for (int i = 0; i < HEIGHTS; i++)
        first[i] = i;
    tarn_dataset *few = tarn_data_subset(train, first, HEIGHTS);
    tarn_loader *few_loader = tarn_loader_new(few, HEIGHTS), *test_loader = tarn_loader_new(test, 500);
    tarn_seed(${s.seed});
    tarn_module *model = tarn_nn_sequential(
        tarn_nn_conv2d(1, 6, 5, .padding = 2), tarn_nn_relu(), tarn_nn_max_pool2d(2),
        tarn_nn_conv2d(6, 16, 5), tarn_nn_relu(), tarn_nn_max_pool2d(2), tarn_nn_flatten(),
        tarn_nn_linear(400, 120), tarn_nn_relu(), tarn_nn_linear(120, 84), tarn_nn_relu(),
        tarn_nn_linear(84, 10));
    tarn_loader *loader = tarn_loader_new(train, ${s.batch}, .shuffle = true, .seed = ${s.seed});
    tarn_optim *optimizer = tarn_optim_by_name("${s.optimizer}", tarn_nn_parameters(model), "${s.options}");
${walking(s, 'loss_of(model, few_loader, &right)', 'loss_of(model, test_loader, &right)')}    tarn_loader_free(few_loader), tarn_loader_free(test_loader), tarn_dataset_free(few), tarn_dataset_free(test);
    return 0;
}
`;
