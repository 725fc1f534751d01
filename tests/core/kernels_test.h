/* What the tests of the kernels share: arrays between guards, and a workspace full of NaN. */
#ifndef TARN_TESTS_CORE_KERNELS_TEST_H
#define TARN_TESTS_CORE_KERNELS_TEST_H

#include "core/base/memory.h"
#include "core/base/random_internal.h"
#include "core/base/threads.h"
#include "core/kernels/kernels.h"
#include "core/ops.h"
#include <criterion/criterion.h>
#include <math.h>
#include <stdlib.h>

/* ---- Arrays between guards. What lies behind an input is NaN, which shows if a result depends on
   it; what lies around an output must not change. */

enum { GUARD = 64 };

typedef struct array {
    int64_t size;
    tarn_real *values;
} array;

static uint64_t state;

/* From first to last, in no apparent order. */
static inline int64_t choose(int64_t first, int64_t last)
{
    return first + (int64_t)(tarn__random_at(state++, 0) % (uint64_t)(last - first + 1));
}

static inline bool is_guard(tarn_real value)
{
    return value != value;
}

static inline array new_array(int64_t size)
{
    tarn_real *block = tarn__block_alloc((size_t)(size + 2 * GUARD) * sizeof *block);
    cr_assert(block);
    for (int64_t i = 0; i < size + 2 * GUARD; i++)
        block[i] = (tarn_real)NAN;
    return (array){size, block + GUARD};
}

static inline void free_array(array a)
{
    tarn__block_free(a.values - GUARD);
}

/* Small integers: all products and sums of them are exact, in whichever order they are taken. */
static inline array integers(int64_t size)
{
    array a = new_array(size);
    for (int64_t i = 0; i < size; i++)
        a.values[i] = (tarn_real)choose(-4, 4);
    return a;
}

static inline array fractions(int64_t size)
{
    array a = new_array(size);
    for (int64_t i = 0; i < size; i++)
        a.values[i] = (tarn_real)choose(-1000000, 1000000) / 999983;
    return a;
}

static inline array copy(array from)
{
    array a = new_array(from.size);
    memcpy(a.values, from.values, (size_t)from.size * sizeof *a.values);
    return a;
}

static inline bool guards_hold(array a)
{
    for (int64_t i = 0; i < GUARD; i++)
        if (!is_guard(a.values[-1 - i]) || !is_guard(a.values[a.size + i]))
            return false;
    return true;
}

static inline bool same(array a, array b)
{
    return memcmp(a.values, b.values, (size_t)a.size * sizeof *a.values) == 0;
}

/* The largest difference, relative to the largest element; NaN if there is one. */
static inline double difference(array a, array b)
{
    double largest = 1e-30, apart = 0;
    for (int64_t i = 0; i < a.size; i++) {
        double size = fabs((double)b.values[i]);
        double distance = fabs((double)a.values[i] - (double)b.values[i]);
        if (size > largest)
            largest = size;
        if (distance > apart || isnan(distance))
            apart = distance;
    }
    return apart / largest;
}

#ifdef TARN_DOUBLE
static const double tolerance = 1e-12;
#else
static const double tolerance = 1e-5;
#endif

/* A workspace full of NaN, with a guard behind it. */
typedef struct workspace {
    size_t size;
    unsigned char *bytes;
} workspace;

enum { GUARD_BYTES = 8192, PATTERN = 0xFF };

static inline workspace new_workspace(size_t size)
{
    workspace w = {size, tarn__block_alloc(size + GUARD_BYTES)};
    cr_assert(w.bytes);
    memset(w.bytes, PATTERN, size + GUARD_BYTES);
    return w;
}

/* Frees it. False if something was written behind it. */
static inline bool close_workspace(workspace w)
{
    bool whole = true;
    for (size_t i = 0; i < GUARD_BYTES; i++)
        whole &= w.bytes[w.size + i] == PATTERN;
    tarn__block_free(w.bytes);
    return whole;
}

#define EACH_SET(set) for (const tarn__kernels *const *set = tarn__kernels_available(); *set; set++)

#endif
