/*
 * Those that Tarn is compared with, each in a process of its own that runs a step when asked to:
 * PyTorch (peer_torch.py) for all but the matrix product, OpenBLAS (peer_openblas.c) for that.
 *
 * Each is tried in several settings, and the fastest is what counts: OpenBLAS with threads of its
 * own and with OpenMP's (Debian has both, in folders that LD_LIBRARY_PATH chooses between), images
 * in memory as NCHW and as NHWC (channels_last). All have tcmalloc, and kernels for AVX-512 where
 * the machine has it (Debian's OpenBLAS does not recognize newer processors). PyTorch as it is
 * installed, with nothing set, is timed once beside them.
 */
#ifndef TARN_TESTS_BENCH_PEER_H
#define TARN_TESTS_BENCH_PEER_H

/* Starts them all and prints what they are; PyTorch with this interpreter. Exits with a message if
   that fails. A setting that cannot be had (its library is not what was loaded) is left out, with a
   note. */
void peers_start(const char *python);

/* The fastest setting for a request ("lenet", "matmul 64 9216 128") and a number of threads; each
   is given about so many seconds. Sets *installed to the milliseconds of PyTorch as installed, 0
   for a matrix product. */
int peer_fastest(const char *request, int threads, double seconds, double *installed);

/* Median milliseconds of a step in a setting. */
double peer_time(int setting, const char *request, int threads, double seconds);

/* "NHWC openmp" */
const char *peer_setting_name(int setting);

/* Does nothing if none was started. */
void peers_stop(void);

#endif
