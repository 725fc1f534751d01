/* How large the values of a network get, see nn/exchange/c_int8.h. */
#include <math.h>
#include <string.h>

#include "core/base/error.h"
#include "nn/exchange/c_int8.h"
#include "nn/module_internal.h"

typedef struct watch {
    const tarn__steps *s;
    float *ranges;
    int run; /* how many forwards have ended */
    bool same_way;
} watch;

static void widen(float *range, const tarn_tensor *tensor)
{
    const tarn_real *values = tarn_values((tarn_tensor *)tensor);
    for (int64_t i = 0; i < tarn_size(tensor); i++) {
        const float magnitude = (float)fabs((double)values[i]);
        if (!(magnitude <= *range)) /* NaN stays */
            *range = magnitude;
    }
}

static void note(void *context, const tarn_module *module, const tarn_tensor *input,
                 const tarn_tensor *output)
{
    watch *n = context;
    (void)input;
    if (n->run >= n->s->run_count || n->s->runs[n->run].module != module)
        n->same_way = false;
    else if (output)
        widen(&n->ranges[n->s->runs[n->run++].value], output);
}

static bool run(const tarn__steps *s, const char *who, tarn_tensor *x, float *ranges)
{
    watch n = {.s = s, .ranges = ranges, .same_way = true};
    if (x)
        widen(&ranges[0], x);
    if (!tarn__nn_look((tarn_module *)s->model, x, note, &n))
        return false;
    return n.same_way || tarn_set_error("%s: the network calls other modules for the samples of "
                                        ".calibration than for zeros",
                                        who);
}

bool tarn__ranges_of(const tarn__steps *s, const char *who, tarn_tensor *samples, float *ranges)
{
    enum { AT_ONCE = 100 };
    tarn_shape part = tarn_shape_get(samples), sample = s->shapes[0];
    const int64_t count = part.ndim > 0 ? part.dim[0] : 0;
    const bool fits = part.ndim == sample.ndim + 1 &&
                      memcmp(part.dim + 1, sample.dim, (size_t)sample.ndim * sizeof *part.dim) == 0;
    if (!fits || count < 1)
        return tarn_fail("%s: .calibration is %s, expects (count, ...) samples of %s", who,
                         tarn_shape_to_text(part).text, tarn_shape_to_text(sample).text);
    bool done = true;
    for (int64_t at = 0; done && at < count; at += AT_ONCE) {
        part.dim[0] = count - at < AT_ONCE ? count - at : AT_ONCE;
        tarn_tensor *x = tarn_from_array(part, tarn_values(samples) + at * tarn_shape_size(sample));
        done = x && run(s, who, x, ranges);
        tarn_free(x);
    }
    for (int v = 0; done && v < s->value_count; v++)
        if (!isfinite(ranges[v]))
            done = tarn_set_error("%s: the network gives NaN or infinities for the samples of "
                                  ".calibration",
                                  who);
    return done;
}
