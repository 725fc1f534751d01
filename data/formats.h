/*
 * Datasets from files of yours: folders and lists of pictures, tables of numbers.
 *
 *     tarn_dataset *pets = tarn_data_folder("pets", 32, 32);          pets/cat/..., pets/dog/...
 *
 * What is wrong with a file or a folder gives NULL, and tarn_error() names it.
 */
#ifndef TARN_DATA_FORMATS_H
#define TARN_DATA_FORMATS_H

#include <stdint.h>

#include "core/base/options.h"
#include "core/tensor.h"

TARN_API_BEGIN

typedef struct tarn_dataset tarn_dataset;

/* ---- Pictures: PNG, JPEG, BMP, PNM (.pnm, .pbm, .pgm, .ppm) and the first frame of a GIF, of at
   most 100 million pixels; gray or in colour, with a palette, of 16 bits, which stay 16 bits. What
   is not opaque is laid over a background; a JPEG is turned as its EXIF data ask. */

/* How a picture gets the size of the others: scaled until its shorter side fits, and what then
   sticks out of the longer one cut off on both ends; or scaled in both directions, whatever becomes
   of the proportions; or scaled until its longer side fits, with background on both ends of the
   shorter one. */
typedef enum tarn_resize { TARN_RESIZE_CROP = 0, TARN_RESIZE_STRETCH, TARN_RESIZE_PAD } tarn_resize;

#define TARN_PICTURES_OPTIONS(OPTION)                                                              \
    OPTION(int, channels, 3) /* or 1: gray */                                                      \
    OPTION(tarn_resize, resize, TARN_RESIZE_CROP)                                                  \
    OPTION(uint32_t, background, 0xFFFFFF) /* 0xRRGGBB */                                          \
    OPTION(int64_t, in_memory_limit,                                                               \
           1 << 30)               /* bytes; samples that need more are read each time */           \
    OPTION(bool, skip_bad, false) /* leave out pictures that cannot be read */
typedef struct tarn_pictures_args {
    const char *path;
    int height, width; /* of all samples; 1 to 10000 */
    TARN_OPTIONS(TARN_PICTURES_OPTIONS)
} tarn_pictures_args;

/* A folder with a folder for each class, in the order of their names as bytes, and pictures in
   these and in folders within them. Samples (height, width, channels), pixels scaled to [0, 1], the
   names of the folders as class names. Left out without a word: what begins with a dot, files that
   are not called .png, .jpg, .jpeg, .bmp, .gif or one of PNM's names, in small letters or capitals,
   and files beside the folders of the classes. Symbolic links are followed; a loop of them is an
   error, as are less than two classes and one without a picture. Above the limit of memory pictures
   are read when a loader needs them, in its threads, and a bad one makes it fail then; unless bad
   ones are to be skipped: then each picture is read once at the start. */
tarn_dataset *tarn_data_folder_with(tarn_pictures_args args);
#define tarn_data_folder(dir_, height_, ...)                                                       \
    TARN_CALL(tarn_data_folder_with, tarn_pictures_args, TARN_PICTURES_OPTIONS, .path = (dir_),    \
              .height = TARN_WHOLE(height_), .width = TARN_WHOLE_FIRST(__VA_ARGS__))

/* The same from a table of two columns, a path and a label, separated by commas, semicolons or
   tabs; paths are relative to the folder of the table. A first row whose path is no picture's is a
   header. The classes are the labels that there are, in their order as numbers if all are whole
   numbers, else as bytes. */
tarn_dataset *tarn_data_list_with(tarn_pictures_args args);
#define tarn_data_list(path_, height_, ...)                                                        \
    TARN_CALL(tarn_data_list_with, tarn_pictures_args, TARN_PICTURES_OPTIONS, .path = (path_),     \
              .height = TARN_WHOLE(height_), .width = TARN_WHOLE_FIRST(__VA_ARGS__))

/* One picture, read as the pictures of a folder are: a batch of one, (1, height, width, channels),
   numbers from 0 to 1; the caller's. The last two options have no meaning. NULL after a mistake, or
   with tarn_error() set. */
