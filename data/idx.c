/*
 * IDX, the format of MNIST and its relatives:
 *
 *     0, 0, type of the elements, number of dimensions
 *     each dimension in four bytes, the highest first
 *     the elements, row-major, the highest byte of each first
 *
 * Images have three dimensions (count, height, width) or others (count, ...), labels one. The
 * header is believed only where it agrees with the size of the file, so that memory is taken for
 * bytes that are there.
 */
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "core/base/error.h"
#include "data/dataset.h"
#include "data/gzip.h"
#include "data/input.h"
#include "data/store.h"

enum {
    UNSIGNED_BYTES = 0x08,
    SIGNED_BYTES = 0x09,
    SHORTS = 0x0B,
    INTS = 0x0C,
    FLOATS = 0x0D,
    DOUBLES = 0x0E
};

enum { LARGEST_HEADER = 4 + 4 * TARN_MAX_NDIM };

typedef struct idx_kind {
    const char *name;
    int ndim; /* as most files have it */
} idx_kind;

static const idx_kind images_kind = {"images", 3}, labels_kind = {"labels", 1};

typedef struct idx {
    tarn_shape shape;
    int type;
    uint8_t *elements;
} idx;

/* The size of an element; 0: there is no such type. */
static int64_t element_size(int type)
{
    return type == UNSIGNED_BYTES || type == SIGNED_BYTES ? 1
           : type == SHORTS                               ? 2
           : type == INTS || type == FLOATS               ? 4
           : type == DOUBLES                              ? 8
                                                          : 0;
}

static int64_t header_size(int ndim)
{
    return 4 + 4 * ndim;
}

/* Whether a file can begin so: images have more dimensions than labels, which are whole numbers. */
static bool check_magic(const char *path, const idx_kind *kind, const uint8_t *start)
{
    const int type = start[2], ndim = start[3];
    const bool is_idx = start[0] == 0 && start[1] == 0 && element_size(type) > 0 && ndim >= 1 &&
                        ndim <= TARN_MAX_NDIM;
    if (is_idx && (kind == &images_kind ? ndim > 1 : ndim == 1 && type < FLOATS))
        return true;
    const idx_kind *other = kind == &images_kind ? &labels_kind : &images_kind;
    if (is_idx && type == UNSIGNED_BYTES && ndim == other->ndim)
        return tarn_set_error("%s: holds %s (magic number 0x80%d), expects %s (0x80%d): are the "
                              "files swapped?",
                              path, other->name, other->ndim, kind->name, kind->ndim);
    return tarn_set_error("%s: is not an IDX file of %s: it begins with %02x %02x %02x %02x, "
                          "expects 00 00 08 %02x",
                          path, kind->name, start[0], start[1], start[2], start[3],
                          (unsigned)kind->ndim);
}

/* Reads type and shape from the start of a file of that size. */
static bool read_header(const char *path, const idx_kind *kind, const uint8_t *start, int64_t size,
                        idx *out)
{
    if (size >= 4 && !check_magic(path, kind, start))
        return false;
    const int ndim = size >= 4 ? start[3] : kind->ndim;
    const int64_t left = size - header_size(ndim);
    if (left < 0)
        return tarn_set_error("%s: is truncated: %lld bytes, the header of IDX %s alone has %lld",
                              path, (long long)size, kind->name, (long long)header_size(ndim));
    out->type = start[2];
    out->shape = (tarn_shape){.ndim = ndim};
    int64_t expected = element_size(out->type);
    bool overflow = false, empty = false;
    for (int i = 0; i < ndim; i++) {
        const uint8_t *b = start + 4 + 4 * i;
        int64_t dim = (int64_t)b[0] << 24 | b[1] << 16 | b[2] << 8 | b[3];
        out->shape.dim[i] = dim;
        empty |= dim == 0;
        overflow |= __builtin_mul_overflow(expected, dim, &expected);
    }
    tarn_shape_text text = tarn_shape_to_text(out->shape);
    if (empty && out->shape.dim[0] > 0)
        return tarn_set_error("%s: holds %s of shape %s, expects at least one pixel in each", path,
                              kind->name, text.text);
    if (!empty && (overflow || expected > left))
        return tarn_set_error("%s: is truncated: its header promises %s of shape %s, %lld bytes "
                              "follow",
                              path, kind->name, text.text, (long long)left);
    if (left > (empty ? 0 : expected))
        return tarn_set_error("%s: is oversized: its header promises %s of shape %s, %lld bytes "
                              "follow",
                              path, kind->name, text.text, (long long)left);
    return true;
}

static bool read_raw(tarn__input *input, const idx_kind *kind, const uint8_t *start, idx *out)
{
    if (!read_header(input->path, kind, start, input->size, out))
        return false;
    out->elements = tarn__input_load(input, header_size(out->shape.ndim));
    return out->elements;
}

static bool read_gzip(tarn__input *input, const idx_kind *kind, idx *out)
{
    uint8_t *packed = tarn__input_load(input, 0);
    int64_t size = 0;
    uint8_t *contents = packed ? tarn__gunzip(input->path, packed, input->size, &size) : NULL;
    free(packed);
    if (!contents)
        return false;
    uint8_t start[LARGEST_HEADER] = {0};
    memcpy(start, contents, (size_t)(size < LARGEST_HEADER ? size : LARGEST_HEADER));
    if (!read_header(input->path, kind, start, size, out)) {
        free(contents);
        return false;
    }
    const int64_t header = header_size(out->shape.ndim);
    out->elements = memmove(contents, contents + header, (size_t)(size - header));
    return true;
}

