/*
 * One word before a function compiles it for several instruction sets; the loader picks the best
 * that the processor has:
 *
 *     TARN__CLONES static void update(...)
 *
 * For loops over arithmetic that is rounded as it is written: a sum stays in its order and a
 * product is rounded before it is added to (-ffp-contract=off), so that all clones give the same
 * bits and TARN_SIMD need not choose. What the function calls without inlining is not cloned with
 * it.
 */
#ifndef TARN_CORE_BASE_CLONES_H
#define TARN_CORE_BASE_CLONES_H

/* TARN_HAS_CLONES is set by meson.build where compiler and loader know how. A third clone for
   AVX-512 gains 4 us in a step of LeNet and nothing in larger ones, which wait for memory. */
#ifdef TARN_HAS_CLONES
#define TARN__CLONES __attribute__((target_clones("default", "avx2")))
#else
#define TARN__CLONES
#endif

#endif
