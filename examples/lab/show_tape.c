#include "examples/lab/show_tape.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "examples/lab/lib/options.h"

/* The first ones take longer: memory is fetched, which the later ones have. */
enum { STEPS = 10 };

static void write_tape(tarn_tape *tape, tarn_module *model, FILE *file, const char *path)
{
    const tarn_params params = tarn_nn_parameters(model);
    if (!tarn_tape_print(tape, stdout, .params = params))
        die("%s", tarn_error());
    if (!tarn_tape_dot(tape, file, .params = params))
        die("--tape %s: %s", path, tarn_error());
    printf("the graph is in %s; to draw it: dot -Tpng '%s' -o tape.png\n", path, path);
}

/* Gradients are zeroed first: on the tape, their time would count as that of the loss. */
static void take_step(tarn_module *model, tarn_optim *optimizer, const tarn_batch *batch)
{
    tarn_optim_zero_grad(optimizer);
    tarn_tensor *predictions = tarn_nn_forward(model, batch->images);
    tarn_tensor *loss = tarn_cross_entropy(predictions, batch->labels);
    if (!tarn_backward(loss))
        die("%s", tarn_error());
    tarn_optim_step(optimizer);
}

void show_tape(tarn_module *model, tarn_loader *loader, tarn_optim *optimizer, const char *path)
{
    tarn_batch batch;
    FILE *file = fopen(path, "w");
    if (!file)
        die("--tape %s: cannot be written: %s", path, strerror(errno));
    if (!tarn_loader_next(loader, &batch))
        die("%s", tarn_error());
    for (int step = 1; step <= STEPS; step++) {
        tarn_tape *tape = tarn_tape_begin();
        tarn_tape_time(tape, true);
        take_step(model, optimizer, &batch);
        if (step == STEPS)
            write_tape(tape, model, file, path);
        tarn_tape_end(tape);
    }
    fclose(file);
}
