/* Networks as JSON, and back, see nn/network.h. */
#include "nn/network.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/error.h"
#include "core/base/error_internal.h"
#include "core/base/memory.h"
#include "core/base/random.h"
#include "nn/exchange/graph_json.h"
#include "nn/exchange/layout.h"
#include "nn/file_info.h"
#include "nn/layer.h"
#include "nn/module_internal.h"
#include "nn/module_registry.h"
#include "nn/safetensors.h"

/* ---- To JSON. A failure of jansson's shows in tarn__json_failed(). */

static json_t *option_to_json(const tarn_option *option, double value)
{
    switch (option->type) {
    case TARN_OPTION_int:
        return json_integer((json_int_t)value);
    case TARN_OPTION_bool:
        return json_boolean(value != 0);
    default:
        return isfinite(value) ? json_real(value) : json_null();
    }
}

static json_t *numbers_to_json(const tarn_module *module)
{
    const tarn_module_numbers *numbers = &module->type->numbers;
    json_t *object = json_object();
    for (int i = 0; i < numbers->list.count; i++) {
        const tarn_option *option = &numbers->list.options[i];
        const double value = tarn_option_get(option, (const char *)module + numbers->at);
        json_object_set_new(object, option->name, option_to_json(option, value));
    }
    return object;
}

static json_t *children_to_json(const tarn_module *module)
{
    json_t *children = json_array();
    for (int i = 0; i < module->part_count; i++) {
        const tarn_module_part *part = &module->parts[i];
        json_t *child = part->child ? tarn__network_to_json(part->child) : NULL;
        if (part->child) {
            json_object_set_new(child, "name", json_string(part->name));
            json_array_append_new(children, child);
        }
    }
    return children;
}

json_t *tarn__network_to_json(const tarn_module *module)
{
    const tarn_module_type *type = module->type;
    json_t *object = json_object();
    json_object_set_new(object, "type", json_string(type->name));
    if (!tarn__type_is_of_library(type))
        json_object_set_new(object, "own", json_true());
    if (type->numbers.list.count > 0)
        json_object_set_new(object, "numbers", numbers_to_json(module));
    if (type->most_children > 0)
        json_object_set_new(object, "children", children_to_json(module));
    if (type == &tarn__nn_graph)
        tarn__graph_to_json(module, object);
    return object;
}

/* The whole object as text, which the caller frees; NULL when memory runs out. */
static char *description_text(const tarn_module *module)
{
    tarn__json_watch();
    json_t *object = json_pack("{s:i}", "version", TARN__NETWORK_VERSION);
    json_object_set_new(object, "network", tarn__network_to_json(module));
    char *text =
        object && tarn__info_to_json(module, object) ? json_dumps(object, JSON_COMPACT) : NULL;
    json_decref(object);
    if (text && !tarn__json_failed())
        return text;
    free(text);
    tarn_set_error("out of memory for the description of a %s", module->type->name);
    return NULL;
}

json_t *tarn__metadata_of(const tarn_module *module, tarn_layout layout)
{
    char *description = description_text(module);
    if (!description)
        return NULL;
    tarn__json_watch();
    json_t *metadata =
        json_pack("{s:s, s:s, s:s}", "format", layout == TARN_LAYOUT_TORCH ? "pt" : "tarn",
                  "layout", tarn__layout_text(layout), TARN__NETWORK, description);
    free(description);
    return metadata;
}

/* ---- From JSON */

/* "Conv2d {"in":1, ...}" */
static void print_module(json_t *network, char *text, size_t size)
{
    char *numbers = json_dumps(json_object_get(network, "numbers"), 0);
    const char *type = json_string_value(json_object_get(network, "type"));
    snprintf(text, size, "%s %s", type ? type : "module", numbers ? numbers : "");
    free(numbers);
}

static void print(json_t *json, char *text, size_t size)
{
    char *whole = json_dumps(json, 0);
    snprintf(text, size, "%s", whole ? whole : "something else");
    free(whole);
}

