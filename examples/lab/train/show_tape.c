#include "examples/lab/train/show_tape.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "examples/lab/lib/options.h"
#include "examples/lab/lib/training.h"

/* The first ones take longer: memory is fetched, which the later ones have. */
enum { STEPS = 10 };

static void write_tape(tarn_tape *tape, tarn_module *model, FILE *file, const char *path)
{
    const tarn_params params = tarn_nn_parameters(model);
    check(tarn_tape_print(tape, stdout, .params = params));
    if (!tarn_tape_dot(tape, file, .params = params))
        die("--tape %s: %s", path, tarn_error());
    printf("the graph is in %s; to draw it: dot -Tpng '%s' -o tape.png\n", path, path);
}

void show_tape(tarn_module *model, tarn_loader *loader, tarn_optim *optimizer, const char *path)
{
    tarn_batch batch;
    FILE *file = fopen(path, "w");
    if (!file)
        die("--tape %s: cannot be written: %s", path, strerror(errno));
    check(tarn_loader_next(loader, &batch));
    for (int step = 1; step <= STEPS; step++) {
        tarn_optim_zero_grad(optimizer); /* on the tape it would count as time of the loss */
        tarn_tape *tape = tarn_tape_begin();
        tarn_tape_time(tape, true);
        add_gradients(model, &batch, 1, NULL);
        if (step == STEPS)
            write_tape(tape, model, file, path);
        tarn_tape_end(tape);
        tarn_optim_step(optimizer);
    }
    fclose(file);
}
