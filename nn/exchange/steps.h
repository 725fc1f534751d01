/*
 * A network as a flat list of steps: what those who write it for other programs go through. It is
 * made by running the network once in evaluation and noting which module made which value out of
 * which, so that it holds for residual connections, and for modules of one's own that only call
 * others. What evaluation leaves out, such as dropout, is no step, and neither is a module that
 * gives what one of its children gave.
 */
#ifndef TARN_NN_EXCHANGE_STEPS_H
#define TARN_NN_EXCHANGE_STEPS_H

#include "nn/module.h"

/* Value 0 is the network's input; each other one is the output of a step. */
typedef struct tarn__step {
    const tarn_module *module;
    int input;  /* -1 if no module gave it: one of the user's computed it itself */
    int other;  /* the second of a Residual, Concat or Sum, which of more is a chain of steps; else
                   -1 */
    int output; /* above those, unless it is the last of a Graph */
    const struct tarn__steps_op *op; /* of a Graph, that no layer does: else NULL */
    /* Of what has parameters, as numbers of its own, which folding changes: "weight" and "bias" in
       Tarn's layout, but for batch normalization y = weight x + bias. Else NULL. */
    float *weight, *bias;
    int64_t weight_count, bias_count;
} tarn__step;

typedef struct tarn__steps {
    const tarn_module *model;
    int count;
    tarn__step *steps;
    int value_count;
    tarn_shape *shapes; /* of each value, of one sample: without N */
    int output;         /* which value is the network's */
    /* Which value each forward gave, in the order in which they ended. */
    int run_count;
    struct tarn__run {
        const tarn_module *module;
        int value;
    } * runs;
    int made_count; /* modules that stand for the steps of Graphs */
    tarn_module **made;
} tarn__steps;

/* Fills in the steps that lead to the output; input is the shape of one sample. False after a
   mistake, or with tarn_error() set, beginning with who, when memory runs out or a number of the
   network's is not finite. With opens a Graph is the steps that it is made of, of one sample, see
   nn/exchange/steps_graph.h; else one step. To be freed in any case. */
bool tarn__steps_of(tarn__steps *steps, const char *who, tarn_module *model, tarn_shape input,
                    bool opens);
void tarn__steps_free(tarn__steps *steps);

/* Whether the caller can express all steps; if not, tarn_error() names those that it cannot. */
typedef bool tarn__steps_can(const void *context, const tarn__step *step);
bool tarn__steps_check(const tarn__steps *steps, const char *who, tarn__steps_can *can,
                       const void *context);

/* Whether modules of the type put two values together. */
bool tarn__steps_joins(const tarn_module_type *type);

/* How many steps read the value, the end of the network counting as one. */
int tarn__steps_readers(const tarn__steps *steps, int value);

/* "3.body.0", the name of a module in the network. */
typedef struct tarn__module_name {
    char text[128];
} tarn__module_name;
tarn__module_name tarn__name_in(const tarn_module *model, const tarn_module *module);

/* A number that the module was made with. One that says that it is as another (the stride of
   pooling as the kernel, one for the width as that for the height) comes as that. */
double tarn__number_of(const tarn_module *module, const char *name);
static inline int tarn__whole_of(const tarn_module *module, const char *name)
{
    return (int)tarn__number_of(module, name);
}

/* How a layer's windows lie, along H and W; of one that has none, as of 1 x 1 pixels. */
typedef struct tarn__geometry {
    int kernel[2], stride[2], dilation[2];
    int64_t before[2], after[2]; /* padding */
    int64_t counted[2];          /* pixels outside the image on each side that a mean counts */
    int mode;                    /* of padding, a tarn_pad_mode */
    bool plain; /* padding of zeros, which a mean counts, the same along both axes and on all sides;
                   no gaps between what a pool looks at, its last window inside the padding */
} tarn__geometry;
tarn__geometry tarn__geometry_of(const tarn_module *module);

/* The module's own parameter or buffer; NULL if it has none of that name. */
const tarn_tensor *tarn__part_of(const tarn_module *module, const char *name);

#endif
