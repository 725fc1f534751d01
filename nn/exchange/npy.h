/*
 * NumPy's files: .npy with one array, .npz with several under names.
 *
 *     tarn_tensor *x = tarn_npy_load("images.npy");                numpy.save("images.npy", x)
 *     tarn_npz_save(tarn_nn_parameters(model), "weights.npz");     numpy.load("weights.npz")
 *
 * Arrays of floats (16, 32, 64 bits), integers and truth values are read, in both orders of bytes
 * and both of elements (C and Fortran); what tarn_real cannot hold exactly, an integer above 2^24
 * in float, or that would become infinite, is refused. Written are floats of tarn_real in C's
 * order. A file may come from anybody: nothing in it is believed before it is checked.
 */
#ifndef TARN_NN_EXCHANGE_NPY_H
#define TARN_NN_EXCHANGE_NPY_H

#include "core/tensor.h"

TARN_API_BEGIN

/* The array as a tensor, which belongs to the caller. NULL with tarn_error() set for what is no
   such file, an array of more than TARN_MAX_NDIM dimensions or another type, and when memory runs
   out. */
tarn_tensor *tarn_npy_load(const char *path);

/* Writes the tensor. The file is replaced as a whole or not at all: false with tarn_error() set,
   and the old file untouched, if that fails. */
bool tarn_npy_save(const tarn_tensor *t, const char *path);

/* Writes all of the list, under its names ("arr_0", "arr_1", ... as numpy.savez() without them),
   not deflated. Two of one name are a mistake, and so is a name that is empty, not UTF-8 or
   "__metadata__". False as above, and for more than 4 GB. */
bool tarn_npz_save(tarn_params list, const char *path);

/* All arrays of a file, stored or deflated: they belong to the object. NULL with tarn_error() set
   as above. A deflated array may be 1,032 times as large as the file, which is the most that the
   format allows; beside the file and the arrays there is memory for one of them at a time. */
typedef struct tarn_npz tarn_npz;
tarn_npz *tarn_npz_load(const char *path);

/* In the order of the file. The arrays are the object's; a count of -1 for NULL. */
tarn_params tarn_npz_list(const tarn_npz *npz);

/* The tensor of that name, NULL if there is none, and for NULL. It is the object's: tarn_clone()
   makes one to keep. */
tarn_tensor *tarn_npz_get(const tarn_npz *npz, const char *name);

void tarn_npz_free(tarn_npz *npz); /* safe on NULL */

TARN_API_END

#endif
