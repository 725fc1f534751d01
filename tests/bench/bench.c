/*
 * How fast Tarn is, in one table, next to what the machine can do and, with --peers, to PyTorch,
 * onnxruntime and OpenBLAS in the same run.
 *
 * How to read it. T is the number of threads. "peak" is the share of the FMA peak of so many
 * threads that the arithmetic amounts to, counted as direct convolution: an algorithm that needs
 * less may exceed 100%. "x1T" is how many times as fast as one thread it is. "ratio" is how many
 * times as long the peer takes, in its fastest setting (peer.h), which stands next to it.
 * "bf16" is our time with tarn_set_precision(TARN_BF16); at the end of the line stand the peer's in
 * bfloat16, and its ratio to that. Machines drift, by 40% within minutes: read ratios and shares,
 * which compare what ran within a second. All figures are medians over rounds.
 *
 * memory: what a step of the whole program holds at most, of it what no step could do without,
 * calls of the heap and page faults a step once the first steps are over. busy: times of a step of
 * lenet with company, to the best that could be had (busy.h), so 1 is best. scaling: what should be
 * 1 or 2. kernels: operations alone, at the shapes that the networks have.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <tarn.h>

#include "tests/bench/busy.h"
#include "tests/bench/machine.h"
#include "tests/bench/measure.h"
#include "tests/bench/memory.h"
#include "tests/bench/peer.h"
#include "tests/bench/report.h"
#include "tests/bench/workload.h"

static const char usage[] =
    "Usage: ./run bench [--peers[=all]] [--only NAME[,NAME]...] [--quick] [--json FILE]\n"
    "\n"
    "  --peers         also time PyTorch, onnxruntime and OpenBLAS, in turns with Tarn; with\n"
    "                  =all JAX, too.\n"
    "                  PYTHON in the environment names the interpreter that has them\n"
    "  --only NAMES    only what begins with one of these names: lenet, cnn, resnet, resnet20,\n"
    "                  separable, unet, autoencoder, mlp, infer (1 and 256); memory; busy;\n"
    "                  scaling; conv2d (conv2d-3x3-32-64 ...), matmul, op (op-add ...)\n"
    "  --quick         fewer and shorter rounds: to see that it runs, not to compare\n"
    "  --json FILE     write all figures to the file\n"
    "\n"
    "Exits with 0 if all was measured and written, 1 if something failed, 2 if the options are "
    "wrong.\n";

typedef struct options {
    const char *python, *only, *json;
    bool quick, jax;
} options;

/* ---- Options */

static int wrong(const char *what, const char *option)
{
    fprintf(stderr, "bench: %s: %s\n%s", option, what, usage);
    exit(2);
}

static options parse(int argc, char **argv)
{
    options o = {0};
    for (int i = 1; i < argc; i++) {
        const char **value = strcmp(argv[i], "--only") == 0   ? &o.only
                             : strcmp(argv[i], "--json") == 0 ? &o.json
                                                              : NULL;
        if (strcmp(argv[i], "--help") == 0 || strcmp(argv[i], "-h") == 0) {
            exit(fputs(usage, stdout) < 0 || fflush(stdout) != 0);
        }
        if (strcmp(argv[i], "--quick") == 0)
            o.quick = true;
        else if (strcmp(argv[i], "--peers") == 0 || strcmp(argv[i], "--peers=all") == 0) {
            o.python = getenv("PYTHON") ? getenv("PYTHON") : "/usr/bin/python3";
            o.jax = argv[i][strlen("--peers")] == '=';
        } else if (!value)
            wrong("unknown option", argv[i]);
        else if (i + 1 == argc)
            wrong("expects a value behind it", argv[i]);
        else
            *value = argv[++i];
    }
    return o;
}

/* Whether the name begins with one of those asked for; a list of none asks for all. */
static bool wanted(const options *o, const char *name)
{
    for (const char *at = o->only; at; at = strchr(at, ',') ? strchr(at, ',') + 1 : NULL)
        if (strncmp(name, at, strcspn(at, ",")) == 0)
            return true;
    return !o->only;
}

/* Every name asked for must be the beginning of something. */
static void check_names(const options *o)
{
    for (const char *at = o->only; at; at = strchr(at, ',') ? strchr(at, ',') + 1 : NULL) {
        char name[64];
        snprintf(name, sizeof name, "%.*s", (int)strcspn(at, ","), at);
        options one = {.only = name};
        bool known =
            *name && (wanted(&one, "memory") || wanted(&one, "busy") || wanted(&one, "scaling"));
        for (const workload *w = workloads; *name && w->name; w++)
            known |= wanted(&one, w->name);
        kernel k;
        for (int i = 0; *name && kernel_describe(i, &k); i++)
            known |= wanted(&one, k.name);
        if (!known)
            wrong("nothing has this name", name);
    }
}

/* ---- The parts of the table */

