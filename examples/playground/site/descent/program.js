// "Show me the C": the program that prints the numbers of this page.

/** hiker: {optimizer, options: "lr=0.1"}; place: [x, y]; schedule "" for none. */
export function program({surface, hiker, place, schedule, total, steps}) {
    const matrix = hiker.optimizer === 'muon';
    return `/* ${hiker.optimizer} on its way down: step, x, y, f before the step, as in the playground.
   cc -std=c11 descent.c $(pkg-config --cflags --libs tarn) -lm && ./a.out */
#include <stdio.h>

#include <tarn.h>

${surface}
int main(void)
{
${matrix ? `    const tarn_real start[] = {${place.join(', ')}};
    tarn_tensor *w = tarn_requires_grad(tarn_from_array(tarn_shape(2, 1), start), true);
    tarn_params params = tarn_params_of(w);` : `    tarn_tensor *x = tarn_requires_grad(tarn_full(tarn_shape(), ${place[0]}), true);
    tarn_tensor *y = tarn_requires_grad(tarn_full(tarn_shape(), ${place[1]}), true);
    tarn_params params = tarn_params_of(x, y);`}
    tarn_optim *optimizer = tarn_optim_by_name("${hiker.optimizer}", params, "${hiker.options}");
    if (!optimizer)
        return fprintf(stderr, "%s\\n", tarn_error()), 1;
${schedule ? '    const double lr = tarn_optim_lr(optimizer);\n' : ''}
    for (int step = 0; step < ${steps}; step++) {
        tarn_tape *tape = tarn_tape_begin();

${matrix ? '        tarn_tensor *x = tarn_slice(w, 0, 0, 1), *y = tarn_slice(w, 0, 1, 2);\n' : ''}        tarn_tensor *f = surface(x, y);
        printf("%d %.9g %.9g %.9g\\n", step, (double)tarn_item(x), (double)tarn_item(y), (double)tarn_item(f));

        tarn_optim_zero_grad(optimizer);
        tarn_backward(f);

${schedule ? `        tarn_optim_set_lr(optimizer, lr * tarn_schedule_by_name("${schedule}", step, ${total}));\n` : ''}        tarn_optim_step(optimizer);
        tarn_tape_end(tape);
    }
    tarn_optim_free(optimizer);
    return 0;
}
`;
}
