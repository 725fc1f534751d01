/* What a page calls, as docs/browser.md has it. */
#include <tarn.h>

static tarn_tensor *w;

double take_step(double lr) /* towards the least of (w - 3)^2; returns w */
{
    if (!w)
        w = tarn_requires_grad(tarn_full(tarn_shape(), 0), true);
    tarn_optim *optimizer = tarn_optim_sgd(tarn_params_of(w), .lr = lr);
    tarn_tape *tape = tarn_tape_begin();
    tarn_tensor *three = tarn_full(tarn_shape(), 3);
    tarn_optim_zero_grad(optimizer);
    tarn_backward(tarn_square(tarn_sub(w, three)));
    tarn_optim_step(optimizer);
    tarn_tape_end(tape);
    tarn_free(three);
    tarn_optim_free(optimizer);
    return tarn_item(w);
}
