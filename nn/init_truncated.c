/* Normal numbers without the tails, see nn/init.h: each is drawn again while it is beyond two
   deviations, as one of 22 is. */
#include <math.h>

#include "core/base/error.h"
#include "core/base/pool.h"
#include "core/base/random_internal.h"
#include "core/tensor_internal.h"
#include "nn/init.h"

/* So many draws for each at most, of its own, so that threads do not show; all of them fail once in
   10^21. */
enum { DRAWS = 16 };

typedef struct drawing {
    uint64_t state;
    int64_t size;
    double deviation;
    tarn_real *to;
} drawing;

static void draw(const void *context, int64_t first, int64_t end)
{
    const drawing *d = context;
    for (int64_t i = first; i < end; i++) {
        double x = 3;
        for (int k = 0; fabs(x) > 2 && k < DRAWS; k++)
            x = tarn__random_normal(d->state, i + k * d->size);
        d->to[i] = (tarn_real)(d->deviation * fmax(-2, fmin(2, x)));
    }
}

bool tarn_init_truncated_normal(tarn_tensor *t, double deviation)
{
    if (!tarn_values(t))
        return false;
    if (!(deviation >= 0 && deviation < INFINITY))
        return tarn_fail("init_truncated_normal: deviation is %g, expects a finite number, not "
                         "below 0",
                         deviation);
    const uint64_t state = tarn__random_reserve(2 * DRAWS * t->size);
    tarn__share(t->size, t->size, draw, &(drawing){state, t->size, deviation, t->values});
    return true;
}
