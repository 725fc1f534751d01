#include "core/base/random.h"

#include <stdatomic.h>

#include "core/base/parallel.h"
#include "core/base/random_internal.h"
#include "core/internal.h"

/* Seed 0, hashed: tarn__random_from_seed(0), which a static initializer cannot call. */
static _Atomic uint64_t generator = 0xE220A8397B1DCDAFu;

/* What this thread draws from instead, if not NULL. */
static _Thread_local tarn__random_stream *own;

uint64_t tarn__random_from_seed(uint64_t seed)
{
    return tarn__random_at(seed, 0);
}

void tarn_seed(uint64_t seed)
{
    tarn_set_random_state(tarn__random_from_seed(seed));
}

uint64_t tarn_random_state(void)
{
    return own ? own->now : atomic_load(&generator);
}

void tarn_set_random_state(uint64_t state)
{
    if (own)
        own->now = state;
    else
        atomic_store(&generator, state);
}

/* Moves the generator on. Returns where it stood. */
static uint64_t advance(uint64_t by)
{
    if (!own)
        return atomic_fetch_add(&generator, by);
    uint64_t before = own->now;
    own->now += by;
    return before;
}

uint64_t tarn__random_reserve(int64_t count)
{
    return advance((uint64_t)count * TARN__RANDOM_STEP);
}

void tarn__random_enter(tarn__random_stream *stream, uint64_t state)
{
    *stream = (tarn__random_stream){state, state, own};
    own = stream;
}

void tarn__random_leave(bool drawn)
{
    const tarn__random_stream *stream = own;
    own = stream->outer;
    if (drawn)
        advance(stream->now - stream->first);
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
