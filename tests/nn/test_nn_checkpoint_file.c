#define _GNU_SOURCE /* memmem() */
/* The file of a checkpoint: what does not fit, damage, disks that are full, processes that are
   killed, memory that runs out. Whatever happens, the objects are whole and so is a file. */
#include <signal.h>
#include <stdio.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/nn/training.h"
#include "tests/support/heap.h"

/* Each test works in a folder of its own. */
static char folder[] = "/tmp/tarn-test-checkpoint-file-XXXXXX";

static void begin(void)
{
    cr_assert(mkdtemp(folder));
    cr_assert_eq(chdir(folder), 0);
}

static void end(void)
{
    remove("file");
    remove(".tarn-0"); /* of a process that was killed */
    cr_assert_eq(rmdir(folder), 0, "files are left");
}

TestSuite(checkpoint_file, .init = begin, .fini = end);

/* The file is refused with these words, and all of it is as it was. */
static void refused(training *t, const char *words)
{
    training before = *t;
    tarn_module *model = t->model;
    tarn_params list = tarn__nn_list(model, true);
    tarn_real *copy[32];
    for (int i = 0; i < list.count; i++) {
        const size_t bytes = (size_t)tarn_size(list.tensors[i]) * sizeof(tarn_real);
        copy[i] = memcpy(malloc(bytes), tarn_values(list.tensors[i]), bytes);
    }
    const uint64_t random = tarn_random_state();
    const double lr = tarn_optim_lr(t->optimizer);
    const tarn_loader_position position = tarn_loader_tell(t->loader);
    record_mistakes();
    cr_assert_not(tarn_checkpoint_load(&t->all, "file"), "accepted, expected \"%s\"", words);
    cr_assert_eq(mistakes(), 0, "%s", last_mistake());
    cr_assert(strstr(tarn_error(), words), "\"%s\" does not hold \"%s\"", tarn_error(), words);
    cr_assert_eq(strncmp(tarn_error(), "file: ", 6), 0, "%s", tarn_error());
    cr_assert_eq(memcmp(&before, t, sizeof before), 0);
    for (int i = 0; i < list.count; i++) {
        cr_assert_arr_eq(copy[i], tarn_values(list.tensors[i]),
                         (size_t)tarn_size(list.tensors[i]) * sizeof(tarn_real));
        free(copy[i]);
    }
    free(list.tensors);
    cr_assert_eq(tarn_random_state(), random);
    cr_assert_eq(tarn_optim_lr(t->optimizer), lr);
    cr_assert_eq(tarn_loader_tell(t->loader).epoch, position.epoch);
    cr_assert_eq(tarn_loader_tell(t->loader).batch, position.batch);
}

/* Saves a training of Adam after three steps. */
static void save_one(void)
{
    training t;
    training_begin(&t, "adam", "");
    training_go_on(&t, 3);
    cr_assert(tarn_checkpoint_save(&t.all, "file"), "%s", tarn_error());
    training_end(&t);
}

Test(checkpoint_file, of_another_optimizer)
{
    save_one();
    training t;
    training_begin(&t, "adamw", "");
    refused(&t, "its optimizer0 is \"adam of 6 parameters: lr=0.001, beta1=0.9");
    training_end(&t);
    training_begin(&t, "adam", "beta1=0.8");
    refused(&t, "beta1=0.8");
    training_end(&t);
    training_begin(&t, "adam", "");
    tarn_optim_group(t.optimizer, "5.weight", .lr_scale = 0.1);
    refused(&t, "its optimizer0:4 is \"5.weight (64,3), rate 1, weight_decay 0, l1 0\", expects "
                "\"5.weight (64,3), rate 0.1");
    training_end(&t);
    training_begin(&t, "adam", "");
    t.all.more_optimizers[1] = t.optimizer;
    refused(&t, "has no optimizer2, expects \"adam");
    t.all.more_optimizers[1] = NULL;
    t.all.optimizer = NULL;
    refused(&t, "has a optimizer0, \"adam of 6 parameters");
    training_end(&t);
}

