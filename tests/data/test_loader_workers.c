/* Batches prepared ahead: the same for every number of workers, whatever happens meanwhile. */
#include <pthread.h>
#include <signal.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/data/bad_store.h"
#include "tests/support/heap.h"
#include "tests/support/mistakes.h"

/* Everything that a loader gives, batch after batch, in one number for each. */
static uint64_t hash(uint64_t state, const void *bytes, size_t count)
{
    const unsigned char *at = bytes;
    for (size_t i = 0; i < count; i++)
        state = (state ^ at[i]) * 0x100000001B3u;
    return state;
}

static uint64_t hash_batch(const tarn_batch *batch)
{
    uint64_t state = hash(1, &batch->count, sizeof batch->count);
    state = hash(state, batch->labels.ids, (size_t)batch->count * sizeof *batch->labels.ids);
    state = hash(state, tarn_values(batch->images),
                 (size_t)tarn_size(batch->images) * sizeof(tarn_real));
    return batch->targets ? hash(state, tarn_values(batch->targets),
                                 (size_t)tarn_size(batch->targets) * sizeof(tarn_real))
                          : state;
}

enum { MOST = 100 };

/* The rest of so many epochs; 0 stands between them. Returns how many numbers these are. */
static int run(tarn_loader *loader, int epochs, uint64_t stream[MOST])
{
    int count = 0;
    tarn_batch batch;
    for (int epoch = 0; epoch < epochs; epoch++) {
        while (tarn_loader_next(loader, &batch)) {
            cr_assert_lt(count, MOST - 1);
            cr_assert_eq(tarn_dim(batch.images, 0), batch.count);
            cr_assert_eq(batch.labels.count, batch.count);
            stream[count++] = hash_batch(&batch);
        }
        stream[count++] = 0;
    }
    return count;
}

static bool every_seventh(int64_t sample)
{
    return sample % 7 == 3;
}

static tarn_transforms full_list(void)
{
    return tarn_transforms_of(tarn_transform_rotate(15), tarn_transform_shift(2),
                              tarn_transform_flip(0.5), tarn_transform_elastic(5, 2),
                              tarn_transform_brightness(0.2), tarn_transform_cutout(3));
}

/* The ways to use a loader. */
static tarn_loader *make(tarn_dataset *dataset, int way, int workers)
{
    static double weights[50];
    for (int i = 0; i < 50; i++)
        weights[i] = i % 5;
    switch (way) {
    case 0:
        return tarn_loader_new(dataset, 8, .workers = workers);
    case 1:
        return tarn_loader_new(dataset, 8, .workers = workers, .shuffle = true, .seed = 3,
                               .transforms = full_list(), .skip_bad = true);
    case 2:
        return tarn_loader_new(dataset, 7, .workers = workers, .shuffle = true, .drop_last = true,
                               .mixup = 0.4, .cutmix = 1, .skip_bad = true);
    case 3:
        return tarn_loader_new(dataset, 9, .workers = workers, .sampling = weights,
                               .transforms = full_list(), .skip_bad = true);
    default:
        return tarn_loader_new(dataset, 1000, .workers = workers, .balanced = true,
                               .skip_bad = true);
    }
}
enum { WAYS = 5 };

Test(loader_workers, same_stream_for_every_number)
{
    for (int way = 0; way < WAYS; way++) {
        tarn_dataset *dataset = dataset_with_bad(50, 3, way > 0 ? every_seventh : NULL);
        tarn_data_normalize(dataset, 0.4, 0.3);
        uint64_t expected[MOST], stream[MOST];
        int64_t skipped = 0;
        int count = 0;
        for (int workers = 0; workers <= 8; workers = workers < 4 ? workers + 1 : 2 * workers) {
            tarn_set_threads(workers % 3 + 1);
            tarn_loader *loader = make(dataset, way, workers);
            cr_assert(loader);
            int now = run(loader, 3, workers == 0 ? expected : stream);
            if (workers == 0) {
                count = now;
                skipped = tarn_loader_skipped(loader, NULL);
                cr_assert_neq(expected[0], expected[1]);
                cr_assert_eq(skipped > 0, way > 0);
            }
            cr_assert_eq(now, count);
            cr_assert(workers == 0 || memcmp(stream, expected, (size_t)count * 8) == 0);
            cr_assert_eq(tarn_loader_skipped(loader, NULL), skipped);
            tarn_loader_free(loader);
        }
        tarn_dataset_free(dataset);
    }
}

