/*
 * Training by several processes, on one machine or many, by MPI: a library of its own, libtarn-mpi,
 * which is built where MPI is found (meson -Dmpi=auto). docs/machines.md says how to start it, what
 * it costs and how far it goes.
 *
 *     tarn_mpi_begin();
 *     ... the dataset, the model, the optimizer, in every process alike ...
 *     tarn_loader *loader = tarn_loader_new(digits, 64, .shuffle = true, .seed = 1, .parts = 8,
 *                                           .shard = tarn_mpi_rank(), .shards = tarn_mpi_size());
 *     tarn_mpi *mpi = tarn_mpi_new(model);
 *     while (tarn_mpi_next(mpi, loader, &batch)) {
 *         tarn_tape *tape = tarn_tape_begin();
 *         tarn_tensor *predictions = tarn_nn_forward(model, batch.images);
 *         tarn_tensor *loss = tarn_cross_entropy(predictions, batch.labels);
 *         tarn_optim_zero_grad(optimizer);
 *         tarn_mpi_backward(mpi, loss);
 *         if (tarn_mpi_average(mpi, loss))
 *             tarn_optim_step(optimizer);
 *         tarn_tape_end(tape);
 *     }
 *     ...
 *     tarn_mpi_end();
 *
 * mpirun -n 4 starts four such processes ("ranks", from 0); the program alone is one. Each step is
 * over one batch of the loader, which is cut in parts. A process computes the gradients of its own
 * parts one after the other. Those of all parts are added in an order that the number of parts
 * alone decides, so that any number of processes, up to that of the parts, takes the same steps to
 * the bit. So does dropout: random numbers belong to a part.
 *
 * Functions marked "all" are to be called by all processes, in the same order. Nothing goes on
 * without one of them. If one fails, ends before tarn_mpi_end(), is killed, makes other calls or is
 * silent for the timeout, each process ends: it prints a sentence that names the rank on standard
 * error, and the status is 1 (a launcher that kills the others at once, before they can speak,
 * names it itself: docs/machines.md). So it is with a mistake, unless the program has a handler of
 * its own for it. A process alone ends with the reason itself.
 */
#ifndef TARN_MPI_H
#define TARN_MPI_H

#include "tarn.h"

TARN_API_BEGIN

/* ---- Processes */

/* All, once, before anything that others should hear of if it fails. Checks that all processes run
   the same build, and that their processors compute the same bits. Initializes MPI unless the
   program has. Needs no launcher. timeout: so many seconds may one process keep the others waiting
   before it counts as hung: more than what any of them does alone between two calls here, as a
   test by rank 0. */
#define TARN_MPI_BEGIN_OPTIONS(OPTION) OPTION(double, timeout, 20) /* above 0 */
typedef struct tarn_mpi_begin_args {
    TARN_OPTIONS(TARN_MPI_BEGIN_OPTIONS)
} tarn_mpi_begin_args;
void tarn_mpi_begin_with(tarn_mpi_begin_args args);
#define tarn_mpi_begin(...)                                                                        \
    TARN_CALL(tarn_mpi_begin_with, tarn_mpi_begin_args, TARN_MPI_BEGIN_OPTIONS, __VA_ARGS__)

/* All, at the end. A process that ends without it has failed; the others print what its
   tarn_error() was. */
void tarn_mpi_end(void);

/* Which process this is, from 0, and how many there are: 0 and 1 before tarn_mpi_begin(). Rank 0 is
   the one to print and to write. */
int tarn_mpi_rank(void);
int tarn_mpi_size(void);

/* Ends all processes for a reason of this one's, which all print: as "out of paper". */
void tarn_mpi_fail(const char *format, ...) TARN_PRINTF(1, 2) __attribute__((noreturn, cold));

/* All: adds numbers of all processes, in the order of ranks: values[i] becomes the sum of all
   values[i], the same in all of them. Whole numbers up to 2^53 are exact. For metrics:
   tarn_mpi_sum(2, (double[]){correct, images}). */
void tarn_mpi_sum(int count, double *values);

/* All: ends all processes if the datasets differ: in shape, classes, count, a label, or one of up
   to 256 samples, evenly chosen, which it reads. */
void tarn_mpi_check_data(const tarn_dataset *dataset);

/* ---- Steps */

typedef struct tarn_mpi tarn_mpi;

