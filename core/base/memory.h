/*
 * Memory for tapes: an arena hands out blocks one after the other and takes them all back at once.
 * Its memory outlives the tape, so that the next tape of the same size asks the system for nothing.
 *
 * With AddressSanitizer every block is a heap block of its own, so that a stale read is reported,
 * and a write behind its end ends the program when it is given back.
 */
#ifndef TARN_CORE_BASE_MEMORY_H
#define TARN_CORE_BASE_MEMORY_H

#include <stddef.h>

/* Kernels load whole vectors: so many bytes past the end of a block may be read, never written. */
#define TARN__SLACK 64
#define TARN__ALIGNMENT 64

typedef struct tarn__arena tarn__arena;

/* Takes a spare arena, or makes one; gives it back, all its blocks freed. NULL when out of memory.
 */
tarn__arena *tarn__arena_take(void);
void tarn__arena_give(tarn__arena *arena);

/* A block aligned to TARN__ALIGNMENT, contents unspecified, with slack behind it. NULL, with
   tarn_error() set, when out of memory. */
void *tarn__arena_alloc(tarn__arena *arena, size_t size);

/* Frees everything allocated since the mark, newest first. */
typedef struct tarn__arena_position {
    void *chunk;
    size_t used;
} tarn__arena_position;
tarn__arena_position tarn__arena_mark(const tarn__arena *arena);
void tarn__arena_release(tarn__arena *arena, tarn__arena_position mark);

/* The same kind of block from the heap. */
void *tarn__block_alloc(size_t size);
void tarn__block_free(void *block); /* or NULL */

/* How many bytes tarn__block_alloc() gives to this thread from now on, for objects whose size a
   file tells; beyond that it acts as if there were no more. SIZE_MAX, as at first: no limit.
   Returns whether more was asked for than the limit before allowed. */
_Bool tarn__block_limit(size_t bytes);

/* Whether an allocation on this thread failed since the last call of this function. */
_Bool tarn__memory_failed(void);

#endif
