#define _DEFAULT_SOURCE /* madvise() */

#include "core/base/memory.h"

#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "core/base/error.h"

#if defined(__SANITIZE_ADDRESS__)
#define ONE_BLOCK_A_CHUNK 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define ONE_BLOCK_A_CHUNK 1
#endif
#endif
#ifndef ONE_BLOCK_A_CHUNK
#define ONE_BLOCK_A_CHUNK 0
#endif

enum { SMALLEST_CHUNK = 64 * 1024, GUARD = 0xA5 };

/* The header takes one alignment unit, so that the bytes behind it are aligned. */
typedef struct chunk {
    struct chunk *below;
    size_t capacity, used;
} chunk;

struct tarn__arena {
    chunk *top;          /* the newest chunk, from which blocks are cut */
    size_t in_use, peak; /* bytes handed out, now and at most, by the present owner */
    tarn__arena *next_spare;
};

static pthread_mutex_t spare_lock = PTHREAD_MUTEX_INITIALIZER;
static tarn__arena *spares;

static _Thread_local bool failed;

/* The bytes that a block of that size takes; 0 if that overflows. */
static size_t padded(size_t size)
{
    if (size > SIZE_MAX / 2 - TARN__SLACK - TARN__ALIGNMENT)
        return 0;
    return (size + TARN__SLACK + TARN__ALIGNMENT - 1) / TARN__ALIGNMENT * TARN__ALIGNMENT;
}

static _Thread_local size_t limit = SIZE_MAX;
static _Thread_local bool limit_exceeded;

bool tarn__block_limit(size_t bytes)
{
    const bool exceeded = limit_exceeded;
    limit = bytes;
    limit_exceeded = false;
    return exceeded;
}

/* Takes the bytes off the limit, if there is one. */
static bool is_within_limit(size_t bytes)
{
    limit_exceeded |= bytes > limit;
    if (bytes > limit)
        return false;
    limit -= limit == SIZE_MAX ? 0 : bytes;
    return true;
}

/* Asks the system for huge pages where whole ones lie in the block; if there are none it is slower,
   no more. With pages of 4 KB, a step of a network walks through more of them than the processor
   keeps addresses of. */
static void ask_for_huge_pages(void *block, size_t bytes)
{
#ifdef MADV_HUGEPAGE
    const uintptr_t page = 2 << 20, first = ((uintptr_t)block + page - 1) / page * page;
    const uintptr_t end = ((uintptr_t)block + bytes) / page * page;
    if (!ONE_BLOCK_A_CHUNK && first < end)
        madvise((void *)first, end - first, MADV_HUGEPAGE);
#else
    (void)block, (void)bytes;
#endif
}

/* With AddressSanitizer the size lies before a block, in an alignment unit of its own. The slack is
   the program's memory, so that no harm is seen in a write to it. */
enum { FRONT = ONE_BLOCK_A_CHUNK ? TARN__ALIGNMENT : 0 };

static void set_guard(char *block, size_t size)
{
    memcpy(block - FRONT, &size, sizeof size);
    memset(block + size, GUARD, padded(size) - size);
}

static void check_guard(const char *block)
{
    size_t size;
    memcpy(&size, block - FRONT, sizeof size);
    for (size_t i = size; i < padded(size); i++)
        if ((unsigned char)block[i] != GUARD) {
            fprintf(stderr, "memory: byte %zu of a block of %zu bytes was written\n", i, size);
            abort();
        }
}

void *tarn__block_alloc(size_t size)
{
    const size_t bytes = padded(size);
    char *memory =
        bytes && is_within_limit(size) ? aligned_alloc(TARN__ALIGNMENT, FRONT + bytes) : NULL;
    if (!memory) {
        tarn_set_error("out of memory: %zu bytes asked for", size);
        failed = true;
        return NULL;
    }
    ask_for_huge_pages(memory, bytes);
    if (ONE_BLOCK_A_CHUNK)
        set_guard(memory + FRONT, size);
    return memory + FRONT;
}

void tarn__block_free(void *block)
{
    if (ONE_BLOCK_A_CHUNK && block)
        check_guard(block);
    free(block ? (char *)block - FRONT : NULL);
}

