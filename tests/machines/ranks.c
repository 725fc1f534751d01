/*
 * Trains a small network of everything that draws, mixes or remembers (convolution, batch
 * normalization, dropout, transforms, momentum) in several processes, and prints what became of it;
 * or has something happen to one of them. For ./run mpi (tests/checks/mpi.sh):
 *
 *     ranks train [PARTS]     prints a digest of weights, statistics and losses
 *     ranks plain [PARTS]     the same by MPI_Allreduce: the loss, which agrees to rounding
 *     ranks local STEPS       so many local steps each; says whether that learned
 *     ranks norms [PARTS]     batch normalization of the whole batch, a part for each process
 *     ranks save FILE         half of that training, and a checkpoint
 *     ranks load FILE         the other half: the digest of train
 *     RANKS_DIGEST=1          norms prints a digest, beside what agrees to rounding
 *     RANKS_WAIT=1            gradients are sent when backward has ended
 *     RANKS_TIMEOUT=SECONDS   how long a rank may be silent
 *     RANKS_BF16=1            in bfloat16
 *     ranks epoch             whether each sample comes once in each epoch
 *     ranks none              nothing
 *     ranks free              gives up between backward and the average
 *     ranks kill|stop|exit|data|precision|file|calls|weights|loader|
 *           parts|seed|rate|late-precision|early-save RANK FILE
 *                             what may go wrong, in one rank, in the step after a checkpoint
 */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <tarn-mpi.h>

enum { IMAGES = 203, SIDE = 8, CLASSES = 4, BATCH = 40, EPOCHS = 2, HALF = 4 };

static void expect(bool good)
{
    if (!good)
        tarn_mpi_fail("%s", tarn_error());
}

static tarn_dataset *pictures(void)
{
    static tarn_real numbers[IMAGES * SIDE * SIDE];
    int32_t labels[IMAGES];
    for (int i = 0; i < IMAGES; i++)
        labels[i] = i * 7 % CLASSES;
    for (int i = 0; i < IMAGES * SIDE * SIDE; i++)
        numbers[i] = (tarn_real)((i * 37 + labels[i / SIDE / SIDE] * i % 11 * 90) % 1000) / 1000;
    return tarn_data_from_numbers(tarn_shape(IMAGES, SIDE, SIDE, 1), numbers, labels, CLASSES);
}

static tarn_module *network(double dropout)
{
    return tarn_nn_sequential(tarn_nn_conv2d(1, 6, 3, .padding = 1), tarn_nn_batch_norm2d(6),
                              tarn_nn_relu(), tarn_nn_max_pool2d(2), tarn_nn_flatten(),
                              tarn_nn_dropout(dropout), tarn_nn_linear(6 * SIDE * SIDE / 4, 24),
                              tarn_nn_relu(), tarn_nn_linear(24, CLASSES));
}

/* ---- What goes wrong */

static struct {
    const char *what, *file;
    int rank;
} fault = {"", "", -1};

static bool is_fault(const char *what)
{
    return tarn_mpi_rank() == fault.rank && strcmp(fault.what, what) == 0;
}

static void go_wrong(tarn_module *model, tarn_mpi *mpi)
{
    if (is_fault("kill"))
        raise(SIGKILL);
    if (is_fault("stop"))
        raise(SIGSTOP);
    if (is_fault("exit"))
        exit(0);
    if (is_fault("file"))
        expect(tarn_nn_load(model, "/none/bad.safetensors"));
    if (is_fault("calls"))
        tarn_mpi_sum(1, &(double){0});
    if (is_fault("early-save"))
        tarn_mpi_save(mpi, &(tarn_checkpoint){.model = model}, fault.file);
    if (is_fault("weights"))
        tarn_values(tarn_nn_parameters(model).tensors[0])[0] += 1;
}

/* ---- Training */

typedef struct training {
    tarn_dataset *dataset;
    tarn_loader *loader;
    tarn_module *model;
    tarn_optim *optimizer;
    tarn_mpi *mpi;
    int64_t step;
    double loss_sum;
    bool overlaps, gives_up;
} training;

static tarn_checkpoint parts_of(training *t)
{
    static tarn_checkpoint_number numbers[] = {{"loss_sum", NULL}, {NULL, NULL}};
    numbers[0].number = &t->loss_sum;
    return (tarn_checkpoint){.model = t->model,
                             .optimizer = t->optimizer,
                             .loader = t->loader,
                             .step = &t->step,
                             .numbers = numbers};
}

