#include "examples/playground/lenet.h"

#include <math.h>

const double lenet_mean = 0.1307, lenet_deviation = 0.3081;

bool lenet_read(const char *folder, tarn_dataset *digits[2])
{
    for (int part = 0; part < 2; part++) {
        digits[part] = tarn_data_samples(folder, part ? TARN_TEST : TARN_TRAIN);
        if (!digits[part] || !tarn_data_normalize(digits[part], lenet_mean, lenet_deviation))
            return false;
    }
    return true;
}

tarn_module *lenet_make(void)
{
    return tarn_nn_sequential(tarn_nn_conv2d(1, 6, 5, .padding = 2), tarn_nn_relu(),
                              tarn_nn_max_pool2d(2), tarn_nn_conv2d(6, 16, 5), tarn_nn_relu(),
                              tarn_nn_max_pool2d(2), tarn_nn_flatten(), tarn_nn_linear(400, 120),
                              tarn_nn_relu(), tarn_nn_linear(120, 84), tarn_nn_relu(),
                              tarn_nn_linear(84, LENET_CLASSES));
}

void lenet_score(tarn_module *model, tarn_loader *loader, double score[2])
{
    double loss_sum = 0, right = 0, count = 0;
    tarn_batch batch;
    tarn_nn_train(model, false);
    while (tarn_loader_next(loader, &batch)) {
        tarn_tape *tape = tarn_tape_begin_no_grad();
        tarn_tensor *logits = tarn_nn_forward(model, batch.images);
        tarn_tensor *loss = tarn_cross_entropy(logits, batch.labels);
        loss_sum += loss ? (double)tarn_item(loss) * batch.count : NAN;
        right += loss ? tarn_count_correct(logits, batch.labels) : 0;
        count += batch.count;
        tarn_tape_end(tape);
    }
    tarn_nn_train(model, true);
    score[0] = loss_sum / count;
    score[1] = right / count;
}
