/* Histograms of magnitudes: where a number belongs, what quantiles come out, and the effective
   rates of optimizers, which follow from their rules. */
#include "tests/optim/replay.h"

static tarn_optim_histogram histogram_of(int count, const double *numbers)
{
    tarn_optim_histogram h = {0};
    for (int i = 0; i < count; i++)
        tarn_optim_count(&h, numbers[i]);
    return h;
}

/* A number and its negative belong where the bin begins at or below the magnitude. */
Test(histogram, puts_numbers_into_their_bins)
{
    for (int i = 0; i < TARN_OPTIM_BINS; i++) {
        const double from = tarn_optim_bin(i), to = tarn_optim_bin(i + 1);
        const double numbers[] = {from * (1 + 1e-12), -(to * (1 - 1e-12)), (from + to) / 2};
        const tarn_optim_histogram h = histogram_of(3, numbers);
        cr_assert(h.count == 3 && h.zeros == 0 && h.odd == 0);
        cr_assert_eq(h.bins[i], 3, "bin %d", i);
    }
    cr_assert_eq(tarn_optim_bin(4 * 64), 1);
    const tarn_optim_histogram exact = histogram_of(1, (const double[]){0.125});
    cr_assert_eq(exact.bins[4 * 61], 1);
}

Test(histogram, counts_what_is_beyond_its_bins)
{
    const double numbers[] = {0, -0.0, 1e-300, 5e-324, 1e300, INFINITY, -INFINITY, NAN};
    const tarn_optim_histogram h = histogram_of(8, numbers);
    cr_assert(h.count == 8 && h.zeros == 2 && h.odd == 3);
    cr_assert(h.bins[0] == 2 && h.bins[TARN_OPTIM_BINS - 1] == 1);
}

Test(histogram, gives_quantiles)
{
    tarn_optim_histogram h = {0};
    for (int i = 1; i <= 100000; i++) /* evenly spread over the logarithms from 1e-6 to 1e-2 */
        tarn_optim_count(&h, pow(10, -6 + 4 * i / 100000.0));
    for (double part = 0; part <= 1; part += 0.125) {
        const double right = pow(10, -6 + 4 * part);
        const double allowed = part > 0 && part < 1 ? 0.01 : 0.2; /* a bin is 19% wide */
        cr_assert_float_eq(tarn_optim_quantile(&h, part), right, allowed * right);
    }
    const tarn_optim_histogram half = histogram_of(4, (const double[]){0, 0, 3, 3});
    cr_assert_eq(tarn_optim_quantile(&half, 0), 0);
    cr_assert_eq(tarn_optim_quantile(&half, 0.5), 0);
    cr_assert_float_eq(tarn_optim_quantile(&half, 0.75), 3, 0.6);
    cr_assert_float_eq(tarn_optim_quantile(&half, 1), 3, 0.6);
    const tarn_optim_histogram odd = histogram_of(3, (const double[]){NAN, 2, INFINITY});
    cr_assert_float_eq(tarn_optim_quantile(&odd, 0.5), 2, 0.4);
    const tarn_optim_histogram least = histogram_of(1, (const double[]){1e-300});
    cr_assert_float_eq(tarn_optim_quantile(&least, 0.5) / tarn_optim_bin(0), exp2(0.125), 1e-9);
}

Test(histogram, has_no_quantile_of_nothing)
{
    const tarn_optim_histogram empty = {0}, odd = histogram_of(1, (const double[]){NAN});
    cr_assert(isnan(tarn_optim_quantile(&empty, 0.5)));
    cr_assert(isnan(tarn_optim_quantile(&odd, 0.5)));
    cr_assert(isnan(tarn_optim_quantile(NULL, 0.5)));
    for (int i = 0; i < 3; i++)
        assert_mistake(!isnan(tarn_optim_quantile(&odd, (const double[]){-0.1, 1.1, NAN}[i])),
                       "optim_quantile: the part is");
}

/* ---- Of a step */

typedef struct seen {
    tarn_optim_histogram updates, rates;
    double cosine;
} seen;

static void look(const tarn_optim_change *changes, int count, void *context)
{
    seen *s = context;
    *s = (seen){.cosine = changes[0].cosine};
    for (int i = 0; i < count; i++) {
        tarn_optim_count_updates(&s->updates, &changes[i]);
        tarn_optim_count_rates(&s->rates, &changes[i]);
    }
}

/* All of a histogram's numbers are that one. */
static void assert_all(const tarn_optim_histogram *h, int64_t count, double number)
{
    tarn_optim_histogram one = {0};
    tarn_optim_count(&one, number);
    cr_assert_eq(h->count, count);
    for (int i = 0; i < TARN_OPTIM_BINS; i++)
        cr_assert_eq(h->bins[i], count * one.bins[i], "not all are %g: bin %d of %g", number, i,
                     tarn_optim_bin(i));
}

/* The rates of the second step, with gradients 2 and then 6, are those of the rules. */
static void assert_rate(tarn_optim *optimizer, tarn_tensor *w, double update, double rate)
{
    seen s = {0};
    cr_assert(tarn_optim_watch(optimizer, look, &s));
    step_with(optimizer, w, 2);
    step_with(optimizer, w, 6);
    assert_all(&s.updates, 3000, update);
    assert_all(&s.rates, 3000, rate);
    cr_assert_float_eq(s.cosine, 1, 1e-9);
    tarn_optim_free(optimizer);
}

Test(histogram, shows_the_rates_of_each_rule)
{
    tarn_tensor *w = new_param(3000, 0); /* two pieces */
    const tarn_params params = tarn_params_of(w);
    assert_rate(tarn_optim_sgd(params, .lr = 0.11), w, 0.66, 0.11);
    assert_rate(tarn_optim_sgd(params, .lr = 0.11, .momentum = 0.5), w, 0.77, 0.77 / 6);
    const double adagrad = 0.11 / sqrt(40); /* s = 4 + 36 */
    assert_rate(tarn_optim_adagrad(params, .lr = 0.11), w, 6 * adagrad, adagrad);
    const double m = (0.9 * 0.2 + 0.6) / 0.19, v = (0.999 * 0.004 + 0.036) / (1 - 0.999 * 0.999);
    assert_rate(tarn_optim_adam(params, .lr = 0.11), w, 0.11 * m / sqrt(v), 0.11 * m / sqrt(v) / 6);
    assert_rate(tarn_optim_lion(params, .lr = 0.11), w, 0.11, 0.11 / 6);
    tarn_free(w);
}

Test(histogram, leaves_out_what_took_no_part_or_has_no_gradient)
{
    tarn_tensor *w = new_param(4, 1), *frozen = new_param(2, 1);
    tarn_optim *optimizer = tarn_optim_sgd(tarn_params_of(w, frozen), .lr = 1);
    seen s = {0};
    cr_assert(tarn_optim_watch(optimizer, look, &s));
    set_gradient(w, 0.3);
    tarn_values(w)[1] = 0;
    tarn_gradients(w)[3] = 0;
    tarn_optim_step(optimizer);
    cr_assert(s.updates.count == 4 && s.updates.zeros == 1);
    cr_assert(s.rates.count == 3 && s.rates.zeros == 0 &&
              s.rates.bins[4 * 64] + s.rates.bins[4 * 64 - 1] == 3);
    tarn_optim_free(optimizer);
    tarn_free(w);
    tarn_free(frozen);
}
