/*
 * Watches the heap of the test program that includes it: the functions of the C library, with
 * counters before them, and lets a call fail. To be included by one file of a program. Where it is
 * not watched (another C library, a sanitizer, which has a heap of its own, a debug build, which
 * holds blocks back) TARN_TESTS_HEAP_IS_WATCHED is not defined.
 */
#ifndef TARN_TESTS_SUPPORT_HEAP_H
#define TARN_TESTS_SUPPORT_HEAP_H

#include <errno.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#if defined __SANITIZE_ADDRESS__ || defined __SANITIZE_THREAD__
#define TARN_TESTS_SANITIZED 1
#elif defined __has_feature
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
#define TARN_TESTS_SANITIZED 1
#endif
#endif

#if defined __GLIBC__ && !defined TARN_TESTS_SANITIZED && !defined TARN_DEBUG
#define TARN_TESTS_HEAP_IS_WATCHED 1

#include <malloc.h>

static atomic_long heap_calls;           /* that asked for memory */
static atomic_long heap_live, heap_peak; /* bytes in use, now and at most */

/* How many calls of this thread succeed before one fails; negative: all do. */
static _Thread_local long heap_calls_left = -1;

void *__libc_malloc(size_t size);
void *__libc_calloc(size_t count, size_t size);
void *__libc_realloc(void *block, size_t size);
void *__libc_memalign(size_t alignment, size_t size);
void __libc_free(void *block);

/* Where code stands, as dladdr() tells it. */
typedef struct heap_place {
    const char *file;
    void *base;
    const char *symbol;
    void *address;
} heap_place;
int heap_place_of(const void *code, heap_place *place) __asm__("dladdr");

/* Whether clang's OpenMP asks, which takes memory when a region begins, and ends the program
   without: its calls neither count nor fail. */
static bool heap_asked_by_openmp(const void *caller)
{
    heap_place place;
    return heap_place_of(caller, &place) && place.file && strstr(place.file, "libomp");
}

static bool heap_fails(const void *caller)
{
    if (heap_calls_left < 0 || heap_asked_by_openmp(caller))
        return false;
    const bool fails = heap_calls_left-- == 0;
    if (fails)
        errno = ENOMEM;
    return fails;
}

static void *heap_taken(void *block)
{
    const long bytes = block ? (long)malloc_usable_size(block) : 0;
    const long now = atomic_fetch_add(&heap_live, bytes) + bytes;
    long most = heap_peak;
    while (now > most && !atomic_compare_exchange_weak(&heap_peak, &most, now))
        ;
    heap_calls++;
    return block;
}

static void heap_given_back(void *block)
{
    heap_live -= block ? (long)malloc_usable_size(block) : 0;
}

void *malloc(size_t size)
{
    return heap_fails(__builtin_return_address(0)) ? NULL : heap_taken(__libc_malloc(size));
}

void *calloc(size_t count, size_t size)
{
    return heap_fails(__builtin_return_address(0)) ? NULL : heap_taken(__libc_calloc(count, size));
}

void *realloc(void *block, size_t size)
{
    if (heap_fails(__builtin_return_address(0)))
        return NULL;
    heap_given_back(block);
    return heap_taken(__libc_realloc(block, size));
}

void *aligned_alloc(size_t alignment, size_t size)
{
    return heap_fails(__builtin_return_address(0)) ? NULL
                                                   : heap_taken(__libc_memalign(alignment, size));
}

void free(void *block)
{
    heap_given_back(block);
    __libc_free(block);
}

#endif
#endif
