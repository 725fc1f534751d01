#include "core/base/random.h"

#include <stdatomic.h>
#include <stdbool.h>

#include "core/base/random_internal.h"

/* Where the program's first generator stands, for those that start from it. Seed 0, hashed:
   tarn__random_from_seed(0), which a static initializer cannot call. */
static _Atomic uint64_t first_generator = 0xE220A8397B1DCDAFu;
static atomic_flag has_first = ATOMIC_FLAG_INIT;

/* This thread's. */
static _Thread_local uint64_t generator;
static _Thread_local bool begun, is_first;

static uint64_t get(void)
{
    if (!begun) {
        begun = true;
        is_first = !atomic_flag_test_and_set(&has_first);
        generator = atomic_load(&first_generator);
    }
    return generator;
}

static void set(uint64_t state)
{
    get();
    generator = state;
    if (is_first)
        atomic_store(&first_generator, state);
}

uint64_t tarn__random_from_seed(uint64_t seed)
{
    return tarn__random_at(seed, 0);
}

void tarn_seed(uint64_t seed)
{
    set(tarn__random_from_seed(seed));
}

uint64_t tarn_random_state(void)
{
    return get();
}

void tarn_set_random_state(uint64_t state)
{
    set(state);
}

uint64_t tarn__random_reserve(int64_t count)
{
    const uint64_t before = get();
    set(before + (uint64_t)count * TARN__RANDOM_STEP);
    return before;
}
