/* Chooses the kernels at the first use. */
#include "core/kernels/kernels.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/error.h"
#include "core/kernels/amx.h"
#include "core/kernels/pairs.h"

extern const tarn__kernels tarn__kernels_naive, tarn__kernels_baseline;
#ifdef TARN_HAS_AVX
extern const tarn__kernels tarn__kernels_avx2, tarn__kernels_avx512;
#endif
#ifdef TARN_HAS_PAIRS
static tarn__kernels of_pairs; /* avx512, and pairs */
#endif

static const tarn__kernels *available[6] = {&tarn__kernels_naive, &tarn__kernels_baseline};

static void look(void)
{
#ifdef TARN_HAS_AVX
    int count = 2;
    __builtin_cpu_init();
    if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma"))
        available[count++] = &tarn__kernels_avx2;
    if (__builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512vl") &&
        __builtin_cpu_supports("avx512dq"))
        available[count++] = &tarn__kernels_avx512;
#ifdef TARN_HAS_PAIRS
    if (available[count - 1] != &tarn__kernels_avx512 || !__builtin_cpu_supports("avx512bf16"))
        return;
    /* Without AMX Intel's multiply pairs at a quarter of the rate of numbers, AMD's at the same. */
    of_pairs = tarn__kernels_avx512;
    of_pairs.pairs_by_amx = tarn__amx_begin();
    of_pairs.name = of_pairs.pairs_by_amx ? "amx" : __builtin_cpu_is("amd") ? "avx512bf16" : NULL;
    of_pairs.round = tarn__round_by_instruction;
    of_pairs.pack_pairs = tarn__pack_pairs;
    if (of_pairs.name)
        available[count] = &of_pairs;
#endif
#endif
}

const tarn__kernels *const *tarn__kernels_available(void)
{
    static pthread_once_t once = PTHREAD_ONCE_INIT;
    pthread_once(&once, look);
    return available;
}

/* The set that TARN_SIMD names, or without it the last. */
static const tarn__kernels *choose(void)
{
    const char *wanted = getenv("TARN_SIMD");
    const tarn__kernels *const *sets = tarn__kernels_available();
    int last = 0;
    for (int i = 0; sets[i]; last = i++)
        if (wanted && strcmp(wanted, sets[i]->name) == 0)
            return sets[i];
    if (wanted && *wanted)
        tarn_fail("TARN_SIMD: there are no kernels for \"%s\" here; the best there are: %s", wanted,
                  sets[last]->name);
    return sets[last];
}

const tarn__kernels *tarn__kernels_in_use(void)
{
    static _Atomic(const tarn__kernels *) in_use;
    const tarn__kernels *set = atomic_load(&in_use);
    if (!set) {
        set = choose();
        atomic_store(&in_use, set);
    }
    return set;
}