static training begin(int parts, bool same_bits, int local_steps, bool norms)
{
    training t = {.dataset = pictures(), .overlaps = !getenv("RANKS_WAIT")};
    tarn_seed((uint64_t)tarn_mpi_rank()); /* rank 0's weights, and its random numbers, count */
    expect(t.dataset);
    if (is_fault("data")) {
        tarn_dataset *all = t.dataset;
        t.dataset = tarn_data_subset(all, (int64_t[]){0, 2, 1}, 3);
        tarn_dataset_free(all);
    }
    tarn_mpi_check_data(t.dataset);
    t.loader = tarn_loader_new(t.dataset, BATCH, .shuffle = true, .seed = is_fault("seed") ? 6 : 5,
                               .parts = is_fault("parts") ? parts - 1 : parts,
                               .transforms = tarn_transforms_of(tarn_transform_erase(0.5)),
                               .shard = tarn_mpi_rank(),
                               .shards = is_fault("loader") ? parts : tarn_mpi_size());
    t.model = network(norms ? 0 : 0.3); /* what is dropped belongs to a part */
    expect(t.loader && t.model);
    if (getenv("RANKS_BF16") || is_fault("precision"))
        tarn_set_precision(TARN_BF16);
    t.optimizer = tarn_optim_sgd(tarn_nn_parameters(t.model), .lr = is_fault("rate") ? 0.06 : 0.05,
                                 .momentum = 0.9);
    t.mpi = tarn_mpi_new(t.model, .same_bits = same_bits, .local_steps = local_steps,
                         .batch_norm_together = norms);
    expect(t.mpi && t.optimizer);
    if (is_fault("late-precision"))
        tarn_set_precision(TARN_BF16);
    return t;
}

static void end(training *t)
{
    tarn_mpi_free(t->mpi);
    tarn_optim_free(t->optimizer);
    tarn_nn_free(t->model);
    tarn_loader_free(t->loader);
    tarn_dataset_free(t->dataset);
}

/* Up to so many steps in all. */
static void train(training *t, int64_t steps)
{
    tarn_batch batch;
    while (t->step < steps) {
        if (!tarn_mpi_next(t->mpi, t->loader, &batch))
            continue;
        tarn_tape *tape = tarn_tape_begin();
        tarn_tensor *loss =
            tarn_cross_entropy(tarn_nn_forward(t->model, batch.images), batch.labels);
        tarn_optim_zero_grad(t->optimizer);
        if (t->overlaps)
            tarn_mpi_backward(t->mpi, loss);
        else
            tarn_backward(loss);
        if (t->gives_up) {
            tarn_tape_end(tape);
            return;
        }
        if (t->step == HALF + 1)
            go_wrong(t->model, t->mpi);
        if (tarn_mpi_average(t->mpi, loss)) {
            tarn_optim_step(t->optimizer);
            t->step++;
            t->loss_sum += tarn_mpi_loss(t->mpi);
            if (*fault.what && t->step == HALF) {
                const tarn_checkpoint all = parts_of(t);
                expect(tarn_mpi_save(t->mpi, &all, fault.file));
            }
        }
        tarn_tape_end(tape);
    }
}

static unsigned long long digest_of(training *t)
{
    unsigned long long digest = 0;
    const tarn_params all = tarn_nn_tensors(t->model);
    for (int i = 0; i < all.count; i++)
        for (int64_t k = 0; k < tarn_size(all.tensors[i]); k++) {
            unsigned bits;
            memcpy(&bits, tarn_values(all.tensors[i]) + k, sizeof bits);
            digest = digest * 0x100000001B3u + bits;
        }
    unsigned long long bits;
    memcpy(&bits, &t->loss_sum, sizeof bits);
    return digest ^ bits;
}

/* The digest, which belongs to a number of processes, where it is asked for. */
static void print_norms(training *t)
{
    const tarn_params all = tarn_nn_tensors(t->model);
    printf("loss %.4f, variances", t->loss_sum / (double)t->step);
    for (int i = 0; i < all.count; i++)
        for (int64_t k = 0; strstr(all.names[i], "running_var") && k < tarn_size(all.tensors[i]);
             k++)
            printf(" %.3g", (double)tarn_values(all.tensors[i])[k]);
    printf("\n");
    if (getenv("RANKS_DIGEST"))
        printf("digest %016llx\n", digest_of(t));
}

