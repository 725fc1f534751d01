/*
 * Denormal numbers: those next to 0 (below 1.2e-38 in float), on which processors compute several
 * times, some a hundred times slower. The moments of Adam fill with them once a batch is known by
 * heart. Between these two calls arithmetic takes and gives 0 instead:
 *
 *     tarn__denormals caller = tarn__flush_denormals();
 *     ...
 *     tarn__restore_denormals(caller);
 *
 * The mode belongs to the thread, and a new thread inherits it: so both calls stand inside of what
 * threads share (core/base/pool.h). Compilers do not know of the mode, but what reads and writes
 * memory in between stays there. Processors other than x86-64 and aarch64 are left as they are.
 */
#ifndef TARN_CORE_BASE_DENORMALS_H
#define TARN_CORE_BASE_DENORMALS_H

#include <stdint.h>

#ifdef __x86_64__
#include <xmmintrin.h>
#endif

typedef uint64_t tarn__denormals; /* the register that holds the mode */

static inline tarn__denormals tarn__denormals_get(void)
{
#if defined __x86_64__
    return _mm_getcsr();
#elif defined __aarch64__
    uint64_t fpcr;
    __asm__ volatile("mrs %0, fpcr" : "=r"(fpcr)::"memory");
    return fpcr;
#else
    return 0;
#endif
}

static inline void tarn__restore_denormals(tarn__denormals mode)
{
#if defined __x86_64__
    _mm_setcsr((unsigned)mode);
#elif defined __aarch64__
    __asm__ volatile("msr fpcr, %0" ::"r"(mode) : "memory");
#else
    (void)mode;
#endif
}

/* Returns the mode of before. */
static inline tarn__denormals tarn__flush_denormals(void)
{
    tarn__denormals before = tarn__denormals_get();
#ifdef __x86_64__
    tarn__restore_denormals(before | 0x8040); /* results and operands: FTZ and DAZ of MXCSR */
#else
    tarn__restore_denormals(before | 1 << 24); /* both: FZ of FPCR */
#endif
    return before;
}

#endif
