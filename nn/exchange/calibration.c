#include "nn/exchange/calibration.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/error.h"
#include "nn/look.h"
#include "nn/module_internal.h"

/* ---- The runs */

typedef struct watch {
    const tarn__steps *s;
    tarn__see_value *see;
    void *context;
    int run; /* how many forwards have ended */
    bool same_way, finite;
} watch;

static void show(watch *n, int value, const tarn_tensor *tensor)
{
    const tarn_real *values = tarn_values((tarn_tensor *)tensor);
    for (int64_t i = 0; i < tarn_size(tensor); i++)
        n->finite = n->finite && isfinite((float)values[i]);
    if (n->finite)
        n->see(n->context, value, tensor);
}

static void note(void *context, const tarn_module *module, const tarn_tensor *input,
                 const tarn_tensor *output)
{
    watch *n = context;
    (void)input;
    if (n->run >= n->s->run_count || n->s->runs[n->run].module != module)
        n->same_way = false;
    else if (output)
        show(n, n->s->runs[n->run++].value, output);
}

static bool run(watch *n, const char *who, tarn_tensor *x)
{
    n->run = 0;
    if (!x)
        return false;
    show(n, 0, x);
    if (!tarn__nn_look((tarn_module *)n->s->model, x, note, n))
        return false;
    if (!n->finite)
        return tarn_set_error("%s: the network gives NaN or infinities for the samples of "
                              ".calibration",
                              who);
    return n->same_way || tarn_set_error("%s: the network calls other modules for the samples of "
                                         ".calibration than for zeros",
                                         who);
}

bool tarn__calibrate(const tarn__steps *s, const char *who, tarn_tensor *samples,
                     tarn__see_value *see, void *context)
{
    enum { AT_ONCE = 100 };
    tarn_shape part = tarn_shape_get(samples), sample = s->shapes[0];
    const int64_t count = part.ndim > 0 ? part.dim[0] : 0;
    const bool fits = part.ndim == sample.ndim + 1 &&
                      memcmp(part.dim + 1, sample.dim, (size_t)sample.ndim * sizeof *part.dim) == 0;
    if (!fits || count < 1)
        return tarn_fail("%s: .calibration is %s, expects (count, ...) samples of %s", who,
                         tarn_shape_to_text(part).text, tarn_shape_to_text(sample).text);
    watch n = {.s = s, .see = see, .context = context, .same_way = true, .finite = true};
    bool done = true;
    for (int64_t at = 0; done && at < count; at += AT_ONCE) {
        part.dim[0] = count - at < AT_ONCE ? count - at : AT_ONCE;
        tarn_tensor *x = tarn_from_array(part, tarn_values(samples) + at * tarn_shape_size(sample));
        done = run(&n, who, x);
        tarn_free(x);
    }
    return done;
}

/* ---- The statistics */

void tarn__stats_free(tarn__stats *stats, int count)
{
    for (int v = 0; stats && v < count; v++)
        free(stats[v].mean);
    free(stats);
}

/* All numbers of a value are in the block of its means. */
static bool make_stats(const tarn__steps *s, int value, tarn__stats *of)
{
    const tarn_shape shape = s->shapes[value];
    of->size = tarn_shape_size(shape);
    of->channels = shape.ndim > 0 ? shape.dim[shape.ndim - 1] : 1;
    of->mean = calloc((size_t)(of->size + 3 * of->channels) + 1, sizeof *of->mean);
    if (!of->mean)
        return false;
    of->least = of->mean + of->size;
    of->largest = of->least + of->channels;
    of->divisor = of->largest + of->channels;
    for (int64_t c = 0; c < of->channels; c++)
        of->divisor[c] = 1;
    return true;
}

typedef struct sums {
    tarn__stats *stats;
    int64_t *counts; /* how many samples of each value were seen */
} sums;

/* The means are sums until all is seen. */
static void add_value(void *context, int value, const tarn_tensor *tensor)
{
    const sums *all = context;
    tarn__stats *of = &all->stats[value];
    const tarn_real *values = tarn_values((tarn_tensor *)tensor);
    for (int64_t i = 0; i < tarn_size(tensor); i++) {
        const double number = (double)values[i];
        const int64_t c = i % of->channels;
        of->mean[i % of->size] += number;
        of->least[c] = fmin(of->least[c], number);
        of->largest[c] = fmax(of->largest[c], number);
    }
    all->counts[value] += of->size > 0 ? tarn_size(tensor) / of->size : 0;
}

static bool collect(const tarn__steps *s, const char *who, tarn_tensor *samples, sums *all)
{
    bool room = all->stats && all->counts;
    for (int v = 0; room && v < s->value_count; v++)
        room = make_stats(s, v, &all->stats[v]);
    if (!room)
        return tarn_set_error("%s: out of memory for the statistics of values", who);
    if (!tarn__calibrate(s, who, samples, add_value, all))
        return false;
    for (int v = 0; v < s->value_count; v++)
        for (int64_t i = 0; i < all->stats[v].size && all->counts[v] > 0; i++)
            all->stats[v].mean[i] /= (double)all->counts[v];
    return true;
}

tarn__stats *tarn__stats_of(const tarn__steps *s, const char *who, tarn_tensor *samples)
{
    const size_t count = (size_t)s->value_count;
    sums all = {calloc(count, sizeof *all.stats), calloc(count, sizeof *all.counts)};
    if (!collect(s, who, samples, &all)) {
        tarn__stats_free(all.stats, s->value_count);
        all.stats = NULL;
    }
    free(all.counts);
    return all.stats;
}