Test(checkpoint_file, of_other_parts)
{
    save_one();
    training t;
    training_begin(&t, "adam", "");
    t.all.ema = NULL;
    refused(&t, "has a ema, \"decay 0.9");
    training_end(&t);
    training_begin(&t, "adam", "");
    t.plateau.options.patience = 7;
    refused(&t, "its plateau is \"patience 1,");
    training_end(&t);
    training_begin(&t, "adam", "");
    t.stopping.options.maximize = true;
    refused(&t, "its early_stopping is \"patience 1000, min_delta 0\", expects \"patience 1000, "
                "min_delta 0, maximize\"");
    training_end(&t);
    training_begin(&t, "adam", "");
    tarn_loader_free(t.loader);
    t.all.loader = t.loader = tarn_loader_new(t.data, 11, .shuffle = true, .seed = 3);
    refused(&t, "its loader is \"6 batches in an epoch\", expects \"4 batches");
    training_end(&t);
    training_begin(&t, "adam", "");
    t.numbers[0].name = "another";
    refused(&t, "has no tensor number:another, which");
    t.numbers[0].name = NULL;
    refused(&t, "has a tensor \"number:loss sum\", which");
    training_end(&t);
    training_begin(&t, "adam", "");
    t.texts[0].size--;
    refused(&t, "tensor text:note has shape [32], expects (31)");
    training_end(&t);
}

Test(checkpoint_file, of_another_network)
{
    save_one();
    training t;
    training_begin(&t, "adam", "");
    tarn_module *others[] = {
        tarn_nn_sequential(tarn_nn_conv2d(1, 4, 3), tarn_nn_batch_norm2d(4), tarn_nn_relu(),
                           tarn_nn_dropout(0.4), tarn_nn_flatten(), tarn_nn_linear(64, 3)),
        tarn_nn_sequential(tarn_nn_conv2d(1, 4, 3), tarn_nn_batch_norm2d(4), tarn_nn_gelu(),
                           tarn_nn_dropout(0.3), tarn_nn_flatten(), tarn_nn_linear(64, 3)),
        tarn_nn_sequential(tarn_nn_conv2d(1, 4, 3)),
        tarn_nn_relu(),
    };
    const char dropout[] = "its network has at \"3\" a Dropout {\"p\": 0.",
               relu[] = "at \"2\" a ReLU  with 0 children, the model a GELU  with 0",
               shorter[] = "at \"\" a Sequential  with 6 children, the model a Sequential  with 1",
               other[] = "at \"\" a Sequential  with 6 children, the model a ReLU  with 0";
    const char *const words[] = {dropout, relu, shorter, other};
    for (int i = 0; i < 4; i++) {
        t.all.model = others[i];
        refused(&t, words[i]);
        tarn_nn_free(others[i]);
    }
    training_end(&t);
}

static size_t read_file(unsigned char *bytes, size_t size)
{
    FILE *file = fopen("file", "rb");
    cr_assert(file);
    const size_t length = fread(bytes, 1, size, file);
    fclose(file);
    return length;
}

static void write_file(const unsigned char *bytes, size_t size)
{
    FILE *file = fopen("file", "wb");
    cr_assert(file && fwrite(bytes, 1, size, file) == size && fclose(file) == 0);
}

/* Where the text stands in the bytes. */
static unsigned char *find(unsigned char *bytes, size_t size, const char *text)
{
    unsigned char *at = memmem(bytes, size, text, strlen(text));
    cr_assert(at, "no %s", text);
    return at;
}

Test(checkpoint_file, of_another_version_or_none)
{
    static unsigned char bytes[40000];
    training t;
    training_begin(&t, "adam", "");
    cr_assert(tarn_nn_save(t.model, "file"));
    refused(&t, "is not a checkpoint, expects a file that tarn_checkpoint_save() wrote");
    save_one();
    const size_t size = read_file(bytes, sizeof bytes);
    const char version[] = "\"checkpoint\":\"{\\\"version\\\":1";
    find(bytes, size, version)[strlen(version) - 1] = '2';
    write_file(bytes, size);
    refused(&t, "is a checkpoint of version 2, expects 1");
    training_end(&t);
}

/* Small, so that the loop over its bytes is short. */
typedef struct small {
    tarn_module *model;
    tarn_optim *optimizer;
    tarn_dataset *data;
    tarn_loader *loader;
    int64_t step;
    char note[4];
    tarn_checkpoint_text texts[2];
    tarn_checkpoint all;
} small;

