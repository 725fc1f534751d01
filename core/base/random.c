#include "core/base/random.h"

#include "core/base/parallel.h"
#include "core/base/random_internal.h"
#include "core/op_internal.h"

/* Seed 0, hashed: tarn__random_from_seed(0), which a static initializer cannot call. */
static _Thread_local uint64_t generator = 0xE220A8397B1DCDAFu;

uint64_t tarn__random_from_seed(uint64_t seed)
{
    return tarn__random_at(seed, 0);
}

void tarn_seed(uint64_t seed)
{
    generator = tarn__random_from_seed(seed);
}

uint64_t tarn_random_state(void)
{
    return generator;
}

void tarn_set_random_state(uint64_t state)
{
    generator = state;
}

uint64_t tarn__random_reserve(int64_t count)
{
    uint64_t before = generator;
    generator += (uint64_t)count * TARN__RANDOM_STEP;
    return before;
}

tarn_tensor *tarn_rand(tarn_shape shape)
{
    tarn_tensor *t = tarn_zeros(shape);
    if (!t)
        return NULL;
    uint64_t state = tarn__random_reserve(t->size);
    TARN__EACH (i, t->size)
        t->values[i] = tarn__random_uniform(tarn__random_at(state, i));
    return t;
}

tarn_tensor *tarn_randn(tarn_shape shape)
{
    tarn_tensor *t = tarn_zeros(shape);
    if (!t)
        return NULL;
    uint64_t state = tarn__random_reserve(2 * t->size);
    TARN__EACH (i, t->size)
        t->values[i] = (tarn_real)tarn__random_normal(state, i);
    return t;
}
