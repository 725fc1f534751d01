/*
 * Checkpoints. Everything that is saved is a slot of a list (core/slot.h), which is written to a
 * safetensors file as it stands and read back in place; what must be the same on both sides is a
 * setting (core/state.h), a text. The model's tensors have their own names, all others a colon in
 * theirs, by which nn/match.c knows what is not the model's. Under TARN__CHECKPOINT in the
 * metadata:
 *
 *     {"version": 1, "settings": {"optimizer0": "adam of 4 parameters: lr=0.001, ...", ...}}
 */
#include "nn/checkpoint.h"

#include <float.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/error_internal.h"
#include "core/base/random.h"
#include "nn/checkpoint_internal.h"
#include "nn/checkpoint_parts.h"
#include "nn/exchange/layout.h"
#include "nn/file_info.h"
#include "nn/match.h"
#include "nn/network.h"
#include "nn/writer.h"

enum { VERSION = 1 };

/* ---- Saving */

/* What stands behind the end of a text is nobody's business. */
static void clear_rest(const tarn_checkpoint *c)
{
    for (const tarn_checkpoint_text *t = c->texts; t && t->name; t++) {
        const size_t length = strlen(t->text);
        memset(t->text + length, 0, t->size - length);
    }
}

/* Whether all names can be written; JSON is UTF-8. */
static bool check_text(const char *path, const char *text)
{
    json_t *json = json_string(text);
    json_decref(json);
    return json || tarn__json_failed() ||
           tarn_set_error("%s: cannot be written: \"%s\" is not UTF-8", path,
                          tarn__quote(text).text);
}

static bool check_texts(const char *path, const tarn__parts *all)
{
    tarn__json_watch();
    for (int i = 0; i < all->count; i++)
        if (!check_text(path, all->slots[i].name))
            return false;
    for (int i = 0; i < all->state.setting_count; i++)
        if (!check_text(path, all->state.settings[i].value))
            return false;
    return true;
}

/* A failure of jansson's shows in tarn__json_failed(). */
static char *settings_to_text(const tarn__parts *all, double metric)
{
    json_t *settings = json_object();
    for (int i = 0; i < all->state.setting_count; i++) {
        const tarn__setting *s = &all->state.settings[i];
        json_object_set_new(settings, s->name, json_string(s->value));
    }
    json_t *object = json_pack("{s:i, s:o}", "version", VERSION, "settings", settings);
    if (!isnan(metric)) /* JSON has no infinity */
        json_object_set_new(object, "metric", json_real(fmax(-DBL_MAX, fmin(metric, DBL_MAX))));
    char *text = object ? json_dumps(object, JSON_COMPACT) : NULL;
    json_decref(object);
    return text;
}

/* NULL when memory runs out. */
static json_t *metadata_of(const tarn_checkpoint *c, const tarn__parts *all, double metric)
{
    json_t *metadata = tarn__metadata_of(c->model, TARN_LAYOUT_TARN);
    const bool complete = metadata && !tarn__json_failed();
    tarn__json_watch();
    char *text = settings_to_text(all, metric);
    json_object_set_new(metadata, TARN__CHECKPOINT, text ? json_string(text) : NULL);
    free(text);
    if (complete && text && !tarn__json_failed())
        return metadata;
    json_decref(metadata);
    return NULL;
}

bool tarn__checkpoint_save(const tarn_checkpoint *c, const char *path, double metric)
{
    if (!tarn__checkpoint_check(c, path, "save"))
        return false;
    tarn__parts all;
    if (!tarn__parts_collect(c, &all))
        return false;
    clear_rest(c);
    const bool saved =
        check_texts(path, &all) &&
        tarn__write_safetensors(path, metadata_of(c, &all, metric), all.slots, all.count);
    tarn__parts_free(&all);
    return saved;
}

bool tarn_checkpoint_save(const tarn_checkpoint *c, const char *path)
{
    return tarn__told(tarn__checkpoint_save(c, path, NAN));
}

/* ---- Loading */

/* What the file says under TARN__CHECKPOINT: a new reference, NULL with tarn_error() set. */
static json_t *read_checkpoint(const tarn__reader *r)
{
    if (!tarn__reader_metadata(r, TARN__CHECKPOINT)) {
        tarn_set_error("%s: is not a checkpoint, expects a file that tarn_checkpoint_save() wrote",
                       r->path);
        return NULL;
    }
    json_t *json = tarn__reader_json(r, TARN__CHECKPOINT);
    const long long version = json_integer_value(json_object_get(json, "version"));
    if (!json || version == VERSION)
        return json;
    tarn_set_error("%s: is a checkpoint of version %lld, expects %d", r->path, version, VERSION);
    json_decref(json);
    return NULL;
}

double tarn__checkpoint_metric(const char *path)
{
    tarn__reader r;
    json_t *json = tarn__reader_open(&r, path, -1) ? read_checkpoint(&r) : NULL;
    json_t *metric = json_object_get(json, "metric");
    const double value = json_is_number(metric) ? json_number_value(metric) : NAN;
    json_decref(json);
    tarn__reader_close(&r);
    return value;
}

