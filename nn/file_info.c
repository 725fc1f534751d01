/* What is known of a network beside its modules, see nn/file.h. */
#include "nn/file_info.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/error_internal.h"
#include "core/base/text.h"
#include "nn/module.h"
#include "nn/safetensors.h"

const tarn_shape tarn_nn_unknown_shape = {.ndim = -1};

/* In one block, behind it the numbers, the pointers to the names and their characters. */
struct tarn__nn_info {
    tarn_nn_description about;
};

static bool check(const tarn_nn_describe_args *args)
{
    static const char me[] = "nn_describe";
    if (args->input.ndim >= 0 && tarn_shape_size(args->input) < 0)
        return tarn_fail("%s: the input %s is invalid or too large", me,
                         tarn_shape_to_text(args->input).text);
    if (args->class_count < 0 || args->channels < 0)
        return tarn_fail("%s: %s is %d, expects at least 0", me,
                         args->class_count < 0 ? "class_count" : "channels",
                         args->class_count < 0 ? args->class_count : args->channels);
    for (int i = 0; i < args->class_count; i++)
        if (!args->class_names || !args->class_names[i])
            return tarn_fail("%s: the name of class %d is NULL", me, i);
    if (args->channels > 0 && !(args->mean && args->deviation))
        return tarn_fail("%s: the %s of %d channels is NULL", me, args->mean ? "deviation" : "mean",
                         args->channels);
    for (int c = 0; c < args->channels; c++)
        if (!isfinite(args->mean[c]) || !(args->deviation[c] > 0 && isfinite(args->deviation[c])))
            return tarn_fail("%s: channel %d has mean %g and deviation %g, expects finite numbers, "
                             "and a deviation above 0",
                             me, c, args->mean[c], args->deviation[c]);
    return true;
}

/* NULL with tarn_error() set when memory runs out. */
static struct tarn__nn_info *copy(const tarn_nn_description *from)
{
    const size_t classes = (size_t)from->class_count, channels = (size_t)from->channels;
    size_t characters = 0;
    for (size_t i = 0; i < classes; i++)
        characters += strlen(from->class_names[i]) + 1;
    const size_t numbers = 2 * channels * sizeof(double), names = classes * sizeof(char *);
    struct tarn__nn_info *info = malloc(sizeof *info + numbers + names + characters);
    if (!info) {
        tarn_set_error("nn_describe: out of memory for %zu classes", classes);
        return NULL;
    }
    double *mean = (double *)(info + 1), *deviation = mean + channels;
    const char **name = (const char **)(deviation + channels);
    char *text = (char *)(name + classes);
    for (size_t c = 0; c < channels; c++) {
        mean[c] = from->mean[c];
        deviation[c] = from->deviation[c];
    }
    for (size_t i = 0; i < classes; i++) {
        name[i] = text;
        text = stpcpy(text, from->class_names[i]) + 1;
    }
    info->about = *from;
    info->about.class_names = name;
    info->about.mean = mean;
    info->about.deviation = deviation;
    if (from->input.ndim < 0)
        info->about.input = tarn_nn_unknown_shape;
    return info;
}

bool tarn__info_of_file(const tarn__reader *r, struct tarn__nn_info **info)
{
    *info = NULL;
    if (!tarn__reader_metadata(r, TARN__NETWORK))
        return true;
    json_t *about = tarn__read_description(r);
    *info = about ? tarn__info_from_json(r->path, about) : NULL;
    json_decref(about);
    return *info;
}

tarn_shape tarn__info_input(const struct tarn__nn_info *info, tarn_shape otherwise)
{
    return info && info->about.input.ndim >= 0 ? info->about.input : otherwise;
}

void tarn__info_give(tarn_module *module, struct tarn__nn_info *info)
{
    free(module->info);
    module->info = info;
}

bool tarn_nn_describe_with(tarn_nn_describe_args args)
{
    if (!args.module)
        return tarn_fail_null("nn_describe: the module");
    if (!check(&args))
        return false;
    for (int i = 0; i < args.class_count; i++)
        if (!tarn_is_utf8(args.class_names[i]))
            return tarn__told(
                tarn_set_error("nn_describe: the name of class %d, \"%s\", is not UTF-8", i,
                               tarn__quote(args.class_names[i]).text));
    struct tarn__nn_info *info = copy(&(tarn_nn_description){.input = args.input,
                                                             .class_count = args.class_count,
                                                             .class_names = args.class_names,
                                                             .channels = args.channels,
                                                             .mean = args.mean,
                                                             .deviation = args.deviation});
    if (info)
        tarn__info_give(args.module, info);
    return tarn__told(info);
}

const tarn_nn_description *tarn_nn_info(const tarn_module *module)
{
    static const tarn_nn_description nothing = {.input = {.ndim = -1}};
    return module && module->info ? &module->info->about : &nothing;
}

