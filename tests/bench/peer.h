/*
 * Those that Tarn is compared with, each in a process of its own that runs a step when asked to:
 * PyTorch (peer_torch.py), OpenBLAS (peer_openblas.c) for matrix products, onnxruntime
 * (peer_onnxruntime.py) for inference, and JAX (peer_jax.py) for whole steps if asked for.
 *
 * Each can be had in several settings, and the fastest is what counts: PyTorch operation by
 * operation with images in memory as NCHW and as NHWC, and compiled in two modes; OpenBLAS with
 * threads of its own and with OpenMP's (Debian has both, in folders that LD_LIBRARY_PATH chooses
 * between). Settings that compute in bfloat16 are a contest of their own. All have tcmalloc where
 * the machine has it, and OpenBLAS its kernels for AVX-512 (it does not recognize newer
 * processors).
 */
#ifndef TARN_TESTS_BENCH_PEER_H
#define TARN_TESTS_BENCH_PEER_H

#include <stdbool.h>

/* Starts them and prints what they are; PyTorch, and JAX if wanted, with this interpreter. Exits
   with a message if that fails. An OpenBLAS or onnxruntime that cannot be had is left out, with a
   note. */
void peers_start(const char *python, bool jax);

/* The fastest setting, of those in float or in bfloat16, for a request ("lenet", "matmul 64 9216
   128") and a number of threads; each is given about so many seconds. -1: there is none. */
int peer_fastest(const char *request, bool bfloat16, int threads, double seconds);

/* Median milliseconds of a step in a setting; 0 if it has nothing for the request. */
double peer_time(int setting, const char *request, int threads, double seconds);

/* "NHWC" */
const char *peer_setting_name(int setting);

/* Does nothing if none was started. */
void peers_stop(void);

#endif
