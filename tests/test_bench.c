/* The benchmark as a user runs it: its JSON, and its exit codes. Not its figures. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <criterion/criterion.h>
#include <jansson.h>

/* Runs it with these options; gives its exit code. */
static int run(const char *options)
{
    char command[512];
    snprintf(command, sizeof command, "'%s' %s >/dev/null 2>&1", TARN_BENCH, options);
    int status = system(command);
    return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

/* Entry i of a list. Asserts that there is one, and that it has every number named, at least 0. */
static json_t *entry(json_t *all, const char *list, size_t i, const char *const *numbers)
{
    json_t *object = json_array_get(json_object_get(all, list), i);
    cr_assert(json_is_object(object), "%s has no entry %zu", list, i);
    for (; *numbers; numbers++) {
        json_t *number = json_object_get(object, *numbers);
        cr_expect(json_is_number(number) && json_number_value(number) >= 0, "%s, entry %zu: %s",
                  list, i, *numbers);
    }
    return object;
}

#define NUMBERS(...) ((const char *const[]){__VA_ARGS__, NULL})

Test(bench, writes_json, .timeout = 120)
{
    char path[] = "/tmp/tarn-test-XXXXXX", options[128];
    int file = mkstemp(path);
    cr_assert_geq(file, 0);
    close(file);
    snprintf(options, sizeof options,
             "--quick --only lenet,busy,conv2d-5x5-6-16,matmul-256 --json %s", path);
    cr_assert_eq(run(options), 0);
    json_error_t error;
    json_t *all = json_load_file(path, 0, &error);
    cr_assert(all, "line %d: %s", error.line, error.text);
    remove(path);

    entry(all, "machine", 1, NUMBERS("threads", "clock_ghz", "peak_gflops", "triad_gb_per_s"));
    for (size_t i = 0; i < 2; i++) { /* one thread, two threads */
        json_t *step = entry(all, "workloads", i,
                             NUMBERS("threads", "batch", "ms", "images_per_second", "gflops",
                                     "peak_share", "speedup_over_one_thread", "bf16_ms"));
        cr_expect_str_eq(json_string_value(json_object_get(step, "name")), "lenet");
        cr_expect_eq(json_integer_value(json_object_get(step, "threads")), (json_int_t)i + 1);
        json_t *kernel = entry(all, "kernels", i, NUMBERS("threads", "ms", "gflops", "peak_share"));
        cr_expect_str_eq(json_string_value(json_object_get(kernel, "pass")), "forward");
    }
    entry(all, "busy", 0, NUMBERS("beside_another", "two_at_once", "twice_the_threads"));
    json_t *memory = entry(all, "memory", 0,
                           NUMBERS("batch", "steps", "peak_bytes", "needed_bytes",
                                   "heap_calls_per_step", "page_faults_per_step"));
#if !defined __SANITIZE_ADDRESS__ && !defined TARN_DEBUG
    cr_expect_eq(json_number_value(json_object_get(memory, "heap_calls_per_step")), 0);
#else
    (void)memory; /* every block, or every tensor, is a heap block of its own */
#endif
    json_decref(all);
}

Test(bench, exit_codes, .timeout = 60)
{
    cr_expect_eq(run("--help"), 0);
    cr_expect_eq(run("--qick"), 2);
    cr_expect_eq(run("--only"), 2);
    cr_expect_eq(run("--only lenot"), 2);
    cr_expect_eq(run("--only lenet,"), 2);
    cr_expect_eq(run("--quick --only matmul-256 --json /nowhere/json"), 1);
    setenv("PYTHON", "/nowhere/python", 1);
    cr_expect_eq(run("--quick --only matmul-256 --peers"), 1);
}
