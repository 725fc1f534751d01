#include "tests/bench/heap.h"

#include <malloc.h>
#include <stdatomic.h>
#include <stdlib.h>

void *__real_malloc(size_t size);
void *__real_calloc(size_t count, size_t size);
void *__real_realloc(void *block, size_t size);
void *__real_aligned_alloc(size_t alignment, size_t size);
void __real_free(void *block);
void *__wrap_malloc(size_t size);
void *__wrap_calloc(size_t count, size_t size);
void *__wrap_realloc(void *block, size_t size);
void *__wrap_aligned_alloc(size_t alignment, size_t size);
void __wrap_free(void *block);

static atomic_long calls, live, peak;

static void *taken(void *block)
{
    const long bytes = block ? (long)malloc_usable_size(block) : 0;
    const long now = atomic_fetch_add(&live, bytes) + bytes;
    long most = peak;
    while (now > most && !atomic_compare_exchange_weak(&peak, &most, now))
        ;
    calls++;
    return block;
}

static void given_back(void *block)
{
    live -= block ? (long)malloc_usable_size(block) : 0;
}

void *__wrap_malloc(size_t size)
{
    return taken(__real_malloc(size));
}

void *__wrap_calloc(size_t count, size_t size)
{
    return taken(__real_calloc(count, size));
}

void *__wrap_realloc(void *block, size_t size)
{
    given_back(block);
    return taken(__real_realloc(block, size));
}

void *__wrap_aligned_alloc(size_t alignment, size_t size)
{
    return taken(__real_aligned_alloc(alignment, size));
}

void __wrap_free(void *block)
{
    given_back(block);
    __real_free(block);
}

long heap_calls(void)
{
    return calls;
}

long heap_live(void)
{
    return live;
}

long heap_peak(void)
{
    return peak;
}

void heap_restart_peak(void)
{
    atomic_store(&peak, live);
}
