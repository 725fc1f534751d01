#include "examples/lab/lib/digits.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>

#include "examples/lab/lib/networks.h"
#include "examples/lab/lib/optimizers.h"
#include "examples/lab/lib/training.h"

const char *const digits_networks[] = {"lenet", "cnn", NULL};

tarn_module *digits_network(const char *name)
{
    tarn_module *network = network_new(name, tarn_shape(28, 28, 1), CLASSES);
    check(network);
    return network;
}

/* ---- Data */

const char *const digits_datasets[] = {"mnist", "fashion", "sample", NULL};

/* Where ./run puts MNIST: the folder TARN_DATA names, else the user's cache. */
static const char *cache_folder(void)
{
    static char path[4096];
    const char *data = getenv("TARN_DATA"), *cache = getenv("XDG_CACHE_HOME"),
               *home = getenv("HOME");
    if (data && *data)
        snprintf(path, sizeof path, "%s/mnist", data);
    else if (cache && *cache)
        snprintf(path, sizeof path, "%s/tarn/mnist", cache);
    else
        snprintf(path, sizeof path, "%s/.cache/tarn/mnist", home && *home ? home : "");
    return path;
}

static bool file_exists(const char *dir, const char *name)
{
    char path[4200];
    snprintf(path, sizeof path, "%s/%s", dir, name);
    FILE *file = fopen(path, "rb");
    if (file)
        fclose(file);
    return file != NULL;
}

void digits_choose(digits *d)
{
    if (!d->dataset) {
        d->dataset = "mnist";
        if (!d->folder && !file_exists(cache_folder(), "train-images-idx3-ubyte") &&
            !file_exists(cache_folder(), "train-images-idx3-ubyte.gz")) {
            printf("MNIST is not in %s (./run mnist fetches it): using the sample of 10,000 "
                   "digits in data/samples\n",
                   cache_folder());
            d->dataset = "sample";
        }
    }
    if (!d->folder)
        d->folder = is(d->dataset, "mnist")     ? cache_folder()
                    : is(d->dataset, "fashion") ? "/usr/share/datasets/fashion-mnist"
                                                : TARN_SAMPLES;
}

/* Whether there is a folder in it, as where pictures are, each class in its own. */
static bool holds_folders(const char *dir)
{
    DIR *open = opendir(dir);
    bool found = false;
    for (struct dirent *entry; open && !found && (entry = readdir(open));) {
        char path[4200];
        struct stat what;
        snprintf(path, sizeof path, "%s/%s", dir, entry->d_name);
        found = entry->d_name[0] != '.' && stat(path, &what) == 0 && S_ISDIR(what.st_mode);
    }
    if (open)
        closedir(open);
    return found;
}

tarn_dataset *digits_read(const digits *d, tarn_split split)
{
    const bool fashion = is(d->dataset, "fashion");
    tarn_dataset *dataset = is(d->dataset, "sample") ? tarn_data_samples(d->folder, split)
                                                     : tarn_data_mnist(d->folder, split);
    if (!dataset && holds_folders(d->folder))
        die("%s; for pictures of your own, a folder for each class: train %s, without --data",
            tarn_error(), d->folder);
    check(dataset);
    if (!tarn_shape_equal(tarn_data_sample_shape(dataset), tarn_shape(28, 28, 1)))
        die("the images in %s are %s, expects (28,28,1)", d->folder,
            tarn_shape_to_text(tarn_data_sample_shape(dataset)).text);
    if (tarn_data_count(dataset) == 0)
        die("%s holds no %s images", d->folder, split == TARN_TRAIN ? "training" : "test");
    /* The mean and the deviation of the training pixels. */
    tarn_data_normalize(dataset, fashion ? 0.2860 : DIGITS_MEAN,
                        fashion ? 0.3530 : DIGITS_DEVIATION);
    return dataset;
}

/* ---- Lessons */

enum { BATCH = 64 };

lessons lessons_new(const digits *d, uint64_t seed)
{
    static lessons l; /* no leak where the program ends with a sentence */
    l = (lessons){
        .training = digits_read(d, TARN_TRAIN), .test = digits_read(d, TARN_TEST), .seed = seed};
    l.test_loader = tarn_loader_new(l.test, EVALUATION_BATCH);
    check(l.test_loader);
    l.steps_per_epoch = (long)((tarn_data_count(l.training) + BATCH - 1) / BATCH);
    return l;
}

void lessons_free(lessons *l)
{
    tarn_loader_free(l->test_loader);
    tarn_dataset_free(l->test);
    tarn_dataset_free(l->training);
}

void lesson_begin(training *t, const lessons *l, const char *optimizer, double lr, long steps)
{
    tarn_seed(l->seed);
    *t = (training){.lr = lr, .steps = steps, .model = digits_network("lenet")};
    t->loader = tarn_loader_new(l->training, BATCH, .shuffle = true, .seed = l->seed);
    t->optimizer = optimizer_new(optimizer, tarn_nn_parameters(t->model), lr);
    check(t->loader);
    training_record(t);
}
