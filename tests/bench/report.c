#include "tests/bench/report.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include <jansson.h>

static json_t *all;

/* Adds an object to the list of that name, and prints the heading if it is the first in it. */
static void add(const char *list_name, json_t *object, const char *heading)
{
    all = all ? all : json_object();
    json_t *list = json_object_get(all, list_name);
    if (!list) {
        list = json_array();
        json_object_set_new(all, list_name, list);
        printf("%s\n", heading);
    }
    json_array_append_new(list, object);
}

static void end_line(void)
{
    printf("\n");
    fflush(stdout);
}

void report_machine(double clock, int lanes, int threads, double peak, double bandwidth)
{
    add("machine",
        json_pack("{s:i, s:f, s:i, s:f, s:f}", "threads", threads, "clock_ghz", clock, "lanes",
                  lanes, "peak_gflops", peak, "triad_gb_per_s", bandwidth),
        "threads    GHz  lanes  peak GFLOP/s  triad GB/s");
    printf("%7d %6.2f %6d %13.0f %11.1f", threads, clock, lanes, peak, bandwidth);
    end_line();
}

/* ---- Times */

static json_t *as_json(const char *name, const figures *f)
{
    json_t *object = json_pack("{s:s, s:i, s:f, s:f, s:f, s:f}", "name", name, "threads",
                               f->threads, "ms", f->ms, "gflops", f->gflops, "peak_share", f->share,
                               "speedup_over_one_thread", f->speedup);
    if (f->bfloat16_ms > 0)
        json_object_set_new(object, "bf16_ms", json_real(f->bfloat16_ms));
    if (f->peer.setting)
        json_object_update_new(object, json_pack("{s:f, s:f, s:s}", "peer_ms", f->peer.ms, "ratio",
                                                 f->peer.ratio, "peer_setting", f->peer.setting));
    if (f->bfloat16.setting)
        json_object_update_new(object, json_pack("{s:f, s:f, s:s}", "peer_bf16_ms", f->bfloat16.ms,
                                                 "ratio_bf16", f->bfloat16.ratio,
                                                 "peer_bf16_setting", f->bfloat16.setting));
    return object;
}

static void print_one_peer(const peer_figures *p, double scale)
{
    if (p->setting)
        printf("  %9.3f %6.2fx %-12s", scale * p->ms, p->ratio, p->setting);
}

static void print_peer(const figures *f, double scale)
{
    if (f->bfloat16_ms > 0)
        printf(" %9.3f", scale * f->bfloat16_ms);
    else
        printf(" %9s", "-");
    print_one_peer(&f->peer, scale);
    print_one_peer(&f->bfloat16, scale);
}

#define PEER_COLUMNS "      bf16  |   peer    ratio  setting      | in bf16   ratio  setting"

void report_workload(const workload *w, const figures *f)
{
    const double images = 1e3 * w->batch / f->ms;
    json_t *object = as_json(w->name, f);
    json_object_update_new(object,
                           json_pack("{s:i, s:f}", "batch", w->batch, "images_per_second", images));
    add("workloads", object,
        "\nstep        batch  T         ms   images/s  GFLOP/s  peak  x1T" PEER_COLUMNS);
    printf("%-11s %5d %2d %10.3f %10.0f %8.1f %4.0f%% %4.2f", w->name, w->batch, f->threads, f->ms,
           images, f->gflops, 100 * f->share, f->speedup);
    print_peer(f, 1);
    end_line();
}

void report_kernel(const kernel *k, const figures *f)
{
    json_t *object = as_json(k->name, f);
    json_object_update_new(object, json_pack("{s:s, s:s}", "shape", k->shape, "pass", k->pass));
    add("kernels", object,
        "\nkernel                     shape         pass          T         us  GFLOP/s  peak  "
        "x1T" PEER_COLUMNS);
    printf("%-26s %-13s %-13s %d %10.1f", k->name, k->shape, k->pass, f->threads, 1e3 * f->ms);
    if (k->flops > 0)
        printf(" %8.1f %4.0f%%", f->gflops, 100 * f->share);
    else
        printf(" %8s %5s", "-", "-");
    printf(" %4.2f", f->speedup);
    print_peer(f, 1e3);
    end_line();
}

/* ---- What else is claimed */

void report_memory(const workload *w, const memory_use *use)
{
    const double mb = 1e-6;
    json_t *object =
        json_pack("{s:s, s:i, s:i, s:f, s:f, s:f, s:f, s:f}", "name", w->name, "batch", w->batch,
                  "steps", use->steps, "peak_bytes", use->peak, "first_steps_peak_bytes",
                  use->first_peak, "heap_calls_per_step", use->heap_calls, "page_faults_per_step",
                  use->page_faults, "growth_bytes", use->growth);
    if (use->needed > 0)
        json_object_set_new(object, "needed_bytes", json_real(use->needed));
    add("memory", object,
        "\nmemory      batch  peak MB  needed  ratio  steps  heap calls  page faults  growth kB");
    printf("%-11s %5d %8.2f", w->name, w->batch, mb * use->peak);
    if (use->needed > 0)
        printf(" %7.2f %6.2f", mb * use->needed, use->peak / use->needed);
    else
        printf(" %7s %6s", "-", "-");
    printf(" %6d %11g %12g %10.0f", use->steps, use->heap_calls, use->page_faults,
           1e-3 * use->growth);
    end_line();
}

void report_scaling(const char *what, double ratio)
{
    add("scaling", json_pack("{s:s, s:f}", "what", what, "ratio", ratio), "\nscaling");
    printf("%-58s %6.2f", what, ratio);
    end_line();
}

void report_busy(const workload *w, const busy_ratios *r)
{
    add("busy",
        json_pack("{s:s, s:f, s:f, s:f}", "name", w->name, "beside_another", r->beside,
                  "two_at_once", r->together, "twice_the_threads", r->crowded),
        "\nbusy        beside another  two at once  twice the threads");
    printf("%-11s %14.2f %12.2f %18.2f", w->name, r->beside, r->together, r->crowded);
    end_line();
}

bool report_write(const char *path)
{
    if (all && json_dump_file(all, path, JSON_INDENT(1) | JSON_REAL_PRECISION(9)) == 0)
        return true;
    fprintf(stderr, "bench: %s: cannot be written (%s)\n", path, strerror(errno));
    return false;
}
