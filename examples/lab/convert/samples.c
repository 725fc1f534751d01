#include "examples/lab/convert/samples.h"

#include <string.h>

#include "examples/lab/lib/digits.h"

enum { SAMPLES = 500 };

/* All samples of an array, which are as the network takes them. */
static tarn_tensor *read_array(const char *path, tarn_shape sample)
{
    static tarn_tensor *x; /* no leak where it dies */
    x = tarn_npy_load(path);
    check(x);
    const tarn_shape found = tarn_shape_get(x);
    const bool fits =
        found.ndim == sample.ndim + 1 && found.dim[0] > 0 &&
        memcmp(found.dim + 1, sample.dim, (size_t)sample.ndim * sizeof *sample.dim) == 0;
    if (!fits)
        die("--calibrate %s: is an array of %s, expects (count, ...) samples of %s", path,
            tarn_shape_to_text(found).text, tarn_shape_to_text(sample).text);
    return x;
}

static tarn_dataset *read_digits(const char *name, tarn_shape sample)
{
    digits d = {.dataset = name};
    digits_choose(&d);
    tarn_dataset *data = digits_read(&d, TARN_TRAIN);
    if (!tarn_shape_equal(tarn_data_sample_shape(data), sample))
        die("--calibrate %s: has images of (28,28,1), and the network takes samples of %s", name,
            tarn_shape_to_text(sample).text);
    return data;
}

static tarn_dataset *read_folder(const char *path, tarn_shape sample,
                                 const tarn_nn_description *about)
{
    if (sample.ndim != 3 || (sample.dim[2] != 1 && sample.dim[2] != 3))
        die("--calibrate %s: the network takes samples of %s, which are no pictures: give an array "
            "of samples, FILE.npy",
            path, tarn_shape_to_text(sample).text);
    if (about->channels == 0)
        die("--calibrate %s: the network's file does not say how its pictures are normalized: give "
            "an array of samples as it takes them, FILE.npy",
            path);
    return tarn_data_folder(path, (int)sample.dim[0], (int)sample.dim[1],
                            .channels = (int)sample.dim[2]);
}

tarn_tensor *read_calibration(const char *source, const tarn_module *model, tarn_shape sample)
{
    static tarn_dataset *data;
    static tarn_loader *loader;
    tarn_batch batch;
    const tarn_nn_description *about = tarn_nn_info(model);
    const size_t length = strlen(source);
    const bool known = is(source, "mnist") || is(source, "fashion") || is(source, "sample");
    if (length > 4 && is(source + length - 4, ".npy"))
        return read_array(source, sample);
    data = known ? read_digits(source, sample) : read_folder(source, sample, about);
    check(data);
    if (about->channels > 0)
        check(tarn_data_normalize_channels(data, about->mean, about->deviation));
    const int64_t count = tarn_data_count(data);
    loader = tarn_loader_new(data, count < SAMPLES ? (int)count : SAMPLES, .shuffle = true);
    check(loader && tarn_loader_next(loader, &batch));
    tarn_tensor *images = tarn_clone(batch.images);
    check(images);
    tarn_loader_free(loader);
    tarn_dataset_free(data);
    loader = NULL;
    data = NULL;
    return images;
}