static void run(const char *mode, const char *argument)
{
    const bool plain = strcmp(mode, "plain") == 0;
    const bool norms = strcmp(mode, "norms") == 0;
    const int local = strcmp(mode, "local") == 0 && argument ? atoi(argument) : 1;
    const bool numbered = strcmp(mode, "train") == 0 || plain || norms;
    const int parts = norms ? tarn_mpi_size() : 8;
    training t = begin(numbered && argument ? atoi(argument) : parts, !plain, local, norms);
    const int64_t steps = EPOCHS * tarn_loader_batches(t.loader);
    const tarn_checkpoint all = parts_of(&t);
    if (strcmp(mode, "load") == 0)
        expect(tarn_mpi_load(t.mpi, &all, argument));
    t.gives_up = strcmp(mode, "free") == 0;
    train(&t, strcmp(mode, "save") == 0 ? HALF + 3 : steps);
    if (t.gives_up) {
        end(&t);
        return;
    }
    if (strcmp(mode, "save") == 0)
        expect(tarn_mpi_save(t.mpi, &all, argument));
    tarn_batch none;
    if (local > 1 && tarn_mpi_next(t.mpi, t.loader, &none)) /* the end of the epoch: the mean */
        tarn_mpi_fail("the epoch goes on");
    tarn_mpi_check(t.mpi);
    if (local > 1 && tarn_mpi_rank() == 0) /* a fresh network has a loss of 1.39 or more */
        puts(tarn_mpi_loss(t.mpi) < 1.36 ? "learned" : "has learned nothing");
    else if (tarn_mpi_rank() == 0 && plain)
        printf("loss %.4f\n", t.loss_sum / (double)steps);
    else if (tarn_mpi_rank() == 0 && norms)
        print_norms(&t);
    else if (tarn_mpi_rank() == 0)
        printf("digest %016llx loss %.6f\n", digest_of(&t), t.loss_sum / (double)t.step);
    end(&t);
}

/* ---- Each sample once */

static void check_epoch(void)
{
    double seen[IMAGES] = {0};
    tarn_real numbers[IMAGES] = {0};
    int32_t labels[IMAGES];
    tarn_batch batch;
    for (int i = 0; i < IMAGES; i++)
        labels[i] = i;
    tarn_dataset *dataset = tarn_data_from_numbers(tarn_shape(IMAGES, 1), numbers, labels, IMAGES);
    tarn_loader *loader = tarn_loader_new(dataset, BATCH, .shuffle = true, .parts = 8,
                                          .shard = tarn_mpi_rank(), .shards = tarn_mpi_size());
    expect(loader);
    for (int epoch = 1; epoch <= EPOCHS; epoch++) {
        while (tarn_loader_next(loader, &batch))
            for (int i = 0; i < batch.count; i++)
                seen[batch.labels.ids[i]]++;
        double all[IMAGES];
        memcpy(all, seen, sizeof all);
        tarn_mpi_sum(IMAGES, all);
        for (int i = 0; i < IMAGES; i++)
            if (all[i] != epoch)
                tarn_mpi_fail("sample %d came %g times in %d epochs", i, all[i], epoch);
    }
    if (tarn_mpi_rank() == 0)
        printf("each of %d samples once in each epoch\n", IMAGES);
    tarn_loader_free(loader);
    tarn_dataset_free(dataset);
}

int main(int argc, char **argv)
{
    if (argc < 2)
        return fputs("usage: ranks MODE..., of a build that is " BUILD "\n", stderr) < 0 || 1;
    const char *timeout = getenv("RANKS_TIMEOUT");
    tarn_mpi_begin(.timeout = timeout ? atof(timeout) : 20);
    if (argc > 3) {
        fault.what = argv[1];
        fault.rank = atoi(argv[2]);
        fault.file = argv[3];
    }
    if (strcmp(argv[1], "epoch") == 0)
        check_epoch();
    else if (strcmp(argv[1], "none") != 0)
        run(argv[1], argv[2]);
    tarn_mpi_end();
    return 0;
}