/* Those of the state are in the file, and the same. */
static bool check_own_settings(const tarn__reader *r, const tarn__state *state, json_t *settings)
{
    for (int i = 0; i < state->setting_count; i++) {
        const tarn__setting *s = &state->settings[i];
        const char *found = json_string_value(json_object_get(settings, s->name));
        if (!found)
            return tarn_set_error("%s: has no %s, expects \"%s\"", r->path, s->name, s->value);
        if (strcmp(found, s->value))
            return tarn_set_error("%s: its %s is \"%s\", expects \"%s\"", r->path, s->name,
                                  tarn__quote(found).text, s->value);
    }
    return true;
}

static bool is_setting(const tarn__state *state, const char *name)
{
    for (int i = 0; i < state->setting_count; i++)
        if (!strcmp(state->settings[i].name, name))
            return true;
    return false;
}

/* And no others. */
static bool check_settings(const tarn__reader *r, const tarn__state *state, json_t *settings)
{
    if (!check_own_settings(r, state, settings))
        return false;
    if (json_object_size(settings) == (size_t)state->setting_count)
        return true;
    const char *key;
    json_t *value;
    json_object_foreach(settings, key, value) if (!is_setting(state, key)) return tarn_set_error(
        "%s: has a %s, \"%s\", and the checkpoint that it is loaded into has none", r->path,
        tarn__quote(key).text,
        tarn__quote(json_is_string(value) ? json_string_value(value) : "").text);
    return true;
}

/* The same modules, rules, groups and so on. */
static bool check_fit(const tarn__reader *r, const tarn_checkpoint *c, const tarn__parts *all,
                      json_t *about)
{
    json_t *json = read_checkpoint(r);
    const bool fits = json &&
                      tarn__network_equals(r->path, json_object_get(about, "network"), c->model) &&
                      check_settings(r, &all->state, json_object_get(json, "settings"));
    json_decref(json);
    return fits;
}

/* The data of what has no place of its own and of the texts, which are looked at first. */
static bool check_texts_end(const tarn__reader *r, const tarn__parts *all)
{
    for (int i = all->model.count; i < all->count; i++) {
        const tarn__slot *slot = &all->slots[i];
        if (slot->element == TARN__BYTE &&
            !memchr(tarn__reader_data(r, i), '\0', tarn__slot_bytes(slot)))
            return tarn_set_error(
                "%s: %s has no end, expects a text that a 0 ends; the file is damaged", r->path,
                slot->name);
    }
    return true;
}

/* The data of a slot that has no place of its own. */
static void take(const tarn__reader *r, const tarn__parts *all, const void *data)
{
    for (int i = all->model.count; i < all->count; i++)
        if (all->slots[i].data == data)
            memcpy(all->slots[i].data, tarn__reader_data(r, i), sizeof(int64_t));
}

/* Moves the loader, which is the last that can fail. */
static bool seek(const tarn__reader *r, const tarn_checkpoint *c, tarn__parts *all)
{
    if (!c->loader)
        return true;
    take(r, all, &all->position.epoch);
    take(r, all, &all->position.batch);
    const tarn_loader_position p = all->position;
    if (p.batch > tarn_loader_batches(c->loader))
        return tarn_set_error("%s: its loader stands at batch %lld of %lld", r->path,
                              (long long)p.batch, (long long)tarn_loader_batches(c->loader));
    return tarn_loader_seek(c->loader, p);
}

static bool load(tarn__reader *r, const tarn_checkpoint *c, tarn__parts *all, json_t *about)
{
    tarn_layout layout;
    if (!tarn__layout_of(r, TARN_LAYOUT_STATED, &layout) ||
        !tarn__layout_of(r, TARN_LAYOUT_TARN, &layout) || !check_fit(r, c, all, about) ||
        !tarn__match(r, all->slots, all->count, TARN__NO_OTHERS) || !tarn__reader_read(r) ||
        !tarn__reader_check(r, all->slots) || !check_texts_end(r, all))
        return false;
    struct tarn__nn_info *info = tarn__info_from_json(r->path, about);
    if (!info || !seek(r, c, all)) {
        free(info);
        return false;
    }
    tarn__reader_fill(r, all->slots);
    tarn_set_random_state(all->random);
    tarn__info_give(c->model, info);
    return true;
}

bool tarn_checkpoint_load(const tarn_checkpoint *c, const char *path)
{
    tarn__parts all;
    if (!tarn__checkpoint_check(c, path, "load") || !tarn__parts_collect(c, &all))
        return false;
    tarn__reader r;
    json_t *about = tarn__reader_open(&r, path, all.count) ? tarn__read_description(&r) : NULL;
    const bool loaded = about && load(&r, c, &all, about);
    json_decref(about);
    tarn__reader_close(&r);
    tarn__parts_free(&all);
    return tarn__told(loaded);
}
