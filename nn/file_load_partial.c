/* Loads of a file the tensors that fit, see nn/file.h. */
#include <fnmatch.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/error_internal.h"
#include "nn/exchange/form.h"
#include "nn/exchange/layout.h"
#include "nn/file_info.h"
#include "nn/match.h"

/* The module's tensors by the names that the file has for them. */
typedef struct plan {
    const tarn_nn_load_partial_args *args;
    tarn__slots all;
    char *names;         /* in one block */
    tarn__slot *fitting; /* of them, those that can be loaded */
    tarn_nn_fit fit;
} plan;

static bool is_skipped(const plan *p, const char *name)
{
    return p->args->skip && fnmatch(p->args->skip, name, 0) == 0;
}

/* Whether the module is a part of the file's network: by .from, or since that one has convolutions
   and the module none. What comes to it is then not what comes to all of it. */
static bool is_part(const plan *p, const tarn__reader *r)
{
    bool convolves = false, file_convolves = false;
    const char *key;
    json_t *entry;
    const tarn_params list = tarn_nn_parameters(p->args->module);
    for (int i = 0; i < list.count; i++)
        convolves |= tarn_ndim(list.tensors[i]) == 4;
    json_object_foreach(r->header, key, entry) file_convolves |=
        json_array_size(json_object_get(entry, "shape")) == 4;
    return *p->args->from || (file_convolves && !convolves);
}

/* Puts what the file's names begin with before the names. False when memory runs out. */
static bool make_plan(plan *p, const tarn__reader *r)
{
    const size_t from = strlen(p->args->from);
    size_t size = 1;
    struct tarn__nn_info *info = NULL;
    tarn__travel how = {p->args->layout, p->args->names, p->args->flattened,
                        tarn_nn_info(p->args->module)->input};
    if (!tarn__layout_of(r, p->args->layout, &how.layout) || !tarn__info_of_file(r, &info))
        return false;
    const bool part = is_part(p, r);
    if (part && how.flattened < 0)
        how.flattened = TARN__NOT_TOLD;
    if (!part)
        how.input = tarn__info_input(info, how.input);
    free(info);
    p->all = tarn__slots_for(p->args->path, p->args->module, how);
    if (p->all.count < 0)
        return false;
    for (int i = 0; i < p->all.count; i++)
        size += from + strlen(p->all.slots[i].name) + 1;
    p->names = malloc(size);
    p->fitting = malloc((size_t)(p->all.count + 1) * sizeof *p->fitting);
    if (!p->names || !p->fitting)
        return tarn_set_error("%s: out of memory for a list of what fits", p->args->path);
    char *to = p->names;
    for (int i = 0; i < p->all.count; i++) {
        const char *name = p->all.slots[i].name;
        p->all.slots[i].name = to;
        to = stpcpy(stpcpy(to, p->args->from), name) + 1;
    }
    return true;
}

static void free_plan(plan *p)
{
    tarn__slots_free(&p->all);
    free(p->names);
    free(p->fitting);
}

static void say(const plan *p, const char *what, const char *name, const char *more)
{
    if (p->args->report)
        fprintf(p->args->report, "%-10s  %s%s\n", what, name, more);
}

/* One of the module's: missing, different or fitting. */
static void look_up(plan *p, const tarn__reader *r, int i)
{
    const tarn__slot *slot = &p->all.slots[i];
    const char *name = slot->optional ? NULL : p->all.list.names[i];
    if (slot->optional || is_skipped(p, name))
        return;
    json_t *entry = json_object_get(r->header, slot->name);
    if (!entry) {
        p->fit.missing++;
        say(p, "missing", name, "");
    } else if (tarn__match_one(r, slot)) {
        p->fitting[p->fit.fitting++] = *slot;
    } else {
        char *found = json_dumps(json_object_get(entry, "shape"), JSON_COMPACT | JSON_ENCODE_ANY);
        const char *dtype = json_string_value(json_object_get(entry, "dtype"));
        char more[1024];
        snprintf(more, sizeof more, ": %s %s in the file, " TARN__DTYPE " %s in the module",
                 tarn__quote(dtype ? dtype : "?").text, tarn__quote(found ? found : "?").text,
                 tarn_shape_to_text(tarn__slot_file_shape(slot)).text);
        free(found);
        p->fit.different++;
        say(p, "different", name, more);
    }
}

/* One of the file's: whether the module has none of its name. */
static void look_back(plan *p, const char *key)
{
    const size_t from = strlen(p->args->from);
    if (!strcmp(key, TARN__METADATA) || strchr(key, ':') || strncmp(key, p->args->from, from) != 0)
        return;
    for (int i = 0; i < p->all.count; i++)
        if (!strcmp(p->all.slots[i].name, key))
            return;
    p->fit.unexpected++;
    say(p, "unexpected", tarn__quote(key + from).text, "");
}

static void compare(plan *p, const tarn__reader *r)
{
    for (int i = 0; i < p->all.count; i++)
        look_up(p, r, i);
    const char *key;
    json_t *entry;
    json_object_foreach(r->header, key, entry) look_back(p, key);
    if (p->args->report)
        fprintf(p->args->report, "%d fit, %d missing, %d unexpected, %d different\n",
                p->fit.fitting, p->fit.missing, p->fit.unexpected, p->fit.different);
}

static bool load(plan *p, tarn__reader *r)
{
    compare(p, r);
    if (!tarn__match(r, p->fitting, p->fit.fitting, TARN__ANY_OTHERS))
        return false;
    if (p->args->apply && p->fit.fitting == 0)
        return tarn_set_error("%s: none of its tensors fits the module", p->args->path);
    if (p->args->apply && !(tarn__reader_read(r) && tarn__reader_check(r, p->fitting)))
        return false;
    if (p->args->apply)
        tarn__reader_fill(r, p->fitting);
    if (p->args->fit)
        *p->args->fit = p->fit;
    return true;
}

bool tarn_nn_load_partial_with(tarn_nn_load_partial_args args)
{
    if (!args.path || !args.from)
        return tarn_fail("nn_load_partial: %s is NULL", args.path ? "from" : "the path");
    if (!args.module)
        return tarn_fail_null("nn_load_partial: the module");
    if (!tarn__layout_is_right("nn_load_partial", args.layout, args.flattened))
        return false;
    plan p = {.args = &args, .all = {.count = -1}};
    tarn__reader r;
    const bool loaded = tarn__reader_open(&r, args.path, -1) && make_plan(&p, &r) && load(&p, &r);
    tarn__reader_close(&r);
    free_plan(&p);
    return tarn__told(loaded);
}
