// "Show me the C": the program that prints the losses along a path of this page.
import {parts} from '../classify/program.js';

export const program = s => `/* ${s.optimizer} on its way down the loss of a network: step, loss over all training points, as in the playground.
   cc -std=c11 landscape.c $(pkg-config --cflags --libs tarn) -lm && ./a.out */
${parts(s)}
int main(void)
{
    double right;
    tarn_seed(${s.seed});
    make_points();
    tarn_seed(${s.seed});
    tarn_module *model = make_network();
    tarn_dataset *train = tarn_data_from_numbers(tarn_shape(set[0].count, 2), set[0].places, set[0].labels, 2);
    tarn_loader *loader = tarn_loader_new(train, ${s.batch || 'set[0].count'}, .shuffle = true, .seed = ${s.seed});
    tarn_optim *optimizer = tarn_optim_by_name("${s.optimizer}", tarn_nn_parameters(model), "${s.options}");
    if (!loader || !optimizer)
        return fprintf(stderr, "%s\\n", tarn_error()), 1;
    for (int step = 0;; step++) {
        if (step % ${s.every} == 0)
            printf("%d %.9g\\n", step, loss_of(model, 0, &right));
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
    const double test = loss_of(model, 1, &right);
    printf("test %.9g %.9g\\n", test, right);
    tarn_optim_free(optimizer), tarn_nn_free(model), tarn_loader_free(loader), tarn_dataset_free(train);
    return 0;
}
`;