/* From any position, in the same loader and in a new one. */
Test(loader_workers, seek_goes_on_with_the_same_batches)
{
    tarn_dataset *dataset = dataset_with_bad(50, 3, NULL);
    for (int way = 0; way < WAYS; way++)
        for (int workers = 0; workers < 4; workers += 3) {
            uint64_t all[MOST], rest[MOST];
            tarn_loader *loader = make(dataset, way, workers);
            tarn_batch batch;
            const int count = run(loader, 3, all), epoch = count / 3;
            for (int at = 0; at < count; at++) {
                tarn_loader_position position = {at / epoch, at % epoch};
                cr_assert(tarn_loader_seek(loader, position));
                int left = run(loader, 3 - at / epoch, rest);
                cr_assert_eq(left, count - at);
                cr_assert_eq(memcmp(rest, all + at, (size_t)left * 8), 0);
            }
            tarn_loader_free(loader);
            loader = make(dataset, way, workers);
            for (int at = 0; at < epoch; at++) {
                cr_assert_eq(tarn_loader_tell(loader).batch, at);
                cr_assert_eq(tarn_loader_tell(loader).epoch, 0);
                cr_assert_eq(tarn_loader_next(loader, &batch), at + 1 < epoch);
            }
            tarn_loader_position position = tarn_loader_tell(loader);
            cr_assert(position.epoch == 1 && position.batch == 0);
            tarn_loader *other = make(dataset, way, 3 - workers);
            cr_assert(tarn_loader_seek(other, position));
            cr_assert_eq(run(other, 2, rest), 2 * epoch);
            cr_assert_eq(memcmp(rest, all + epoch, (size_t)(2 * epoch) * 8), 0);
            tarn_loader_free(other);
            tarn_loader_free(loader);
        }
    tarn_dataset_free(dataset);
}

static bool the_thirtieth(int64_t sample)
{
    return sample == 30;
}

static bool two(int64_t sample)
{
    return sample == 30 || sample == 28;
}

static bool all(int64_t sample)
{
    return sample >= 0;
}

/* The error of another thread is the caller's. */
Test(loader_workers, a_bad_file_ends_the_stream)
{
    for (int workers = 0; workers < 6; workers++)
        for (int many = 0; many < 2; many++) {
            tarn_dataset *dataset = dataset_with_bad(50, 3, many ? two : the_thirtieth);
            tarn_loader *loader = tarn_loader_new(dataset, 8, .workers = workers);
            tarn_batch batch;
            int batches = 0;
            tarn_set_error("another");
            while (tarn_loader_next(loader, &batch))
                batches++;
            cr_assert_eq(batches, 3);
            cr_assert(tarn_loader_failed(loader));
            cr_assert(batch.count == 0 && batch.images == NULL);
            cr_assert_str_eq(tarn_error(), many ? "picture-28.png: cannot be read as PNG"
                                                : "picture-30.png: cannot be read as PNG");
            cr_assert_not(tarn_loader_next(loader, &batch));
            cr_assert_eq(tarn_loader_tell(loader).batch, 3);
            cr_assert(tarn_loader_seek(loader, (tarn_loader_position){0, 4}));
            cr_assert_not(tarn_loader_failed(loader));
            cr_assert(tarn_loader_next(loader, &batch));
            cr_assert_eq(batch.labels.ids[0], 32 * 32 % 3);
            tarn_loader_free(loader);
            tarn_dataset_free(dataset);
        }
}