static void small_begin(small *s)
{
    static const uint8_t pixels[4];
    *s = (small){.model = tarn_nn_linear(2, 1), .note = "abc"};
    s->data = tarn_data_from_bytes(tarn_shape(4, 1), pixels, NULL, 1);
    s->loader = tarn_loader_new(s->data, 1);
    s->optimizer = tarn_optim_nadam(tarn_nn_parameters(s->model));
    s->texts[0] = (tarn_checkpoint_text){"note", s->note, sizeof s->note};
    s->all = (tarn_checkpoint){.model = s->model,
                               .optimizer = s->optimizer,
                               .loader = s->loader,
                               .step = &s->step,
                               .texts = s->texts};
}

static void small_end(small *s)
{
    tarn_optim_free(s->optimizer);
    tarn_loader_free(s->loader);
    tarn_dataset_free(s->data);
    tarn_nn_free(s->model);
}

/* Wherever the file is cut and whichever byte is changed: refused with nothing changed, or loaded
   to objects that go on. */
Test(checkpoint_file, damage)
{
    static unsigned char bytes[8000];
    small s, other;
    small_begin(&s);
    cr_assert(tarn_checkpoint_save(&s.all, "file"), "%s", tarn_error());
    const size_t size = read_file(bytes, sizeof bytes);
    small_begin(&other);
    record_mistakes();
    for (size_t i = 0; i < 3 * size; i++) {
        const size_t at = i % size, length = i < size ? i : size;
        const unsigned char was = bytes[at];
        if (i >= size)
            bytes[at] = (unsigned char)(bytes[at] ^ (i < 2 * size ? 1 << (i % 8) : 0x80));
        write_file(bytes, length);
        bytes[at] = was;
        const double value = tarn_item(tarn_nn_parameters(other.model).tensors[1]);
        if (tarn_checkpoint_load(&other.all, "file")) {
            cr_assert_geq(i, size);
            cr_assert(memchr(other.note, '\0', sizeof other.note));
            cr_assert(other.step >= 0 && tarn_optim_lr(other.optimizer) >= 0);
            tarn_batch batch;
            tarn_loader_next(other.loader, &batch);
        } else {
            cr_assert_eq(strncmp(tarn_error(), "file: ", 6), 0, "%s", tarn_error());
            cr_assert_eq(value, tarn_item(tarn_nn_parameters(other.model).tensors[1]));
        }
    }
    cr_assert_eq(mistakes(), 0, "%s", last_mistake());
    small_end(&s);
    small_end(&other);
}

/* ---- Disks */

static void assert_still_good(const small *expected)
{
    small read;
    small_begin(&read);
    cr_assert(tarn_checkpoint_load(&read.all, "file"), "%s", tarn_error());
    cr_assert_eq(read.step, expected->step);
    cr_assert(same_bits(read.model, expected->model));
    small_end(&read);
}

/* A limit on the size of files stands for a full disk. */
Test(checkpoint_file, a_full_disk_leaves_the_last_good_one)
{
    small s;
    small_begin(&s);
    s.step = 5;
    cr_assert(tarn_checkpoint_save(&s.all, "file"));
    struct stat status;
    stat("file", &status);
    struct rlimit limit;
    getrlimit(RLIMIT_FSIZE, &limit);
    s.step = 6;
    for (limit.rlim_cur = 0; limit.rlim_cur < (rlim_t)status.st_size; limit.rlim_cur += 100) {
        setrlimit(RLIMIT_FSIZE, &limit);
        cr_assert_not(tarn_checkpoint_save(&s.all, "file"));
        cr_assert_str_eq(tarn_error(), "file: cannot be written: File too large");
    }
    limit.rlim_cur = limit.rlim_max;
    setrlimit(RLIMIT_FSIZE, &limit);
    s.step = 5;
    assert_still_good(&s);
    small_end(&s);
}

/* In a process without the rights of root, whom nothing stops. */
Test(checkpoint_file, a_folder_that_cannot_be_written)
{
    small s;
    small_begin(&s);
    cr_assert(tarn_checkpoint_save(&s.all, "file"));
    cr_assert_eq(chmod(".", 0555), 0);
    const pid_t child = fork();
    if (child == 0) {
        const bool powerless = geteuid() != 0 || setuid(65534) == 0;
        s.step = 7;
        const bool saved = tarn_checkpoint_save(&s.all, "file");
        const bool said = strncmp(tarn_error(), "file: cannot be written: ", 25) == 0;
        _exit(powerless && !saved && said ? 0 : 1);
    }
    int status;
    waitpid(child, &status, 0);
    cr_assert_eq(chmod(".", 0755), 0);
    cr_assert_eq(status, 0);
    assert_still_good(&s);
    small_end(&s);
}