/* ---- To JSON. A failure of jansson's shows in tarn__json_failed(). */

static json_t *numbers_to_json(int count, const double *numbers)
{
    json_t *array = json_array();
    for (int i = 0; i < count; i++)
        json_array_append_new(array, json_real(numbers[i]));
    return array;
}

bool tarn__info_to_json(const tarn_module *module, json_t *object)
{
    const tarn_nn_description *about = tarn_nn_info(module);
    if (about->input.ndim >= 0) {
        json_t *input = json_array();
        for (int i = 0; i < about->input.ndim; i++)
            json_array_append_new(input, json_integer(about->input.dim[i]));
        json_object_set_new(object, "input", input);
    }
    if (about->class_count > 0) {
        json_t *names = json_array();
        for (int i = 0; i < about->class_count; i++)
            json_array_append_new(names, json_string(about->class_names[i]));
        json_object_set_new(object, "classes", names);
    }
    if (about->channels > 0) {
        json_object_set_new(object, "mean", numbers_to_json(about->channels, about->mean));
        json_object_set_new(object, "deviation",
                            numbers_to_json(about->channels, about->deviation));
    }
    return !tarn__json_failed();
}

/* ---- From JSON */

json_t *tarn__read_description(const tarn__reader *r)
{
    json_t *about = tarn__reader_json(r, TARN__NETWORK);
    json_t *version = json_object_get(about, "version");
    if (!about || json_integer_value(version) == TARN__NETWORK_VERSION)
        return about;
    tarn_set_error("%s: its description is of version %lld, expects %d", r->path,
                   (long long)json_integer_value(version), TARN__NETWORK_VERSION);
    json_decref(about);
    return NULL;
}

static bool read_shape(json_t *array, tarn_shape *shape)
{
    if (!json_is_array(array) || json_array_size(array) > TARN_MAX_NDIM)
        return false;
    shape->ndim = (int)json_array_size(array);
    for (int i = 0; i < shape->ndim; i++) {
        json_t *dim = json_array_get(array, (size_t)i);
        if (!json_is_integer(dim) || json_integer_value(dim) < 0)
            return false;
        shape->dim[i] = json_integer_value(dim);
    }
    return tarn_shape_size(*shape) >= 0;
}

/* Finite numbers above the least. */
static bool read_numbers(json_t *array, int count, double least, double *to)
{
    if ((int)json_array_size(array) != count)
        return false;
    for (int i = 0; i < count; i++) {
        json_t *number = json_array_get(array, (size_t)i);
        to[i] = json_number_value(number);
        if (!json_is_number(number) || !(to[i] > least))
            return false;
    }
    return true;
}

static bool read_names(json_t *array, const char **names)
{
    for (size_t i = 0; i < json_array_size(array); i++) {
        names[i] = json_string_value(json_array_get(array, i));
        if (!names[i])
            return false;
    }
    return true;
}

/* Fills the description, whose arrays have room. Returns what is wrong, NULL for nothing. */
static const char *read_all(json_t *object, tarn_nn_description *about, const char **names,
                            double *mean, double *deviation)
{
    json_t *input = json_object_get(object, "input"), *classes = json_object_get(object, "classes");
    if (input && !read_shape(input, &about->input))
        return "input, expects the shape of a sample";
    if (classes && !(json_is_array(classes) && read_names(classes, names)))
        return "classes, expects a list of texts";
    if (!read_numbers(json_object_get(object, "mean"), about->channels, -INFINITY, mean))
        return "mean, expects a list of numbers";
    if (!read_numbers(json_object_get(object, "deviation"), about->channels, 0, deviation))
        return "deviation, expects as many numbers above 0 as mean has";
    return NULL;
}

struct tarn__nn_info *tarn__info_from_json(const char *path, json_t *object)
{
    const size_t classes = json_array_size(json_object_get(object, "classes"));
    const size_t channels = json_array_size(json_object_get(object, "mean"));
    tarn_nn_description about = {
        .input = tarn_nn_unknown_shape, .class_count = (int)classes, .channels = (int)channels};
    const char **names = calloc(classes + 1, sizeof *names);
    double *numbers = calloc(2 * channels + 1, sizeof *numbers);
    struct tarn__nn_info *info = NULL;
    if (names && numbers) {
        const char *wrong = read_all(object, &about, names, numbers, numbers + channels);
        about.class_names = names;
        about.mean = numbers;
        about.deviation = numbers + channels;
        if (wrong)
            tarn_set_error("%s: its description has another %s", path, wrong);
        else
            info = copy(&about);
    } else {
        tarn_set_error("%s: out of memory for its description", path);
    }
    free(names);
    free(numbers);
    return info;
}
