/*
 * IDX, the format of MNIST and its relatives:
 *
 *     0, 0, type of the elements (8: unsigned bytes), number of dimensions
 *     each dimension in four bytes, the highest first
 *     the elements, row-major
 *
 * Images have three dimensions (count, height, width), labels one. The header is believed only
 * where it agrees with the size of the file, so that memory is taken for bytes that are there.
 */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "core/base/error.h"
#include "data/dataset.h"
#include "data/gzip.h"
#include "data/input.h"

enum { UNSIGNED_BYTES = 8, LARGEST_HEADER = 16 };

typedef struct idx_kind {
    const char *name;
    int ndim;
} idx_kind;

static const idx_kind images_kind = {"images", 3}, labels_kind = {"labels", 1};

typedef struct idx {
    tarn_shape shape;
    uint8_t *elements;
} idx;

static int64_t header_size(const idx_kind *kind)
{
    return 4 + 4 * kind->ndim;
}

static bool check_magic(const char *path, const idx_kind *kind, const uint8_t *start)
{
    const uint8_t magic[4] = {0, 0, UNSIGNED_BYTES, (uint8_t)kind->ndim};
    if (memcmp(start, magic, 4) == 0)
        return true;
    const idx_kind *other = kind == &images_kind ? &labels_kind : &images_kind;
    if (memcmp(start, magic, 3) == 0 && start[3] == other->ndim)
        return tarn_set_error("%s: holds %s (magic number 0x80%d), expects %s (0x80%d): are the "
                              "files swapped?",
                              path, other->name, other->ndim, kind->name, kind->ndim);
    return tarn_set_error("%s: is not an IDX file of %s: it begins with %02x %02x %02x %02x, "
                          "expects 00 00 08 %02x",
                          path, kind->name, start[0], start[1], start[2], start[3], magic[3]);
}

/* Reads the shape from the start of a file of that size. */
static bool read_header(const char *path, const idx_kind *kind, const uint8_t *start, int64_t size,
                        tarn_shape *shape)
{
    int64_t left = size - header_size(kind), expected = 1;
    if (size >= 4 && !check_magic(path, kind, start))
        return false;
    if (left < 0)
        return tarn_set_error("%s: is truncated: %lld bytes, the header of IDX %s alone has %lld",
                              path, (long long)size, kind->name, (long long)header_size(kind));
    *shape = (tarn_shape){.ndim = kind->ndim};
    bool overflow = false, empty = false;
    for (int i = 0; i < kind->ndim; i++) {
        const uint8_t *b = start + 4 + 4 * i;
        int64_t dim = (int64_t)b[0] << 24 | b[1] << 16 | b[2] << 8 | b[3];
        shape->dim[i] = dim;
        empty |= dim == 0;
        overflow |= __builtin_mul_overflow(expected, dim, &expected);
    }
    tarn_shape_text text = tarn_shape_to_text(*shape);
    if (empty && shape->dim[0] > 0)
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
    if (!read_header(input->path, kind, start, input->size, &out->shape))
        return false;
    out->elements = tarn__input_load(input, header_size(kind));
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
    if (!read_header(input->path, kind, start, size, &out->shape)) {
        free(contents);
        return false;
    }
    size_t elements_size = (size_t)(size - header_size(kind));
    out->elements = memmove(contents, contents + header_size(kind), elements_size);
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

/* The labels as class ids; NULL with tarn_error() set. */
static int32_t *class_ids(const char *path, const idx *labels, int classes)
{
    int64_t count = labels->shape.dim[0];
    int32_t *ids = malloc((size_t)(count + 1) * sizeof *ids);
    if (!ids)
        tarn_set_error("%s: out of memory for %lld labels", path, (long long)count);
    for (int64_t i = 0; ids && i < count; i++) {
        ids[i] = labels->elements[i];
        if (ids[i] < classes)
            continue;
        tarn_set_error("%s: label %lld is %d, expects 0 to %d", path, (long long)i, ids[i],
                       classes - 1);
        free(ids);
        return NULL;
    }
    return ids;
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
    if (!ids) {
        free(images.elements);
        return NULL;
    }
    tarn_shape shape = tarn_shape(images.shape.dim[0], images.shape.dim[1], images.shape.dim[2], 1);
    return tarn__dataset_of_bytes(shape, images.elements, ids, classes);
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