Test(loader_workers, bad_files_are_left_out_if_asked)
{
    for (int workers = 0; workers < 4; workers++) {
        tarn_dataset *dataset = dataset_with_bad(50, 5, two);
        tarn_loader *loader = tarn_loader_new(dataset, 8, .workers = workers, .skip_bad = true);
        tarn_batch batch;
        const char *last;
        cr_assert_eq(tarn_loader_skipped(loader, &last), 0);
        cr_assert_str_eq(last, "");
        for (int epoch = 0; epoch < 3; epoch++) {
            int sample = 0;
            while (tarn_loader_next(loader, &batch))
                for (int i = 0; i < batch.count; i++, sample++) {
                    sample += two(sample);
                    cr_assert_eq(batch.labels.ids[i], sample * sample % 5);
                    const tarn_real *values = tarn_values(batch.images) + (ptrdiff_t)i * PIXELS;
                    for (int k = 0; k < PIXELS; k++)
                        cr_assert_eq(values[k],
                                     tarn__random_uniform(tarn__random_at((uint64_t)sample, k)));
                }
            cr_assert_eq(sample, 50);
            cr_assert_not(tarn_loader_failed(loader));
            cr_assert_eq(tarn_loader_skipped(loader, &last), 2 * (epoch + 1));
            cr_assert_str_eq(last, "picture-28.png: cannot be read as PNG");
        }
        tarn_loader_free(loader);
        tarn_dataset_free(dataset);
    }
}

static bool first_batches(int64_t sample)
{
    return sample < 17;
}

/* A batch without a sample is not shown; an epoch without one is a failure. */
Test(loader_workers, nothing_but_bad_files)
{
    for (int workers = 0; workers < 4; workers += 2) {
        tarn_dataset *some = dataset_with_bad(50, 5, first_batches);
        tarn_dataset *none = dataset_with_bad(50, 5, all);
        tarn_loader *loader = tarn_loader_new(some, 8, .workers = workers, .skip_bad = true);
        tarn_batch batch;
        cr_assert(tarn_loader_next(loader, &batch));
        cr_assert_eq(batch.count, 7);
        cr_assert_eq(batch.labels.ids[0], 17 * 17 % 5);
        cr_assert_eq(tarn_loader_tell(loader).batch, 3);
        tarn_loader_free(loader);
        loader = tarn_loader_new(none, 8, .workers = workers, .skip_bad = true);
        cr_assert_not(tarn_loader_next(loader, &batch));
        cr_assert(tarn_loader_failed(loader));
        cr_assert_str_eq(tarn_error(), "no sample of epoch 0 could be used; the last: "
                                       "picture-48.png: cannot be read as PNG");
        tarn_loader_free(loader);
        tarn_dataset_free(some);
        tarn_dataset_free(none);
    }
}

/* Numbers that are not those of a picture would be cut without a word; this is not skipped. */
Test(loader_workers, numbers_out_of_range)
{
    for (int workers = 0; workers < 3; workers++) {
        tarn_dataset *dataset = dataset_with_bad(20, 5, NULL);
        ((bad_store *)dataset->stores[0])->scale = 255;
        tarn_batch batch;
        tarn_loader *plain = tarn_loader_new(dataset, 8, .workers = workers);
        cr_assert(tarn_loader_next(plain, &batch));
        tarn_loader_free(plain);
        tarn_loader *loader =
            tarn_loader_new(dataset, 8, .workers = workers, .skip_bad = true,
                            .transforms = tarn_transforms_of(tarn_transform_flip(0.5)));
        cr_assert_not(tarn_loader_next(loader, &batch));
        cr_assert(tarn_loader_failed(loader));
        cr_assert(strstr(tarn_error(), "sample 0 holds "), "%s", tarn_error());
        cr_assert(strstr(tarn_error(), "; transforms expect numbers from 0 to 1"));
        ((bad_store *)dataset->stores[0])->scale = (tarn_real)NAN;
        cr_assert(tarn_loader_seek(loader, (tarn_loader_position){0, 1}));
        cr_assert_not(tarn_loader_next(loader, &batch));
        cr_assert(strstr(tarn_error(), "sample 8 holds nan"));
        tarn_loader_free(loader);
        tarn_dataset_free(dataset);
    }
}

