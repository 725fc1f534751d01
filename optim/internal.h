/* Shared between the files of optim/, not part of the interface. */
#ifndef TARN_OPTIM_INTERNAL_H
#define TARN_OPTIM_INTERNAL_H

#include "core/tensor.h"
#include "optim/rule.h"

/* Whether the list has tensors, each once, that live longer than a tape and, if they are to be
   trained, require a gradient. Reports a mistake that begins with who otherwise, but none of a list
   whose making failed. */
bool tarn__check_params(const char *who, tarn_params params, bool trained);

/* The rules of all optimizers that have a name: tarn__optim_sgd and so on. */
#define TARN__OPTIM_DECLARE(name) extern const tarn_optim_rule tarn__optim_##name;
TARN_OPTIMIZERS(TARN__OPTIM_DECLARE)

/* Defines the rule of one of them, TARN__OPTIM_RULE(adam, TARN_OPTIM_ADAM_OPTIONS, adam_update);
   behind the update may follow others of its functions, .finish = muon_finish. */
#define TARN__OPTIM_RULE(which, list, ...)                                                         \
    typedef tarn_optim_##which##_args tarn_option_args;                                            \
    static const tarn_option options[] = {list(TARN_OPTION)};                                      \
    static tarn_optim *make(const void *from)                                                      \
    {                                                                                              \
        return tarn_optim_##which##_with(*(const tarn_option_args *)from);                         \
    }                                                                                              \
    const tarn_optim_rule tarn__optim_##which = {.name = #which,                                   \
                                                 .options = TARN_OPTION_LIST(options),             \
                                                 .make = make,                                     \
                                                 .args_size = sizeof(tarn_option_args),            \
                                                 .update = __VA_ARGS__}

/* All parameters are worked on in pieces of so many elements, the last of each being shorter, see
   optim.c. Six arrays of a piece fit into 48 KB of first-level cache. */
enum { TARN__PIECE = 2048 };

/* The elements of a piece. */
int64_t tarn__piece_count(const tarn_optim_place *place);

/* The sum of the squares of count numbers, in a fixed order. */
double tarn__sum_of_squares(const tarn_real *x, int64_t count);

/* What looks on at the steps of an optimizer: watch.c's is a struct that begins with it. Freed with
   free(), together with the optimizer. */
typedef struct tarn__optim_observer {
    void (*before)(tarn_optim *self); /* a step changes the weights */
    void (*after)(tarn_optim *self);
    bool is_calling; /* a function of the user's, which must neither step nor free the optimizer */
} tarn__optim_observer;

/* Adam's update of a piece, for other rules that use it in part. The state is m and v and, with
   amsgrad, the largest v. */
typedef struct tarn__adam_numbers {
    double beta1, beta2, eps;
    bool bias_correction, amsgrad;
} tarn__adam_numbers;

/* An optimizer that is Adam, by one name or another. */
tarn_optim *tarn__adam_new(const tarn_optim_rule *rule, tarn__adam_numbers numbers,
                           tarn_optim_common common);

void tarn__adam_update(const tarn__adam_numbers *numbers, const tarn_optim_piece *piece);
void tarn__adam_step(const tarn_optim *self, const tarn_optim_piece *piece); /* with its own */

#endif