/* Where and how a, of the file, differs from b; sets the error if it does. */
static bool equal(const char *path, json_t *a, json_t *b, const tarn__place *place)
{
    if (json_equal(a, b))
        return true;
    json_t *children = json_object_get(a, "children"), *others = json_object_get(b, "children");
    const size_t count = json_array_size(children);
    for (size_t i = 0; i < count && i < json_array_size(others); i++) {
        const char *name = json_string_value(json_object_get(json_array_get(children, i), "name"));
        const tarn__place below = {place, name ? name : "?"};
        if (!equal(path, json_array_get(children, i), json_array_get(others, i), &below))
            return false;
    }
    char at[128] = "", found[200], expected[200];
    tarn__place_text(place, at, sizeof at);
    json_t *one = a, *other = b;
    if (tarn__graph_difference(&one, &other)) {
        print(one, found, sizeof found);
        print(other, expected, sizeof expected);
        return tarn_set_error("%s: its network has in the graph at \"%s\" %s, the model %s", path,
                              tarn__quote(at).text, tarn__quote(found).text, expected);
    }
    print_module(a, found, sizeof found);
    print_module(b, expected, sizeof expected);
    return tarn_set_error(
        "%s: its network has at \"%s\" a %s with %zu children, the model a %s with "
        "%zu",
        path, tarn__quote(at).text, tarn__quote(found).text, count, expected,
        json_array_size(others));
}

/* Gives the options that a file of an older version does not name the defaults that it meant. */
static void add_defaults(json_t *network)
{
    const char *name = json_string_value(json_object_get(network, "type"));
    const bool own = json_is_true(json_object_get(network, "own"));
    const tarn_module_type *type = name ? tarn__type_called(name, own) : NULL;
    json_t *numbers = json_object_get(network, "numbers"), *child;
    if (type && type->numbers.list.count > 0 && !numbers) { /* it had no numbers at all then */
        numbers = json_object();
        json_object_set_new(network, "numbers", numbers);
    }
    for (int i = type ? type->numbers.mandatory : 0; type && i < type->numbers.list.count; i++) {
        const tarn_option *option = &type->numbers.list.options[i];
        if (json_is_object(numbers) && !json_object_get(numbers, option->name))
            json_object_set_new(numbers, option->name, option_to_json(option, option->value));
    }
    size_t at;
    json_array_foreach(json_object_get(network, "children"), at, child)
    {
        add_defaults(child);
    }
}

bool tarn__network_equals(const char *path, json_t *network, const tarn_module *module)
{
    tarn__json_watch();
    add_defaults(network);
    json_t *own = tarn__network_to_json(module);
    const bool same = tarn__json_failed()
                          ? tarn_set_error("%s: out of memory to compare its network", path)
                          : equal(path, network, own, NULL);
    json_decref(own);
    return same;
}

/* A module that is being built: where it stands, for messages. */
typedef struct site {
    const char *path, *type;
    const tarn__place *place;
    int *left; /* how many more modules there may be */
} site;

static bool fail(const site *s, const char *what)
{
    char place[128] = "";
    tarn__place_text(s->place, place, sizeof place);
    return tarn_set_error("%s: its network has %s%s%s%s: %s", s->path, s->place ? "at " : "",
                          s->place ? tarn__quote(place).text : "", s->place ? " a " : "a ",
                          tarn__quote(s->type).text, what);
}

/* The value as a number; NaN if it is none of the option's type. */
static double number_of(const tarn_option *option, json_t *value)
{
    if (option->type == TARN_OPTION_bool)
        return json_is_boolean(value) ? json_is_true(value) : (double)NAN;
    return json_is_number(value) ? json_number_value(value) : (double)NAN;
}

static const tarn_option *option_called(tarn_option_list list, const char *name)
{
    for (int i = 0; i < list.count; i++)
        if (!strcmp(list.options[i].name, name))
            return &list.options[i];
    return NULL;
}

/* Fills the struct: what the file does not name has its default, if it has one. */
static bool read_numbers(const site *s, const tarn_module_numbers *numbers, json_t *object,
                         void *args)
{
    char what[160];
    tarn_options_set_defaults(numbers->list, args);
    for (int i = 0; i < numbers->mandatory; i++)
        if (!json_object_get(object, numbers->list.options[i].name)) {
            snprintf(what, sizeof what, "it says nothing of %s", numbers->list.options[i].name);
            return fail(s, what);
        }
    const char *key;
    json_t *value;
    json_object_foreach(object, key, value)
    {
        const tarn_option *option = option_called(numbers->list, key);
        if (option && tarn_option_set(option, args, number_of(option, value)))
            continue;
        snprintf(what, sizeof what, option ? "its %s is not %s" : "it has no number \"%s\"",
                 tarn__quote(key).text,
                 !option                            ? ""
                 : option->type == TARN_OPTION_int  ? "a whole number"
                 : option->type == TARN_OPTION_bool ? "true or false"
                                                    : tarn_range_text(option->range));
        return fail(s, what);
    }
    return true;
}