static char *chunk_data(chunk *c)
{
    return (char *)c + TARN__ALIGNMENT;
}

static bool push_chunk(tarn__arena *arena, size_t capacity, size_t size)
{
    chunk *c = tarn__block_alloc(TARN__ALIGNMENT + (ONE_BLOCK_A_CHUNK ? size : capacity));
    if (!c)
        return false;
    *c = (chunk){.below = arena->top, .capacity = capacity};
    arena->top = c;
    return true;
}

static void pop_chunk(tarn__arena *arena)
{
    chunk *below = arena->top->below;
    tarn__block_free(arena->top);
    arena->top = below;
}

tarn__arena *tarn__arena_take(void)
{
    pthread_mutex_lock(&spare_lock);
    tarn__arena *arena = spares;
    if (arena)
        spares = arena->next_spare;
    pthread_mutex_unlock(&spare_lock);
    if (!arena)
        arena = calloc(1, sizeof *arena);
    if (!arena)
        tarn_set_error("out of memory: a tape needs %zu bytes", sizeof *arena);
    return arena;
}

void tarn__arena_give(tarn__arena *arena)
{
    /* If one chunk was not enough, the next owner gets one that would have been. */
    bool outgrown = arena->top && (arena->top->below || arena->peak > arena->top->capacity);
    if (ONE_BLOCK_A_CHUNK || outgrown) {
        while (arena->top)
            pop_chunk(arena);
        if (!ONE_BLOCK_A_CHUNK)
            push_chunk(arena, arena->peak, 0);
    }
    if (arena->top)
        arena->top->used = 0;
    arena->in_use = arena->peak = 0;

    pthread_mutex_lock(&spare_lock);
    arena->next_spare = spares;
    spares = arena;
    pthread_mutex_unlock(&spare_lock);
}

void *tarn__arena_alloc(tarn__arena *arena, size_t size)
{
    size_t bytes = padded(size);
    chunk *top = arena->top;
    if (ONE_BLOCK_A_CHUNK || !top || !bytes || bytes > top->capacity - top->used) {
        size_t capacity = bytes;
        if (!ONE_BLOCK_A_CHUNK && bytes < SMALLEST_CHUNK)
            capacity = SMALLEST_CHUNK;
        if (!ONE_BLOCK_A_CHUNK && capacity < arena->in_use)
            capacity = arena->in_use;
        /* Half of all memory: fails, with a report, whatever the size was that overflowed. */
        if (!push_chunk(arena, bytes ? capacity : SIZE_MAX / 2, bytes ? size : SIZE_MAX / 2))
            return NULL;
        top = arena->top;
    }
    void *block = chunk_data(top) + top->used;
    top->used += bytes;
    arena->in_use += bytes;
    if (arena->in_use > arena->peak)
        arena->peak = arena->in_use;
    return block;
}

bool tarn__memory_failed(void)
{
    bool since_last_call = failed;
    failed = false;
    return since_last_call;
}

tarn__arena_position tarn__arena_mark(const tarn__arena *arena)
{
    return (tarn__arena_position){arena->top, arena->top ? arena->top->used : 0};
}

void tarn__arena_release(tarn__arena *arena, tarn__arena_position mark)
{
    while (arena->top && arena->top != mark.chunk) {
        arena->in_use -= arena->top->used;
        pop_chunk(arena);
    }
    if (arena->top) {
        arena->in_use -= arena->top->used - mark.used;
        arena->top->used = mark.used;
    }
}

static void lock_spares(void)
{
    pthread_mutex_lock(&spare_lock);
}

static void unlock_spares(void)
{
    pthread_mutex_unlock(&spare_lock);
}

/* A child has one thread of the parent's, none that would give the lock back. */
__attribute__((constructor)) static void look_after_forks(void)
{
    pthread_atfork(lock_spares, unlock_spares, unlock_spares);
}

/* So that leak checkers find nothing in use at exit. */
__attribute__((destructor)) static void free_spares(void)
{
    while (spares) {
        tarn__arena *arena = spares;
        spares = arena->next_spare;
        while (arena->top)
            pop_chunk(arena);
        free(arena);
    }
}