/* At every batch, also before the first and without any. */
Test(loader_workers, freed_in_the_middle)
{
    tarn_dataset *dataset = dataset_with_bad(50, 3, NULL), *empty = dataset_with_bad(0, 3, NULL);
    tarn_batch batch;
    for (int round = 0; round < 40; round++) {
        tarn_loader *loader = make(dataset, round % WAYS, round % 5);
        for (int i = 0; i < round; i++)
            tarn_loader_next(loader, &batch);
        tarn_loader_free(loader);
    }
    tarn_loader *loader = tarn_loader_new(empty, 8, .workers = 2);
    cr_assert_not(tarn_loader_next(loader, &batch));
    cr_assert_not(tarn_loader_next(loader, &batch));
    cr_assert_not(tarn_loader_failed(loader));
    tarn_loader_free(loader);
    tarn_dataset_free(dataset);
    tarn_dataset_free(empty);
}

/* The emulator that tests run in on aarch64 cannot start threads after a fork(). */
#ifndef __aarch64__
/* A child of a fork goes on where its parent was, with threads of its own, and so does the parent.
 */
Test(loader_workers, go_on_in_a_fork)
{
    tarn_dataset *dataset = dataset_with_bad(50, 3, NULL);
    uint64_t expected[MOST], stream[MOST];
    tarn_loader *loader = make(dataset, 1, 3);
    const int count = run(loader, 3, expected);
    tarn_loader_free(loader);
    for (int round = 0; round < 10; round++) {
        tarn_batch batch;
        loader = make(dataset, 1, 3);
        for (int i = 0; i < round; i++)
            tarn_loader_next(loader, &batch);
        pid_t child = fork();
        if (child == 0 || round % 2) {
            int left = run(loader, round < 8 ? 3 : 2, stream);
            bool same =
                left == count - round && memcmp(stream, expected + round, (size_t)left * 8) == 0;
            tarn_loader_free(loader);
            if (child == 0)
                _exit(!same);
            cr_assert(same);
        } else {
            tarn_loader_free(loader);
        }
        int status;
        cr_assert_eq(waitpid(child, &status, 0), child);
        cr_assert_eq(status, 0, "round %d", round);
    }
    /* A child that only frees it. */
    loader = make(dataset, 1, 3);
    tarn_batch batch;
    tarn_loader_next(loader, &batch);
    if (fork() == 0) {
        tarn_loader_free(loader);
        _exit(0);
    }
    int status;
    wait(&status);
    cr_assert_eq(status, 0);
    tarn_loader_free(loader);
    tarn_dataset_free(dataset);
}
#endif

static void note_signal(const tarn_transform *transform, tarn_sample *sample)
{
    (void)sample;
    sigset_t blocked;
    pthread_sigmask(SIG_BLOCK, NULL, &blocked);
    if (sigismember(&blocked, SIGINT))
        __atomic_add_fetch((int *)transform->context, 1, __ATOMIC_RELAXED);
}

/* Ctrl-C reaches the program's own thread. */
Test(loader_workers, signals_are_not_for_them)
{
    int blocked = 0;
    tarn_dataset *dataset = dataset_with_bad(50, 3, NULL);
    tarn_loader *loader =
        tarn_loader_new(dataset, 8, .workers = 2,
                        .transforms = tarn_transforms_of((tarn_transform){
                            .name = "note", .apply = note_signal, .context = &blocked}));
    uint64_t stream[MOST];
    run(loader, 1, stream);
    tarn_loader_free(loader);
    cr_assert_geq(blocked, 50);
    sigset_t own;
    pthread_sigmask(SIG_BLOCK, NULL, &own);
    cr_assert_not(sigismember(&own, SIGINT));
    tarn_dataset_free(dataset);
}