/* Saves without end; all weights and the step have the same number. Writes a byte after the first.
 */
static _Noreturn void save_for_ever(int told)
{
    small s;
    small_begin(&s);
    if (!tarn_checkpoint_load(&s.all, "file"))
        _exit(1);
    for (;;) {
        s.step++;
        const tarn_params list = tarn_nn_parameters(s.model);
        for (int i = 0; i < list.count; i++)
            for (int64_t k = 0; k < tarn_size(list.tensors[i]); k++)
                tarn_values(list.tensors[i])[k] = (tarn_real)s.step;
        if (!tarn_checkpoint_save(&s.all, "file") || write(told, "", 1) != 1)
            _exit(1);
    }
}

Test(checkpoint_file, a_process_that_is_killed_leaves_a_whole_one, .timeout = 120)
{
    small s;
    small_begin(&s);
    cr_assert(tarn_checkpoint_save(&s.all, "file"));
    int64_t last = 0, moments = 0;
    uint32_t random = 1;
    for (int round = 0; round < 200; round++) {
        int ends[2];
        char byte;
        cr_assert_eq(pipe(ends), 0);
        const pid_t child = fork();
        if (child == 0)
            save_for_ever(ends[1]);
        close(ends[1]);
        cr_assert_eq(read(ends[0], &byte, 1), 1, "the process failed");
        random = random * 1664525u + 1013904223u;
        usleep(random >> 20); /* up to 4 ms */
        kill(child, SIGKILL);
        waitpid(child, NULL, 0);
        close(ends[0]);
        cr_assert(tarn_checkpoint_load(&s.all, "file"), "%s", tarn_error());
        const tarn_params list = tarn_nn_parameters(s.model);
        for (int i = 0; i < list.count; i++)
            for (int64_t k = 0; k < tarn_size(list.tensors[i]); k++)
                cr_assert_eq(tarn_values(list.tensors[i])[k], (tarn_real)s.step);
        cr_assert_gt(s.step, last);
        moments += access(".tarn-0", F_OK) == 0;
        last = s.step;
    }
    cr_assert_gt(moments, 0, "no process was killed while it wrote");
    small_end(&s);
}

/* ---- Memory */

#ifdef TARN_TESTS_HEAP_IS_WATCHED

Test(checkpoint_file, memory_that_runs_out_in_save)
{
    small s;
    small_begin(&s);
    bool failed = true;
    for (long calls = 0; failed; calls++) {
        s.step = 1;
        cr_assert(tarn_checkpoint_save(&s.all, "file"), "%s", tarn_error());
        s.step = 2;
        heap_calls_left = calls;
        const bool saved = tarn_checkpoint_save(&s.all, "file");
        failed = heap_calls_left < 0;
        heap_calls_left = -1;
        cr_assert(saved || strstr(tarn_error(), "emory"), "%ld: %s", calls, tarn_error());
        s.step = saved ? 2 : 1;
        assert_still_good(&s);
    }
    small_end(&s);
}

Test(checkpoint_file, memory_that_runs_out_in_load)
{
    small s, other;
    small_begin(&s);
    tarn_nn_describe(s.model, .class_count = 1, .class_names = &(const char *){"\xc3\xa9\""});
    s.step = 3;
    cr_assert(tarn_checkpoint_save(&s.all, "file"), "%s", tarn_error());
    bool failed = true;
    for (long calls = 0; failed; calls++) {
        small_begin(&other);
        const double weight = tarn_values(tarn_nn_parameters(other.model).tensors[0])[0];
        const uint64_t random = tarn_random_state();
        heap_calls_left = calls;
        const bool loaded = tarn_checkpoint_load(&other.all, "file");
        failed = heap_calls_left < 0;
        heap_calls_left = -1;
        cr_assert(loaded || strstr(tarn_error(), "emory"), "%ld: %s", calls, tarn_error());
        cr_assert_eq(other.step, loaded ? 3 : 0);
        cr_assert(loaded || (tarn_random_state() == random &&
                             weight == tarn_values(tarn_nn_parameters(other.model).tensors[0])[0]));
        cr_assert_eq(tarn_nn_info(other.model)->class_count, loaded);
        small_end(&other);
    }
    small_end(&s);
}

#endif
