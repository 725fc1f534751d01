/*
 * For authors of layers. A layer is one file: a struct that begins with tarn_module and holds its
 * numbers, a constructor that fills it, and a type with the forward function.
 * examples/custom_module.c is the example to read, nn/linear.c one of the library's. Everything
 * else (parameters, names, train/eval, saving, the summary) is written once, in nn/module.c,
 * nn/file_save.c, nn/file_load.c and nn/summary.c, and serves every module.
 */
#ifndef TARN_NN_MODULE_H
#define TARN_NN_MODULE_H

#include <stddef.h>

#include "core/base/option_list.h"
#include "nn/nn.h"

TARN_API_BEGIN

/* What a sequential lets a layer do in its own pass, in the place of the layers that follow it: the
   same values in less time. max(y, 0), and the maxima of windows of max_pool x max_pool pixels,
   side by side; which of them is first makes no difference. */
typedef struct tarn_epilogue {
    bool relu;
    int max_pool; /* 0: none */
} tarn_epilogue;

/* The numbers that a constructor was called with, as a table (core/base/option_list.h) of a struct
   that lies in the module: what a saved file says of it, and what it is rebuilt from. */
typedef struct tarn_module_numbers {
    tarn_option_list list;
    int mandatory;   /* the first so many are, and stand without their names in the summary */
    size_t at, size; /* where in the module the struct lies, and its size */
} tarn_module_numbers;

/* The members describe and numbers of a type, from the table, and the member of the module's struct
   that the table is of. */
#define TARN_MODULE_NUMBERS(table, mandatory_, layer, member)                                      \
    .describe = tarn_nn_describe_numbers, .numbers = {                                             \
                                              .list = TARN_OPTION_LIST(table),                     \
                                              .mandatory = mandatory_,                             \
                                              .at = offsetof(layer, member),                       \
                                              .size = sizeof(((layer *)0)->member),                \
    }

typedef struct tarn_module_type {
    const char *name; /* as in the summary: "Linear" */
    tarn_tensor *(*forward)(tarn_module *self, tarn_tensor *x);
    /* Writes the layer's numbers as in its constructor, "784, 10": tarn_nn_describe_numbers() for a
       type that has a table of them. May be NULL. */
    void (*describe)(const tarn_module *self, char *text, size_t size);
    /* Frees what the layer holds beside parameters, buffers and children; may be NULL. */
    void (*free)(tarn_module *self);

    /* For a layer that can do more in its pass: what it takes over at most (max_pool: the largest
       windows), and, instead of forward, what also does what is asked of that. */
    tarn_epilogue takes;
    tarn_tensor *(*forward_fused)(tarn_module *self, tarn_tensor *x, tarn_epilogue after);
    /* For a layer that another can take over: all that it does; may be NULL. */
    tarn_epilogue (*epilogue)(const tarn_module *self);
    /* For a layer that is one convolution of x: what it calls tarn_conv2d_with() with, relu and
       max_pool left out. Batch normalization behind it in a sequential then runs in its pass, and
       so does the sum of a residual connection behind that. May be NULL. */
    tarn_conv2d_args (*convolution)(const tarn_module *self, tarn_tensor *x);

    /* For a layer that tarn_nn_from_file() rebuilds; see tarn_nn_register(). make() is the
       constructor: it gets a struct with the numbers, and the children, as many as the type takes,
       in the order of the module's. It takes them over, also when it fails. Children that the
       constructor makes itself are none of these. */
    tarn_module_numbers numbers;
    tarn_module *(*make)(const void *numbers, int count, tarn_module *const *children);
    int least_children, most_children;
} tarn_module_type;

/* What a module holds under a name: a parameter, a buffer or a child, the others being NULL. */
typedef struct tarn_module_part {
    char *name;
    tarn_tensor *parameter;
    tarn_tensor *buffer; /* saved and loaded, but not trained */
    tarn_module *child;
} tarn_module_part;

/* The part all layers share. Layers read type and training; the rest is private to the nn folder.
 */
struct tarn_module {
    const tarn_module_type *type;
    bool training; /* true at first; see tarn_nn_train() */

    tarn_module *parent; /* which frees it; NULL for the outermost */
    int part_count;
    tarn_module_part *parts;
    tarn_params list;           /* what tarn_nn_parameters() returned last, in one block */
    struct tarn__nn_info *info; /* what tarn_nn_describe() was told; NULL for nothing */
};

/* For describe: the numbers of the type's table, "4, 6, 3, .padding = 1": of those with a name the
   ones that are not at their default. */
void tarn_nn_describe_numbers(const tarn_module *self, char *text, size_t size);

/* Lets tarn_nn_from_file() make modules of a type of one's own, which has a make(). The type must
   stay; registering it twice does nothing. False, and a mistake, for a type without name or make(),
   or another of the same name; with tarn_error() set when memory runs out. For all threads: best
   done before they start. */
bool tarn_nn_register(const tarn_module_type *type);

/* A new module: size bytes, the first of them the filled tarn_module, the others zero. NULL with
   tarn_error() set when memory runs out. */
void *tarn_nn_new(const tarn_module_type *type, size_t size);

/* Gives a parameter to the module, which marks it as requiring a gradient and frees it. Names
   differ within a module and are made of ASCII letters, digits, '_' and '-'. False, and the tensor
   is freed, if the module or the tensor is NULL, the name is wrong (a mistake) or memory runs out.
   A tensor that belongs to a tape or to a module already is a mistake, and left alone. */
bool tarn_nn_add_parameter(tarn_module *module, const char *name, tarn_tensor *tensor);

/* The same for a tensor that is saved and loaded but not trained, such as a running mean: it
   requires no gradient and is not among tarn_nn_parameters(). */
bool tarn_nn_add_buffer(tarn_module *module, const char *name, tarn_tensor *tensor);

/* Gives a child to the module, which frees it. False, and the child is freed, as above. A child
   that has a parent, or that holds the module, is a mistake and left alone. */
bool tarn_nn_add_child(tarn_module *module, const char *name, tarn_module *child);

/* Child i, counted from 0 as they were added, which stays the module's; NULL behind the last and
   for NULL. Running the children of a sequential one after the other with tarn_nn_forward() shows
   the output of each. */
tarn_module *tarn_nn_child(const tarn_module *module, int i);

/* The module below this one that has the name, "2" or "2.body", as in the names of parameters: the
   one with "2.body.weight" is at "2.body", and what it is, "Linear", is its type->name. The module
   itself for ""; NULL if there is none, and for NULL. It stays its parent's. */
tarn_module *tarn_nn_at(const tarn_module *module, const char *name);

TARN_API_END

#endif
