#include <string.h>

#include "examples/lab/lib/networks.h"
#include "examples/lab/lib/options.h"
#include "examples/lab/pictures/pictures.h"

/* A kind of source. What stands behind its prefix is a path. */
typedef struct source {
    const char *prefix, *form;
    tarn_dataset *(*read)(const picture_settings *s, const char *path, tarn_split split);
    bool is_scaled;   /* pictures are brought to --size */
    bool has_numbers; /* no pictures, with a column that is the --label */
    bool has_test;    /* samples to validate on come with it */
} source;

static tarn_dataset *read_folder(const picture_settings *s, const char *path, tarn_split split)
{
    (void)split;
    return tarn_data_folder(path, (int)s->size, (int)s->size, .channels = s->gray ? 1 : 3);
}

static tarn_dataset *read_list(const picture_settings *s, const char *path, tarn_split split)
{
    (void)split;
    return tarn_data_list(path, (int)s->size, (int)s->size, .channels = s->gray ? 1 : 3);
}

static tarn_dataset *read_csv(const picture_settings *s, const char *path, tarn_split split)
{
    (void)split;
    return tarn_data_csv(path, .label = s->label);
}

static tarn_dataset *read_cifar10(const picture_settings *s, const char *path, tarn_split split)
{
    (void)s;
    return tarn_data_cifar10(path, split);
}

static tarn_dataset *read_cifar100(const picture_settings *s, const char *path, tarn_split split)
{
    (void)s;
    return tarn_data_cifar100(path, split);
}

static tarn_dataset *read_mnist(const picture_settings *s, const char *path, tarn_split split)
{
    (void)s;
    return tarn_data_mnist(path, split);
}

static const source sources[] = {
    {.prefix = "list:", .form = "list:FILE", .read = read_list, .is_scaled = true},
    {.prefix = "csv:", .form = "csv:FILE", .read = read_csv, .has_numbers = true},
    {.prefix = "cifar10:", .form = "cifar10:DIR", .read = read_cifar10, .has_test = true},
    {.prefix = "cifar100:", .form = "cifar100:DIR", .read = read_cifar100, .has_test = true},
    {.prefix = "mnist:", .form = "mnist:DIR", .read = read_mnist, .has_test = true},
};

static const source folders = {
    .prefix = "", .form = "FOLDER", .read = read_folder, .is_scaled = true};

static const source *source_of(const picture_settings *s)
{
    if (s->folder)
        return &folders;
    for (size_t i = 0; i < sizeof sources / sizeof *sources; i++)
        if (strncmp(s->data, sources[i].prefix, strlen(sources[i].prefix)) == 0)
            return &sources[i];
    die("--data %s: is no known source, expects list:FILE, csv:FILE, cifar10:DIR, cifar100:DIR or "
        "mnist:DIR; a FOLDER of pictures goes without --data",
        s->data);
}

const char *source_name(const picture_settings *s)
{
    return s->folder ? s->folder : s->data;
}

bool source_has_numbers(const picture_settings *s)
{
    return source_of(s)->has_numbers;
}

bool source_is_scaled(const picture_settings *s)
{
    return source_of(s)->is_scaled;
}

bool source_has_test(const picture_settings *s)
{
    return source_of(s)->has_test;
}

static void refuse(bool given, const char *name, const source *from, const char *why)
{
    if (given)
        die("--%s: does not go with %s, %s", name, from->form, why);
}

/* Dies if the network takes no samples of that size, where that is known. */
static void check_network(const picture_settings *s, const source *from)
{
    const long size = s->size > 0 ? s->size : 32;
    if (s->model && from->is_scaled)
        network_check(s->model, tarn_shape(size, size, s->gray ? 1 : 3));
    if (s->model && from->has_numbers && !is(s->model, "mlp"))
        die("--model %s: is for pictures, and %s holds numbers; mlp takes them", s->model,
            from->form);
}

void check_source(const picture_settings *s)
{
    const source *from = source_of(s);
    if (!source_name(s)[strlen(from->prefix)])
        die("--data %s: names nothing behind the colon, expects %s", s->data, from->form);
    refuse(s->size > 0 && !from->is_scaled, "size", from,
           from->has_numbers ? "which holds numbers" : "whose pictures keep their size");
    refuse(s->gray && !from->is_scaled, "gray", from,
           from->has_numbers ? "which holds numbers" : "whose pictures keep their channels");
    refuse(s->augment && !is(s->augment, "none") && from->has_numbers, "augment", from,
           "which holds numbers, not pictures");
    refuse(s->label && !from->has_numbers, "label", from, "which is no table of numbers");
    refuse(s->validation >= 0 && from->has_test, "validation", from,
           "which has test samples to validate on");
    check_network(s, from);
}

tarn_dataset *read_source(const picture_settings *s, tarn_split split)
{
    const source *from = source_of(s);
    tarn_dataset *dataset = from->read(s, source_name(s) + strlen(from->prefix), split);
    check(dataset);
    return dataset;
}