tarn_tensor *tarn_data_picture_with(tarn_pictures_args args);
#define tarn_data_picture(path_, height_, ...)                                                     \
    TARN_CALL(tarn_data_picture_with, tarn_pictures_args, TARN_PICTURES_OPTIONS, .path = (path_),  \
              .height = TARN_WHOLE(height_), .width = TARN_WHOLE_FIRST(__VA_ARGS__))

/* The pixels of one picture as its file has them, of the same kinds: (height, width, channels),
   numbers from 0 to 1; the caller's. Channels are 1, gray, or 3, red, green and blue; 2 or 4 where
   something is not opaque: the last is then the opacity. NULL after a mistake, or with tarn_error()
   set. */
tarn_tensor *tarn_data_pixels(const char *path);

/* How many pictures were left out, since they could not be read. */
int64_t tarn_data_skipped(const tarn_dataset *dataset);

/* The path of the picture that a sample is; NULL if it is none of a folder's or a list's, and for
   NULL. The dataset's. */
const char *tarn_data_path(const tarn_dataset *dataset, int64_t i);

/* ---- Tables of numbers */

/* Whether the first row has the names of the columns: it is seen from there being no number in it,
   or said. */
typedef enum tarn_header { TARN_HEADER_AUTO = 0, TARN_HEADER_YES, TARN_HEADER_NO } tarn_header;

/* A column is told by its name in the header, or by its place: 0 is the first, -1 the last. */
#define TARN_DATA_CSV_OPTIONS(OPTION)                                                              \
    OPTION(const char *, label, NULL)   /* the column of the classes; NULL: all are of class 0 */  \
    OPTION(const char *, targets, NULL) /* columns, with commas between them; NULL: no targets */  \
    OPTION(tarn_header, header, TARN_HEADER_AUTO)
typedef struct tarn_data_csv_args {
    const char *path;
    TARN_OPTIONS(TARN_DATA_CSV_OPTIONS)
} tarn_data_csv_args;

/* Reads a table, a sample a row: separated by tabs, semicolons or commas, whichever of them, in
   this order, its first line has; cells may stand in quotes, and hold such then. Samples (columns)
   of all columns that are neither label nor target, numbers as they are; targets (columns). The
   classes are the labels that there are, numbers or texts, in their order as numbers if all are
   whole numbers, else as bytes; they are the class names too. Refuses rows of different lengths and
   what is no finite number, with the line where it stands; so decimal commas. */
tarn_dataset *tarn_data_csv_with(tarn_data_csv_args args);
#define tarn_data_csv(...)                                                                         \
    TARN_CALL(tarn_data_csv_with, tarn_data_csv_args, TARN_DATA_CSV_OPTIONS, .path = __VA_ARGS__)

/* ---- Sets with files of their own form */

typedef enum tarn_split { TARN_TRAIN = 0, TARN_TEST = 1 } tarn_split;

/* CIFAR-10 in its binary version, from the folder of data_batch_1.bin to data_batch_5.bin and
   test_batch.bin. Samples (32, 32, 3), pixels scaled to [0, 1], 10 classes, with the names in
   batches.meta.txt if it is there. */
tarn_dataset *tarn_data_cifar10(const char *dir, tarn_split split);

/* CIFAR-100, from train.bin and test.bin: 100 classes with the names in fine_label_names.txt, or
   the 20 they are grouped in and coarse_label_names.txt. */
#define TARN_DATA_CIFAR100_OPTIONS(OPTION) OPTION(bool, coarse, false)
typedef struct tarn_data_cifar100_args {
    const char *dir;
    tarn_split split;
    TARN_OPTIONS(TARN_DATA_CIFAR100_OPTIONS)
} tarn_data_cifar100_args;
tarn_dataset *tarn_data_cifar100_with(tarn_data_cifar100_args args);
#define tarn_data_cifar100(dir_, ...)                                                              \
    TARN_CALL(tarn_data_cifar100_with, tarn_data_cifar100_args, TARN_DATA_CIFAR100_OPTIONS,        \
              .dir = (dir_), .split = __VA_ARGS__)

TARN_API_END

#endif
