/*
 * Dropout. The draws of a block of elements are made first and then used: both loops are plain, and
 * the compiler turns each into vectors.
 */
#include "core/base/random_internal.h"
#include "core/kernels/isa.h"

enum { PAIRS = 128 };

void ISA(dropout)(const tarn__dropout *d, int64_t n, const tarn_real *x, tarn__target y)
{
    /* Little-endian: the lower half of a pair belongs to the even element. */
    union {
        uint64_t pairs[PAIRS];
        uint32_t draws[2 * PAIRS];
    } random;
    const tarn_real factor = d->factor;
    const uint32_t threshold = d->threshold;
    for (int64_t first = 0; first < n; first += 2 * PAIRS) {
        const int64_t count = smaller(n - first, 2 * PAIRS);
        for (int64_t i = 0; i < PAIRS; i++)
            random.pairs[i] = tarn__random_at(d->random, first / 2 + i);
        for (int64_t i = 0; i < count; i++) {
            tarn_real passed = x[first + i] * (random.draws[i] >= threshold ? factor : 0);
            y.values[first + i] = y.add ? y.values[first + i] + passed : passed;
        }
    }
}
