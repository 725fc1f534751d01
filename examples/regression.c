/* Fits a line to noisy points by gradient descent. The first example to read. */
#include <err.h>
#include <stdio.h>

#include <tarn.h>

int main(void)
{
    enum { POINTS = 100, STEPS = 50 };
    tarn_seed(1);

    /* Points near the line y = 3 x - 2. */
    tarn_tensor *x = tarn_randn(tarn_shape(POINTS)), *y = tarn_randn(tarn_shape(POINTS));
    for (int i = 0; i < POINTS; i++)
        tarn_values(y)[i] = 3 * tarn_values(x)[i] - 2 + 0.1f * tarn_values(y)[i];

    /* What is to be found: the line's slope w and offset b, both 0 at first. */
    tarn_tensor *w = tarn_requires_grad(tarn_zeros(tarn_shape()), true);
    tarn_tensor *b = tarn_requires_grad(tarn_zeros(tarn_shape()), true);
    tarn_optim *optimizer = tarn_optim_sgd(tarn_params_of(w, b), .lr = 0.1);

    for (int step = 1; step <= STEPS; step++) {
        tarn_tape *tape = tarn_tape_begin();

        tarn_tensor *prediction = tarn_add(tarn_mul(w, x), b); /* w x + b at every point */
        tarn_tensor *loss = tarn_mse(prediction, y);           /* mean of (prediction - y)^2 */

        if (step == 1 || step % 10 == 0)
            printf("step %2d  loss %.4f  y = %.3f x %+.3f\n", step, (double)tarn_item(loss),
                   (double)tarn_item(w), (double)tarn_item(b));

        tarn_optim_zero_grad(optimizer);
        tarn_backward(loss);        /* the gradients: d(loss)/dw and d(loss)/db */
        tarn_optim_step(optimizer); /* w -= lr d(loss)/dw and b -= lr d(loss)/db */
        tarn_tape_end(tape);
    }

    tarn_optim_free(optimizer);
    tarn_free(x), tarn_free(y), tarn_free(w), tarn_free(b);
    if (fflush(stdout) != 0 || ferror(stdout))
        errx(1, "standard output cannot be written");
    return 0;
}