/* All: of a model, which is borrowed. Sends parameters, buffers and the state of the random
   generator from rank 0 to the others, and checks that they are the same then, and so is the
   precision of the calling threads (tarn_set_precision(), before), in which the processors must
   compute the same bits. NULL for NULL, and with tarn_error() set when memory runs out.
   same_bits: false for the sum that MPI_Allreduce gives. It may depend on the number of processes
     and on the machine; docs/machines.md says what the difference costs.
   local_steps: above 1, each process steps by the gradients of its own parts alone, and after so
     many steps, at the end of an epoch and before a checkpoint the weights of all become their mean
     (local SGD): less to send, other bits. Between, weights, tarn_mpi_loss() and the optimizer's
     state are each process's own; tarn_mpi_check() finds that.
   batch_norm_together: batch normalization takes mean and variance of the whole batch, and their
     gradients, instead of each part its own. Each process must then have one part, as all parts
     have to be at the same layer at the same time: .parts = tarn_mpi_size() of the loader. The sums
     are added in the order of ranks, in double: so many processes always take the same steps to
     the bit, another number, or one process with the whole batch, the same to rounding. Three
     messages a layer, which must be the same layers, in the same order, in all. Not with local
     steps. */
#define TARN_MPI_OPTIONS(OPTION)                                                                   \
    OPTION(bool, same_bits, true)                                                                  \
    OPTION(int, local_steps, 1) /* at least 1 */                                                   \
    OPTION(bool, batch_norm_together, false)
typedef struct tarn_mpi_args {
    tarn_module *model;
    TARN_OPTIONS(TARN_MPI_OPTIONS)
} tarn_mpi_args;
tarn_mpi *tarn_mpi_new_with(tarn_mpi_args args);
#define tarn_mpi_new(...)                                                                          \
    TARN_CALL(tarn_mpi_new_with, tarn_mpi_args, TARN_MPI_OPTIONS, .model = __VA_ARGS__)

/* All: tarn_loader_next() for training: the next part of a batch that is this rank's. The loader's
   shard must be the rank, its shards the number of processes. A loader that fails, as by a bad
   file, ends all processes. So do, at the beginning of an epoch, loaders with other options or at
   another place, and another precision; and by tarn_mpi_check(), after the first step (but with
   local steps) and at the end of each epoch, other weights. False at the end of an epoch, and for
   NULL. */
bool tarn_mpi_next(tarn_mpi *mpi, tarn_loader *loader, tarn_batch *batch);

/* tarn_backward(loss) that sends gradients, after the last part of its own, while it goes on to
   others, which hides the time that sending takes. tarn_backward() itself will do as well. If it
   fails, all processes end. Gradients are not to be changed between it and tarn_mpi_average(),
   since some have been sent: clip them after tarn_mpi_average(), when they are those of the whole
   batch and the same in all processes. */
void tarn_mpi_backward(tarn_mpi *mpi, tarn_tensor *loss);

/* All, after backward over the part: takes its gradients, weighted by batch.share, and what
   batch normalization made of its running statistics. After the last part of its own: adds them to
   those of the other processes, makes that the gradients and the statistics of all, and returns
   true. It is the mean over the batch if the loss is a mean over the part. Statistics are the means
   of what each part would have made them; a parameter that no part had a gradient of stays as it
   is. loss: to be averaged too; may be NULL. */
bool tarn_mpi_average(tarn_mpi *mpi, const tarn_tensor *loss);

/* The mean of the losses given for the last batch; NaN before, and for NULL. */
double tarn_mpi_loss(const tarn_mpi *mpi);

/* All: ends all processes if parameters, buffers or the precision are not the same in all. */
void tarn_mpi_check(tarn_mpi *mpi);

/* All, between two steps: tarn_mpi_check(), and then tarn_checkpoint_save() by rank 0. False
   everywhere, with tarn_error() set, if it fails. */
bool tarn_mpi_save(tarn_mpi *mpi, const tarn_checkpoint *checkpoint, const char *path);

/* All, between two steps: tarn_checkpoint_load() in every process, of the file that rank 0 reads
   and sends; it may come from another number of processes. False everywhere, with tarn_error() set,
   if it fails in one. */
bool tarn_mpi_load(tarn_mpi *mpi, const tarn_checkpoint *checkpoint, const char *path);

/* All, if a step has begun that is not complete: what is on its way is waited for. Safe on NULL. */
void tarn_mpi_free(tarn_mpi *mpi);

TARN_API_END

#endif
