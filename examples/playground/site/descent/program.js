// "Show me the C": the program that prints the numbers of this page.

/** The noise of batches: as descent.c makes it, number for number. */
const noisy = ({batch, noise, seed}) => `
/* The loss of each example is the surface, tilted a little; all tilts together are none. */
enum { EXAMPLES = 64, BATCH = ${batch} };
static double tilt[2 * EXAMPLES];

static void tilt_examples(void)
{
    double mean[2] = {0};
    tarn_seed(${seed});
    tarn_tensor *drawn = tarn_randn(tarn_shape(2 * EXAMPLES));
    for (int i = 0; i < 2 * EXAMPLES; i++) {
        tilt[i] = ${noise} * (double)tarn_values(drawn)[i];
        mean[i % 2] += tilt[i] / EXAMPLES;
    }
    for (int i = 0; i < 2 * EXAMPLES; i++)
        tilt[i] -= mean[i % 2];
    tarn_free(drawn);
}

/* Of the batch of this step; each epoch has an order of its own. */
static void mean_tilt(int step, double mean[2])
{
    static int order[EXAMPLES];
    const int batches = EXAMPLES / BATCH, begin = step % batches * BATCH;
    if (begin == 0) {
        tarn_seed(${seed}ull * 1000003 + (uint64_t)(step / batches));
        tarn_tensor *keys = tarn_rand(tarn_shape(EXAMPLES));
        for (int i = 0; i < EXAMPLES; i++) {
            int j = i;
            for (; j > 0 && tarn_values(keys)[order[j - 1]] > tarn_values(keys)[i]; j--)
                order[j] = order[j - 1];
            order[j] = i;
        }
        tarn_free(keys);
    }
    mean[0] = mean[1] = 0;
    for (int i = 0; i < BATCH; i++)
        for (int k = 0; k < 2; k++)
            mean[k] += tilt[2 * order[begin + i] + k] / BATCH;
}
`;

/** hiker: {optimizer, options: "lr=0.1"}; place: [x, y]; schedule "" for none; noise null, or {batch, noise, seed}. */
export function program({surface, hiker, place, schedule, total, steps, noise}) {
    const matrix = hiker.optimizer === 'muon';
    return `/* ${hiker.optimizer} on its way down: step, x, y, f before the step, as in the playground.
   cc -std=c11 descent.c $(pkg-config --cflags --libs tarn) -lm && ./a.out */
#include <stdio.h>

#include <tarn.h>

${surface}${noise ? noisy(noise) : ''}
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
${noise ? '    tilt_examples();\n' : ''}    for (int step = 0; step < ${steps}; step++) {
        tarn_tape *tape = tarn_tape_begin();

${matrix ? '        tarn_tensor *x = tarn_slice(w, 0, 0, 1), *y = tarn_slice(w, 0, 1, 2);\n' : ''}        tarn_tensor *f = surface(x, y);
        printf("%d %.9g %.9g %.9g\\n", step, (double)tarn_item(x), (double)tarn_item(y), (double)tarn_item(f));

        tarn_optim_zero_grad(optimizer);
${noise ? `        double tilted[2];
        mean_tilt(step, tilted);
        tarn_backward(tarn_add(f, tarn_add(tarn_scale(x, tilted[0]), tarn_scale(y, tilted[1]))));
` : '        tarn_backward(f);\n'}
${schedule ? `        tarn_optim_set_lr(optimizer, lr * tarn_schedule_by_name("${schedule}", step, ${total}));\n` : ''}        tarn_optim_step(optimizer);
        tarn_tape_end(tape);
    }
    tarn_optim_free(optimizer);
    return 0;
}
`;
}
