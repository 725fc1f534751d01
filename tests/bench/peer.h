/* Another framework in a process of its own, which runs the same steps when asked to. */
#ifndef TARN_TESTS_BENCH_PEER_H
#define TARN_TESTS_BENCH_PEER_H

typedef struct peer peer;

/* Starts peer_torch.py with this interpreter; exits with a message if that fails. */
peer *peer_start(const char *python);

/* Median milliseconds of a step of the workload. */
double peer_time(peer *p, const char *workload, int threads, double seconds);

/* Safe on NULL. */
void peer_stop(peer *p);

#endif
