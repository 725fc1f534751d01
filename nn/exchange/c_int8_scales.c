/*
 * The scales of values in int8: which real numbers the whole numbers from -128 to 127 stand for.
 *
 * A value is cut where the mean squared error is least, of those that are cut and of those that are
 * rounded: a few large numbers would cost all others precision. It is found on a histogram of what
 * the samples of the calibration make.
 */
#include <math.h>
#include <stdlib.h>

#include "core/base/error.h"
#include "nn/exchange/c_int8.h"
#include "nn/layer.h"

static const char me[] = "nn_export_c";
enum { BINS = 1024, RANGE = TARN__INT8_LARGEST - TARN__INT8_LOWEST };

/* What the samples make of a value, from its least to its largest number. Zeros are left out, since
   0 stays 0 whatever the scale. */
typedef struct histogram {
    double least, largest;
    float bins[BINS];
} histogram;

typedef struct counting {
    const tarn__stats *stats;
    histogram *histograms;
} counting;

static void count_value(void *context, int value, const tarn_tensor *tensor)
{
    const counting *all = context;
    const tarn__stats *stats = &all->stats[value];
    histogram *h = &all->histograms[value];
    const tarn_real *values = tarn_values((tarn_tensor *)tensor);
    for (int64_t i = 0; i < tarn_size(tensor) && h->largest > h->least; i++) {
        const double number = (double)values[i] / stats->divisor[i % stats->channels];
        const double bin = (number - h->least) / (h->largest - h->least) * BINS;
        if (number != 0)
            h->bins[(int)fmax(0, fmin(BINS - 1, bin))]++;
    }
}

/* The squared error of all numbers if the range is so much smaller. */
static double error_of(const histogram *h, double part)
{
    const double least = part * h->least, largest = part * h->largest;
    const double step = (largest - least) / RANGE, width = (h->largest - h->least) / BINS;
    double error = 0;
    for (int i = 0; i < BINS; i++) {
        const double number = h->least + (i + 0.5) * width;
        const double cut = number < least     ? least - number
                           : number > largest ? number - largest
                                              : 0;
        error += (double)h->bins[i] * (cut * cut + step * step / 12);
    }
    return error;
}

static tarn__scale scale_of(const histogram *h)
{
    enum { TRIED = 90 };
    double best = 1, least = error_of(h, 1);
    for (int i = 1; i < TRIED; i++) {
        const double part = 1 - i / 100.0, error = error_of(h, part);
        if (error < least) {
            best = part;
            least = error;
        }
    }
    const double step = best * (h->largest - h->least) / RANGE;
    if (!(step > 1e-30)) /* nothing but zeros, or near to them */
        return (tarn__scale){1, 0};
    return (tarn__scale){(float)step,
                         (int)lround(TARN__INT8_LOWEST - best * h->least / (double)(float)step)};
}

/* What moves or chooses numbers, and leaves them what they are. */
static bool keeps_scale(const tarn__step *step)
{
    const tarn_module_type *type = step->module->type;
    return type == &tarn__nn_relu || type == &tarn__nn_max_pool2d;
}

/* Such a step has one scale for both its values: the output's if nothing else reads its input,
   which may then be cut to what is left of it. */
static bool choose_scales(tarn__c_writer *w, const histogram *histograms)
{
    const tarn__steps *s = &w->steps;
    int *as = malloc((size_t)s->value_count * sizeof *as);
    if (!as)
        return tarn_set_error("%s: out of memory for the scales of values", me);
    for (int v = 0; v < s->value_count; v++)
        as[v] = v;
    for (int i = 0; i < w->last; i++) {
        const tarn__step *step = &s->steps[i];
        if (!keeps_scale(step))
            continue;
        const bool alone =
            tarn__steps_readers(s, step->input) == 1 && as[step->input] == step->input;
        as[alone ? step->input : step->output] = alone ? step->output : step->input;
    }
    for (int v = 0; v < s->value_count; v++) {
        int root = v;
        while (as[root] != root)
            root = as[root];
        w->scales[v] = scale_of(&histograms[root]);
    }
    free(as);
    return true;
}

static bool find_scales(tarn__c_writer *w)
{
    const tarn__steps *s = &w->steps;
    counting all = {w->stats, calloc((size_t)s->value_count, sizeof *all.histograms)};
    w->scales = calloc((size_t)s->value_count, sizeof *w->scales);
    if (!all.histograms || !w->scales) {
        free(all.histograms);
        return tarn_set_error("%s: out of memory for the scales of values", me);
    }
    for (int v = 0; v < s->value_count; v++)
        for (int64_t c = 0; c < w->stats[v].channels; c++) {
            all.histograms[v].least = fmin(all.histograms[v].least, w->stats[v].least[c]);
            all.histograms[v].largest = fmax(all.histograms[v].largest, w->stats[v].largest[c]);
        }
    const bool done = tarn__calibrate(s, me, w->args->calibration, count_value, &all) &&
                      choose_scales(w, all.histograms);
    free(all.histograms);
    return done;
}

bool tarn__c_int8_has_weights(const tarn__step *step)
{
    const tarn_module_type *type = step->module->type;
    return type == &tarn__nn_conv2d || type == &tarn__nn_linear || type == &tarn__nn_batch_norm2d;
}

bool tarn__c_int8_begin(tarn__c_writer *w)
{
    tarn__steps *s = &w->steps;
    w->last = -1;
    for (int i = 0; i < s->count; i++)
        if (tarn__c_int8_has_weights(&s->steps[i]))
            w->last = i;
    if (w->last < 0)
        return tarn_set_error("%s: the network has no convolution or linear layer that int8 would "
                              "be for",
                              me);
    w->stats = tarn__stats_of(s, me, w->args->calibration);
    return w->stats && tarn__equalize(s, me, w->stats) && find_scales(w);
}

void tarn__c_int8_end(tarn__c_writer *w)
{
    tarn__stats_free(w->stats, w->steps.value_count);
    free(w->scales);
}