Test(loader_workers, bad_numbers)
{
    tarn_dataset *dataset = dataset_with_bad(50, 3, NULL);
    const tarn_real numbers[] = {1, 2};
    tarn_dataset *flat = tarn_data_from_numbers(tarn_shape(2, 1), numbers, NULL, 1);
    assert_mistake(tarn_loader_new(dataset, 8, .workers = -1),
                   "loader_new: -1 workers, expects 0 to 256");
    assert_mistake(tarn_loader_new(dataset, 8, .workers = 257), "loader_new: 257 workers");
    assert_mistake(tarn_loader_new(dataset, 8, .mixup = -1), "loader_new: mixup is -1, cutmix 0");
    assert_mistake(tarn_loader_new(dataset, 8, .cutmix = NAN), "cutmix nan, expects 0 to 1000");
    assert_mistake(tarn_loader_new(flat, 1, .cutmix = 1), "loader_new: samples of shape (1)");
    assert_mistake(
        tarn_loader_new(flat, 1, .transforms = tarn_transforms_of(tarn_transform_flip(1))),
        "transforms and cutmix expect pictures, (height,width,channels)");
    assert_mistake(
        tarn_loader_new(dataset, 8, .transforms = tarn_transforms_of(tarn_transform_flip(7))),
        "transform_flip: probability is 7");
    tarn_loader *loader = tarn_loader_new(dataset, 8, .workers = 1);
    assert_mistake(tarn_loader_seek(loader, (tarn_loader_position){0, 8}), "at most batch 7");
    assert_mistake(tarn_loader_seek(loader, (tarn_loader_position){-1, 0}),
                   "loader_seek: epoch -1");
    tarn_loader_free(loader);
    tarn_dataset_free(dataset);
    tarn_dataset_free(flat);
}

#ifdef TARN_TESTS_HEAP_IS_WATCHED

/* Each call for memory fails in turn. */
Test(loader_workers, out_of_memory)
{
    tarn_dataset *dataset = dataset_with_bad(50, 3, two);
    for (int way = 0; way < WAYS; way++)
        for (int workers = 0; workers < 4; workers += 3) {
            tarn_loader *loader = NULL;
            for (int calls = 0; !loader; calls++) {
                cr_assert_lt(calls, 200);
                tarn_set_error("another");
                heap_calls_left = calls;
                loader = make(dataset, way, workers);
                heap_calls_left = -1;
                cr_assert(loader || strstr(tarn_error(), "out of memory"), "%s", tarn_error());
            }
            tarn_loader_free(loader);
        }
    tarn_dataset_free(dataset);
}

/* All memory of a loader is given back, that of batches without their bad samples, too. */
Test(loader_workers, free_leaves_nothing)
{
    tarn_dataset *dataset = dataset_with_bad(50, 3, two);
    for (int way = 0; way < WAYS; way++)
        for (int workers = 0; workers < 4; workers += 3) {
            long live[4]; /* the first rounds may leave what threads keep */
            for (int round = 0; round < 4; round++) {
                tarn_batch batch;
                tarn_loader *loader = make(dataset, way, workers);
                while (tarn_loader_next(loader, &batch)) {
                }
                tarn_loader_free(loader);
                live[round] = heap_live;
            }
            cr_expect_eq(live[1], live[3], "way %d, %d workers: %ld bytes are lost in two rounds",
                         way, workers, live[3] - live[1]);
        }
    tarn_dataset_free(dataset);
}

/* For a batch without its bad samples memory is taken when it comes. */
Test(loader_workers, out_of_memory_for_a_short_batch)
{
    tarn_dataset *dataset = dataset_with_bad(50, 3, two);
    tarn_batch batch;
    tarn_set_threads(1); /* others begin with memory of their own */
    tarn_loader *loader = tarn_loader_new(dataset, 50, .skip_bad = true, .mixup = 1);
    heap_calls_left = 0;
    cr_assert_not(tarn_loader_next(loader, &batch));
    heap_calls_left = -1;
    cr_assert(tarn_loader_failed(loader));
    cr_assert(strstr(tarn_error(), "out of memory"), "%s", tarn_error());
    cr_assert(tarn_loader_seek(loader, (tarn_loader_position){0, 0}));
    cr_assert(tarn_loader_next(loader, &batch));
    cr_assert_eq(batch.count, 48);
    tarn_loader_free(loader);
    tarn_dataset_free(dataset);
}

#endif
