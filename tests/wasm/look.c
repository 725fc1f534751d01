/* What the room Digits shows of a network in a file, told by the library itself: "look FILE
   SAMPLES". Lines of words: accuracy; confusion DIGIT, ten counts; mistake INDEX DIGIT SAID
   CONFIDENCE, the surest first; of the surest one layer by layer what comes out of it; and
   parameter, of both convolutions. */
#include <stdio.h>
#include <stdlib.h>

#include <tarn.h>

enum { CLASSES = 10, TESTED = 2000, LAYERS = 12 };

typedef struct answer {
    int index, label, said;
    float confidence;
} answer;

static int surer(const void *a, const void *b)
{
    const answer *p = a, *q = b;
    return p->confidence != q->confidence ? (p->confidence < q->confidence) * 2 - 1
                                          : p->index - q->index;
}

static void print(const char *name, int i, tarn_tensor *t)
{
    printf("%s %d", name, i);
    for (int64_t k = 0; k < tarn_size(t); k++)
        printf(" %.9g", (double)tarn_values(t)[k]);
    puts("");
}

static void print_layers(tarn_module *model, tarn_dataset *digits, int index)
{
    tarn_loader *loader = tarn_loader_new(digits, 1);
    tarn_batch batch;
    for (int i = 0; i <= index; i++)
        tarn_loader_next(loader, &batch);
    tarn_tape *tape = tarn_tape_begin_no_grad();
    tarn_tensor *x = batch.images;
    print("layer", 0, x);
    for (int i = 1; i <= LAYERS; i++) {
        x = tarn_nn_forward(tarn_nn_child(model, i - 1), x);
        print("layer", i, i == LAYERS ? tarn_softmax(x) : x);
    }
    tarn_tape_end(tape);
    tarn_loader_free(loader);
}

int main(int argc, char **argv)
{
    tarn_module *model = argc == 3 ? tarn_nn_from_file(argv[1]) : NULL;
    tarn_dataset *digits = argc == 3 ? tarn_data_samples(argv[2], TARN_TEST) : NULL;
    if (!model || !digits)
        return fprintf(stderr, "%s\n", argc == 3 ? tarn_error() : "expects a file and a folder"), 1;
    tarn_data_normalize(digits, 0.1307, 0.3081);
    tarn_nn_train(model, false);
    int confusion[CLASSES][CLASSES] = {{0}}, mistakes = 0;
    static answer wrong[TESTED];
    tarn_loader *loader = tarn_loader_new(digits, TESTED);
    tarn_batch batch;
    tarn_loader_next(loader, &batch);
    tarn_tape *tape = tarn_tape_begin_no_grad();
    const tarn_real *p = tarn_values(tarn_softmax(tarn_nn_forward(model, batch.images)));
    for (int i = 0; i < batch.count; i++, p += CLASSES) {
        int best = 0;
        for (int k = 1; k < CLASSES; k++)
            best = p[k] > p[best] ? k : best;
        confusion[batch.labels.ids[i]][best]++;
        if (best != batch.labels.ids[i])
            wrong[mistakes++] = (answer){i, batch.labels.ids[i], best, (float)p[best]};
    }
    printf("accuracy %.4f\n", 1 - (double)mistakes / batch.count);
    for (int r = 0; r < CLASSES; r++) {
        printf("confusion %d", r);
        for (int c = 0; c < CLASSES; c++)
            printf(" %d", confusion[r][c]);
        puts("");
    }
    qsort(wrong, (size_t)mistakes, sizeof *wrong, surer);
    for (int i = 0; i < mistakes; i++)
        printf("mistake %d %d %d %.9g\n", wrong[i].index, wrong[i].label, wrong[i].said,
               (double)wrong[i].confidence);
    tarn_tape_end(tape);
    tarn_loader_free(loader);
    if (mistakes)
        print_layers(model, digits, wrong->index);
    for (int i = 0; i < 4; i++)
        print("parameter", i, tarn_nn_parameters(model).tensors[i]);
    tarn_nn_free(model), tarn_dataset_free(digits);
    return 0;
}
