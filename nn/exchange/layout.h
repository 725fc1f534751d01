/* The tensors of a module in a file of another layout, and under other names. */
#ifndef TARN_NN_EXCHANGE_LAYOUT_H
#define TARN_NN_EXCHANGE_LAYOUT_H

#include "nn/file.h"
#include "nn/reader.h"
#include "nn/slots.h"

/* What the metadata say under "layout". */
#define TARN__LAYOUT_TORCH                                                                         \
    "images NCHW, convolution weights OIHW, transposed IOHW, linear weights (out, in)"
const char *tarn__layout_text(tarn_layout layout);

/* Whether it is one, and flattened a number of channels, 0 or -1; if not, a mistake of the
   function. */
bool tarn__layout_is_right(const char *function, tarn_layout layout, int flattened);

/* The layout that the file says, or the one that was asked for if it says none. False with
   tarn_error() set if that is none, or the two differ. */
bool tarn__layout_of(const tarn__reader *r, tarn_layout asked, tarn_layout *layout);

/* What a file of the module is to be like. */
typedef struct tarn__travel {
    tarn_layout layout;
    const tarn_nn_name *names; /* NULL: its own */
    int flattened;             /* as told, or TARN__NOT_TOLD of what is a part of a network */
    tarn_shape input;          /* of a sample, tarn_nn_unknown_shape if that is not known */
} tarn__travel;
enum { TARN__NOT_TOLD = -2 };

/* All parameters and buffers of the module and all below as such a file has them, of any floats;
   in PyTorch's layout the counters of batch normalization too, which it may do without. A count of
   -1 with tarn_error() set, "<who>: ...", when memory has run out, or the module cannot be
   expressed there. */
tarn__slots tarn__slots_for(const char *who, const tarn_module *module, tarn__travel how);

#endif
