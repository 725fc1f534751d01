/* Whether the processes are alike: in what they run, compute and train on. */
#ifndef TARN_MACHINES_SAME_H
#define TARN_MACHINES_SAME_H

#include "machines/team.h"

/* All: ends all processes if one runs another program or library, or as tarn__same_kernels(). */
void tarn__same_build(void);

/* All: ends all processes if the processor of one computes other bits, in the precision that the
   thread has now. */
void tarn__same_kernels(void);

/* All: ends all processes if the thread of one has another precision. */
void tarn__same_precision(void);

/* All: ends all processes if the digest of one is not that of rank 0, each naming the first such
   rank: "rank 2 of 4 (host) <text> rank 0". */
void tarn__same_check(uint64_t digest, const char *format, ...) TARN_PRINTF(2, 3);

/* A digest of bytes, FNV-1a of 64 bits in words, that goes on from another; of the first,
   TARN__DIGEST. */
#define TARN__DIGEST 0xCBF29CE484222325u
uint64_t tarn__same_digest(uint64_t digest, const void *bytes, size_t size);

#endif