static bool read_idx(const char *path, const idx_kind *kind, idx *out)
{
    tarn__input input;
    if (!tarn__input_open(&input, path))
        return false;
    uint8_t start[LARGEST_HEADER] = {0};
    bool good = tarn__input_read(&input, 0, start,
                                 input.size < LARGEST_HEADER ? input.size : LARGEST_HEADER);
    if (good)
        good = tarn__is_gzip(start, input.size) ? read_gzip(&input, kind, out)
                                                : read_raw(&input, kind, start, out);
    tarn__input_close(&input);
    return good;
}

/* ---- Elements */

static double element(const idx *from, int64_t i)
{
    const int64_t size = element_size(from->type);
    uint64_t bits = 0;
    for (int64_t k = 0; k < size; k++)
        bits = bits << 8 | from->elements[i * size + k];
    if (from->type == DOUBLES) {
        double number;
        memcpy(&number, &bits, sizeof number);
        return number;
    }
    const uint32_t low = (uint32_t)bits;
    if (from->type == FLOATS) {
        float number;
        memcpy(&number, &low, sizeof number);
        return number;
    }
    switch (from->type) {
    case UNSIGNED_BYTES:
        return low;
    case SIGNED_BYTES:
        return (int8_t)low;
    case SHORTS:
        return (int16_t)low;
    default:
        return (int32_t)low;
    }
}

/* The elements as numbers; NULL with tarn_error() set. */
static tarn_real *numbers_of(const char *path, const idx *from)
{
    const int64_t count = tarn_shape_size(from->shape);
    tarn_real *numbers = malloc((size_t)count * sizeof *numbers + 1);
    if (!numbers)
        tarn_set_error("%s: out of memory for %lld numbers", path, (long long)count);
    for (int64_t i = 0; numbers && i < count; i++) {
        numbers[i] = (tarn_real)element(from, i);
        if (isfinite(numbers[i]))
            continue;
        tarn_set_error("%s: element %lld is no finite number, or too large", path, (long long)i);
        free(numbers);
        return NULL;
    }
    return numbers;
}

/* The labels as class ids; NULL with tarn_error() set. */
static int32_t *class_ids(const char *path, const idx *labels, int classes)
{
    int64_t count = labels->shape.dim[0];
    int32_t *ids = malloc((size_t)(count + 1) * sizeof *ids);
    if (!ids)
        tarn_set_error("%s: out of memory for %lld labels", path, (long long)count);
    for (int64_t i = 0; ids && i < count; i++) {
        ids[i] = (int32_t)element(labels, i);
        if (ids[i] >= 0 && ids[i] < classes)
            continue;
        tarn_set_error("%s: label %lld is %d, expects 0 to %d", path, (long long)i, ids[i],
                       classes - 1);
        free(ids);
        return NULL;
    }
    return ids;
}

/* ---- Datasets */

/* Takes the elements of the images and the labels. */
static tarn_dataset *dataset_of(const char *path, idx *images, int32_t *ids, int classes)
{
    tarn_shape shape = images->shape;
    if (shape.ndim == 3)
        shape = tarn_shape(shape.dim[0], shape.dim[1], shape.dim[2], 1);
    if (images->type == UNSIGNED_BYTES)
        return tarn__dataset_of_bytes(shape, images->elements, ids, classes);
    tarn_real *numbers = numbers_of(path, images);
    free(images->elements);
    if (numbers)
        return tarn__dataset_of_numbers(shape, numbers, ids, classes);
    free(ids);
    return NULL;
}

tarn_dataset *tarn_data_idx(const char *images_path, const char *labels_path, int classes)
{
    if (classes < 1)
        return tarn_fail("data_idx: %d classes, expects at least 1", classes);
    idx images = {.elements = NULL}, labels = {.elements = NULL};
    int32_t *ids = NULL;
    bool good = read_idx(images_path, &images_kind, &images) &&
                read_idx(labels_path, &labels_kind, &labels);
    if (good && images.shape.dim[0] != labels.shape.dim[0])
        good = tarn_set_error("%s: holds %lld images and %s %lld labels, expects as many of each",
                              images_path, (long long)images.shape.dim[0], labels_path,
                              (long long)labels.shape.dim[0]);
    if (good)
        ids = class_ids(labels_path, &labels, classes);
    free(labels.elements);
    if (ids)
        return dataset_of(images_path, &images, ids, classes);
    free(images.elements);
    return NULL;
}

/* The path of the first file of these names that is there; to be freed. */
static char *find(const char *dir, const char *name, const char *dotted_name)
{
    const char *const names[] = {name, dotted_name, name, dotted_name};
    static const char *const suffixes[] = {"", "", ".gz", ".gz"};
    for (int i = 0; i < 4; i++) {
        char *path = tarn__path(dir, names[i], suffixes[i]);
        if (!path || access(path, F_OK) == 0)
            return path;
        free(path);
    }
    tarn_set_error("%s: has no file %s or %s, nor one of them with .gz", dir, name, dotted_name);
    return NULL;
}

tarn_dataset *tarn_data_mnist(const char *dir, tarn_split split)
{
    if (split != TARN_TRAIN && split != TARN_TEST)
        return tarn_fail("data_mnist: split is %d, expects TARN_TRAIN or TARN_TEST", (int)split);
    bool train = split == TARN_TRAIN;
    char *images = train ? find(dir, "train-images-idx3-ubyte", "train-images.idx3-ubyte")
                         : find(dir, "t10k-images-idx3-ubyte", "t10k-images.idx3-ubyte");
    char *labels = !images ? NULL
                   : train ? find(dir, "train-labels-idx1-ubyte", "train-labels.idx1-ubyte")
                           : find(dir, "t10k-labels-idx1-ubyte", "t10k-labels.idx1-ubyte");
    tarn_dataset *dataset = labels ? tarn_data_idx(images, labels, 10) : NULL;
    free(images);
    free(labels);
    return dataset;
}
