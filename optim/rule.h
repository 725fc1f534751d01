/*
 * For authors of optimizers. An optimizer is one file: a struct that begins with tarn_optim and
 * holds its numbers, a constructor that fills it, and a rule with the update loop.
 * examples/custom_optimizer.c is the example to read, optim/adagrad.c one of the library's.
 * Everything else is written once, in optim/optim.c.
 */
#ifndef TARN_OPTIM_RULE_H
#define TARN_OPTIM_RULE_H

#include <stddef.h>

#include "core/base/option_list.h"
#include "optim/optim.h"

TARN_API_BEGIN

enum { TARN_OPTIM_MAX_STATE = 4 };

typedef struct tarn_optim_param tarn_optim_param;

/* What the rule works on: count consecutive elements of one parameter. Pieces are short enough to
   stay in the cache, and several threads may run the rule at once, each on another piece. No two
   of the pointers overlap. Meanwhile the thread takes denormal numbers as 0, see
   tarn_optim_step(). */
typedef struct tarn_optim_piece {
    int64_t count;
    int64_t step; /* how many steps this parameter has taken, the present one included */
    double lr;    /* its rate in this step */
    tarn_real *weights;
    const tarn_real *gradients;             /* penalties included */
    tarn_real *state[TARN_OPTIM_MAX_STATE]; /* those asked for; the others are NULL */
    /* The options of its group: the struct of arguments, if tarn_optim_new() was told of it and the
       rule has an args_size; else NULL. */
    const void *args;
    tarn_optim_param *param; /* what it is a piece of */
} tarn_optim_piece;

typedef struct tarn_optim_rule {
    const char *name; /* "adam"; messages begin with optim_ and the name */
    void (*update)(const tarn_optim *self, const tarn_optim_piece *piece);
    tarn_option_list options; /* for tarn_optim_check(); may be empty */
    /* For tarn_optim_by_name(), of those that it knows, and for groups with numbers of their own:
       the constructor behind its struct of arguments, which begins with the parameters, and that
       struct's size. */
    tarn_optim *(*make)(const void *args);
    size_t args_size;

    /* The rest is for rules that need more, and may be NULL.

       For one that cannot work element by element. Called once in each step for each parameter that
       takes part and is not empty, when the pieces of all are updated, by the thread that called
       for the step; threads are the rule's own business, and so are denormal numbers. The piece is
       the whole parameter, without gradients (NULL): update() can leave in the state what finish()
       needs of them. */
    void (*finish)(tarn_optim *self, const tarn_optim_piece *whole);
    /* The numbers that steps change beside the arrays of state, where they are and how many: with
       these, a checkpoint (nn/checkpoint.h) goes on to the bit. */
    double *(*numbers)(tarn_optim *self, int *count);
    /* Makes what the rule's struct holds for its parameters, which are there: called by
       tarn_optim_new(), before the constructor fills the struct, and again when there are more of
       them. False when memory runs out; what was there is left as it was then. */
    bool (*prepare)(tarn_optim *self);
    /* Frees what the rule's struct holds, perhaps not all of it made yet. */
    void (*free)(tarn_optim *self);
    /* The rule itself takes weight_decay (of piece->param) in: the gradients are without. */
    bool decays;
    /* Which array of state, from 1 on, holds averages of the weights; 0: none does. */
    int average;
} tarn_optim_rule;

/* The rest of a tarn_optim is private to optim/; it stands here so that a struct can begin with it.

   One parameter and what the optimizer remembers of it. */
struct tarn_optim_param {
    tarn_tensor *tensor;
    char *name;                 /* NULL if the list had none */
    double lr_scale;            /* its rate is this times the optimizer's; see tarn_optim_group() */
    double weight_decay, l1;    /* its penalties */
    void *args;                 /* those of its group; NULL: the optimizer's */
    int64_t step;               /* steps taken so far */
    const tarn_real *gradients; /* in the present step; NULL if it takes no part */
    tarn_real *state[TARN_OPTIM_MAX_STATE];
};

/* Where a piece begins. */
typedef struct tarn_optim_place {
    tarn_optim_param *param;
    int64_t begin;
} tarn_optim_place;

/* The part all optimizers share. */
struct tarn_optim {
    const tarn_optim_rule *rule;
    double lr, first_lr;     /* now, and where it was made */
    double weight_decay, l1; /* of parameters in no group */
    bool decoupled, independent, maximize;
    int64_t swapped;   /* 1 while averages of the rule's are in the place of the weights */
    char *options;     /* those that it was made with, as text; NULL if tarn_optim_new() had none */
    void *args;        /* and as they are now; NULL likewise, or without the rule's args_size */
    void **group_args; /* of groups with numbers of their own */
    int group_count, state_count, param_count;
    tarn_optim_param *params;
    int64_t place_count;
    tarn_optim_place *places;              /* of the pieces of all parameters, in order */
    struct tarn__optim_observer *observer; /* of each step; NULL if nobody looks */
};

/* The arguments that all optimizers have, for tarn_optim_new(). */
typedef struct tarn_optim_common {
    tarn_params params;
    double lr, weight_decay, l1;
    bool decoupled;
    const void *args; /* all arguments, which the rule's options are of; NULL: not told */
    bool independent, maximize;
} tarn_optim_common;

/* Those of a struct of arguments with the parameters, lr and TARN_OPTIM_PENALTIES. */
#define TARN_OPTIM_COMMON_OF(args)                                                                 \
    ((tarn_optim_common){(args).params, (args).lr, (args).weight_decay, (args).l1,                 \
                         (args).decoupled, &(args), (args).independent, (args).maximize})

/* For constructors, before tarn_optim_new(): whether all options lie in their ranges; false after
   reporting a mistake. args is the struct of arguments that the rule's options are of. */
bool tarn_optim_check(const tarn_optim_rule *rule, const void *args);

/* A new optimizer: size bytes, the first of them the filled tarn_optim, the others zero.
   state_count arrays of state for each parameter, zero at first. Reports a mistake (a bad number, a
   list that is empty or holds what cannot be trained) and returns NULL; NULL with tarn_error() set
   when memory runs out. */
void *tarn_optim_new(const tarn_optim_rule *rule, size_t size, int state_count,
                     tarn_optim_common common);

TARN_API_END

#endif
