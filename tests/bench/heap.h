/*
 * What Tarn asks of the heap. The linker sends every call of malloc, calloc, realloc, aligned_alloc
 * and free in the benchmark and in Tarn, which it links statically, through heap.c (-Wl,--wrap).
 * Calls inside shared libraries (libc, OpenMP's, jansson) are not counted.
 */
#ifndef TARN_TESTS_BENCH_HEAP_H
#define TARN_TESTS_BENCH_HEAP_H

long heap_calls(void); /* that asked for memory, so far */
long heap_live(void);  /* bytes in use now */
long heap_peak(void);  /* the most at once since the start or heap_restart_peak() */
void heap_restart_peak(void);

#endif
