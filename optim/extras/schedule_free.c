/*
 * Schedule-free descent (Defazio et al. 2024, "The road less scheduled"): in the place of a rate
 * that falls, an average x of the points z of descent at a constant rate. Gradients are taken at w,
 * most of the way from z to x.
 *
 *     sgd      d = g + weight_decay w
 *     adamw    v = beta2 v + (1 - beta2) g^2,  vhat = v / (1 - beta2^t)
 *              d = g / (sqrt(vhat) + eps) + weight_decay w
 *
 *     z -= lr d
 *     x += c (z - x)                     c = lr^2 / (sum of lr^2 up to now)
 *     w = beta x + (1 - beta) z          beta is the momentum, or beta1
 *
 * z and x are w at first. The weight of a point is the square of its rate (of the largest rate so
 * far, as the authors have it), so that those of a warm-up count little. Defaults lr 1 and momentum
 * 0.9; lr 2.5e-3, betas 0.9 and 0.999, eps 1e-8, as the authors' code. It keeps z alone and
 * computes x from w and z, which rounds; here x is kept too, so that tarn_optim_swap() is exact.
 */
#include "optim/extras/schedule_free.h"

#include <math.h>
#include <stdlib.h>

enum { SUM, LARGEST, NUMBERS };

static double *numbers_of(const tarn_optim *base, const tarn_optim_piece *piece)
{
    return tarn__param_numbers_of(&((const tarn__schedule_free *)base)->numbers, base,
                                  piece->param);
}

/* The weight of the present point. */
static double weight_of(const tarn_optim_piece *piece, const double *numbers)
{
    const double largest = fmax(piece->lr, numbers[LARGEST]);
    return largest * largest;
}

double tarn__schedule_free_begin(const tarn_optim *base, const tarn_optim_piece *piece)
{
    for (int64_t i = 0; piece->step == 1 && i < piece->count; i++)
        piece->state[0][i] = piece->state[1][i] = piece->weights[i];
    const double *numbers = numbers_of(base, piece), weight = weight_of(piece, numbers);
    const double sum = numbers[SUM] + weight;
    return sum > 0 ? weight / sum : 0;
}

void tarn__schedule_free_finish(tarn_optim *base, const tarn_optim_piece *whole)
{
    double *numbers = numbers_of(base, whole);
    numbers[SUM] += weight_of(whole, numbers);
    numbers[LARGEST] = fmax(whole->lr, numbers[LARGEST]);
}

double *tarn__schedule_free_numbers(tarn_optim *base, int *count)
{
    tarn__param_numbers *numbers = &((tarn__schedule_free *)base)->numbers;
    *count = (int)numbers->count;
    return numbers->numbers;
}

static int64_t number_count(const tarn_tensor *t)
{
    (void)t;
    return NUMBERS;
}

bool tarn__schedule_free_prepare(tarn_optim *base)
{
    return tarn__param_numbers_grow(&((tarn__schedule_free *)base)->numbers, base, number_count);
}

void tarn__schedule_free_free(tarn_optim *base)
{
    free(((tarn__schedule_free *)base)->numbers.numbers);
}