enum { MEMORY_STEPS = 1000, MOST_WORKLOADS = 16 };

static bool wants_memory(const options *o, const workload *w)
{
    return wanted(o, w->name) || wanted(o, "memory");
}

/* Before all else, because it forks. The first workload, lenet, takes all its steps, be it slowly.
 */
static void measure_memory(const options *o, memory_use *uses)
{
    for (const workload *w = workloads; w->name; w++)
        if (wants_memory(o, w))
            uses[w - workloads] = o->quick         ? memory_of(w, 2, 20, 0.5)
                                  : w == workloads ? memory_of(w, 2, MEMORY_STEPS, 10)
                                                   : memory_of(w, 2, MEMORY_STEPS, 1.5);
}

static void report_memories(const options *o, const memory_use *uses)
{
    for (const workload *w = workloads; w->name; w++)
        if (wants_memory(o, w))
            report_memory(w, &uses[w - workloads]);
}

static void bench_machine(void)
{
    int threads[MOST_THREAD_COUNTS], count = thread_counts(threads);
    double single = 0;
    for (int t = 0; t < count; t++) {
        double peak = 0;
        for (double end = seconds_now() + settling_time(threads[t]); seconds_now() < end;)
            peak = fma_peak(threads[t]);
        report_machine(clock_rate(), vector_lanes(), threads[t], peak, triad_bandwidth(threads[t]));
        single = t == 0 ? peak : single;
        if (peak < 0.6 * threads[t] * single)
            fprintf(stderr,
                    "bench: %d threads have %.1f times the peak of one: are there so many "
                    "cores, and has nobody else a use for them?\n",
                    threads[t], peak / single);
    }
}

static subject step_of(running *r)
{
    return (subject){workload_step, r, workload_flops(r->workload), r->workload->name, true};
}

static void bench_workload(const workload *w, pace p)
{
    figures f[MOST_THREAD_COUNTS];
    int threads[MOST_THREAD_COUNTS], count = thread_counts(threads);
    running *r = workload_start(w, 0);
    measure(step_of(r), p, f);
    workload_stop(r);
    for (int t = 0; t < count; t++)
        report_workload(w, &f[t]);
}

static void bench_kernel(kernel *k, pace p)
{
    figures f[MOST_THREAD_COUNTS];
    int threads[MOST_THREAD_COUNTS], count = thread_counts(threads);
    kernel_start(k);
    measure((subject){k->step, k, k->flops, k->request, k->flops > 0}, p, f);
    for (int t = 0; t < count; t++)
        report_kernel(k, &f[t]);
    kernel_stop(k);
}

static void bench_batch_size(const workload *w, pace p)
{
    enum { LARGE = 512 };
    char what[64];
    running *small = workload_start(w, 0), *large = workload_start(w, LARGE);
    snprintf(what, sizeof what, "%s: time of an image at batch %d, of that at %d", w->name, LARGE,
             w->batch);
    report_scaling(what, compare(step_of(small), step_of(large), p, 2) * w->batch / LARGE);
    workload_stop(small);
    workload_stop(large);
}

static void bench_depth(pace p)
{
    running *shallow = workload_start(&depth_workloads[0], 0);
    running *deep = workload_start(&depth_workloads[1], 0);
    report_scaling("16 convolutions in a row, of 8",
                   compare(step_of(shallow), step_of(deep), p, 2));
    workload_stop(shallow);
    workload_stop(deep);
}

int main(int argc, char **argv)
{
    const options o = parse(argc, argv);
    check_names(&o);
    if (o.json && !tarn_nn_can_save(o.json)) {
        fprintf(stderr, "bench: %s\n", tarn_error());
        return 1;
    }
    const pace steps = {o.quick ? 3 : 5, o.quick ? 0.01 : 0.2, o.python};
    const pace kernels = {steps.rounds, o.quick ? 0.001 : 0.03, o.python};
    const pace others = {steps.rounds, 5 * steps.seconds, NULL};
    memory_use uses[MOST_WORKLOADS];
    busy_ratios ratios = {0};
    measure_memory(&o, uses);
    if (wanted(&o, "busy"))
        ratios = busy_ratios_of(&workloads[0], others); /* lenet */
    if (o.python)
        peers_start(o.python, o.jax);

    bench_machine();
    for (const workload *w = workloads; w->name; w++)
        if (wanted(&o, w->name))
            bench_workload(w, steps);
    report_memories(&o, uses);
    if (wanted(&o, "busy"))
        report_busy(&workloads[0], &ratios);
    if (wanted(&o, "scaling")) {
        bench_batch_size(&workloads[0], steps); /* lenet, cnn */
        bench_batch_size(&workloads[1], steps);
        bench_depth(steps);
    }
    kernel k;
    for (int i = 0; kernel_describe(i, &k); i++)
        if (wanted(&o, k.name))
            bench_kernel(&k, kernels);
    peers_stop();
    return o.json && !report_write(o.json);
}