/* Calls the constructor, which takes the children over. What it reports as a mistake is one of the
   file's. */
static tarn_module *make(const site *s, const tarn_module_type *type, const void *args, int count,
                         tarn_module *const *children)
{
    const bool before = tarn__catch_mistakes(true);
    tarn_set_error("its constructor gives NULL");
    tarn_module *module = type->make(args, count, children);
    tarn__catch_mistakes(before);
    if (!module)
        fail(s, tarn__error_unread());
    return module;
}

static tarn_module *build(const char *path, json_t *network, const tarn__place *place, int *left);

/* Builds the children; those before one that fails are freed. */
static bool build_children(const site *s, json_t *array, tarn_module **children)
{
    for (size_t i = 0; i < json_array_size(array); i++) {
        json_t *child = json_array_get(array, i);
        const char *name = json_string_value(json_object_get(child, "name"));
        const tarn__place place = {s->place, name ? name : "?"};
        children[i] = build(s->path, child, &place, s->left);
        if (!children[i]) {
            while (i > 0)
                tarn_nn_free(children[--i]);
            return false;
        }
    }
    return true;
}

static tarn_module *build_graph(const site *s, json_t *network)
{
    tarn__graph_wrong what;
    const bool before = tarn__catch_mistakes(true);
    tarn_module *module = tarn__graph_from_json(network, s->left, &what);
    tarn__catch_mistakes(before);
    if (!module)
        fail(s, what.text);
    return module;
}

static tarn_module *build_of(const site *s, const tarn_module_type *type, json_t *network)
{
    json_t *array = json_object_get(network, "children");
    const size_t count = json_array_size(array);
    if ((array && !json_is_array(array)) || count < (size_t)type->least_children ||
        count > (size_t)type->most_children) {
        fail(s, "it has another number of children than its constructor takes");
        return NULL;
    }
    void *args = calloc(1, type->numbers.size + 1);
    tarn_module **children = calloc(count + 1, sizeof *children);
    tarn_module *module = NULL;
    if (!args || !children)
        fail(s, "out of memory");
    else if (read_numbers(s, &type->numbers, json_object_get(network, "numbers"), args) &&
             build_children(s, array, children))
        module = make(s, type, args, (int)count, children);
    free(args);
    free(children);
    return module;
}

static tarn_module *build(const char *path, json_t *network, const tarn__place *place, int *left)
{
    const char *name = json_string_value(json_object_get(network, "type"));
    const bool own = json_is_true(json_object_get(network, "own"));
    const site s = {path, name ? name : "module", place, left};
    const tarn_module_type *type = name ? tarn__type_called(name, own) : NULL;
    if (type && (*left)-- > 0)
        return type == &tarn__nn_graph ? build_graph(&s, network) : build_of(&s, type, network);
    fail(&s, type    ? "there are too many modules"
             : !name ? "its type is missing"
             : own   ? "no such type is registered, expects tarn_nn_register() before"
                     : "there is no such type");
    return NULL;
}

/* Names of children are compared with each other, so that very many would take very long. */
enum { SPARE_BYTES = 1 << 16, MOST_MODULES = 1 << 14 };

tarn_module *tarn__network_from_json(const char *path, json_t *network, size_t bytes)
{
    const uint64_t random = tarn_random_state();
    tarn__block_limit(2 * bytes + SPARE_BYTES); /* a module may need more than it saves */
    tarn_module *module = build(path, network, NULL, &(int){MOST_MODULES});
    const bool too_large = tarn__block_limit(SIZE_MAX);
    tarn_set_random_state(random);
    if (!module && too_large)
        tarn_set_error("%s: its network has more parameters than its %zu bytes of data hold", path,
                       bytes);
    return module;
}
