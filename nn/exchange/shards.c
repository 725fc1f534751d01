#include "nn/exchange/shards.h"

#include <stdlib.h>
#include <string.h>

#include "core/base/error.h"
#include "data/input.h"
#include "nn/safetensors.h"

/* Parsed, an index takes up to 24 times its size (nn/json.c). */
enum { MOST_INDEX = 1 << 22, MOST_SHARDS = 512 };

bool tarn__is_index(const char *path)
{
    const size_t length = strlen(path);
    return length >= 5 && !strcmp(path + length - 5, ".json");
}

static json_t *read_index(const char *path)
{
    tarn__input input;
    if (!tarn__input_open(&input, path))
        return NULL;
    uint8_t *bytes = NULL;
    if (input.size > MOST_INDEX)
        tarn_set_error("%s: has %lld bytes, expects at most %d of an index", path,
                       (long long)input.size, MOST_INDEX);
    else
        bytes = tarn__input_load(&input, 0);
    tarn__input_close(&input);
    json_t *index =
        bytes ? tarn__json_parse(path, "the index", (const char *)bytes, (size_t)input.size) : NULL;
    free(bytes);
    return index;
}

/* Files lie beside the index, and nowhere else. */
static bool check_file(const char *path, const char *tensor, const char *file)
{
    const bool beside =
        file && *file && !strchr(file, '/') && strcmp(file, ".") != 0 && strcmp(file, "..") != 0;
    return beside ||
           tarn_set_error("%s: says that tensor %s is in \"%s\", expects the name of a "
                          "file in the same folder",
                          path, tarn__quote(tensor).text, tarn__quote(file ? file : "").text);
}

/* The path of a file in the folder of the index, which the caller frees. */
static char *path_beside(const char *index, const char *file)
{
    const char *slash = strrchr(index, '/');
    const size_t folder = slash ? (size_t)(slash + 1 - index) : 0;
    char *path = malloc(folder + strlen(file) + 1);
    if (path) {
        memcpy(path, index, folder);
        strcpy(path + folder, file);
    } else {
        tarn_set_error("%s: out of memory for the path of %s", index, tarn__quote(file).text);
    }
    return path;
}

/* The tensors of a file stand behind those of the files before it. */
static bool shift(json_t *entry, const tarn__reader *shard, int64_t base)
{
    json_t *offsets = json_object_get(entry, "data_offsets");
    const json_t *begin = json_array_get(offsets, 0), *end = json_array_get(offsets, 1);
    if (json_array_size(offsets) != 2 || !json_is_integer(begin) || !json_is_integer(end))
        return false;
    const json_int_t from = json_integer_value(begin), to = json_integer_value(end);
    if (from < 0 || from > to || to > shard->data_size)
        return false;
    json_array_set_new(offsets, 0, json_integer(from + base));
    json_array_set_new(offsets, 1, json_integer(to + base));
    return true;
}

/* All that a file has goes into the common header. */
static bool merge(tarn__reader *r, tarn__reader *shard, const char *file, json_t *map)
{
    const char *key;
    json_t *entry;
    json_object_foreach(shard->header, key, entry)
    {
        if (!strcmp(key, TARN__METADATA))
            continue;
        const char *expected = json_string_value(json_object_get(map, key));
        if (!expected || strcmp(expected, file) != 0)
            return tarn_set_error("%s: has a tensor \"%s\", of which the index says %s%s",
                                  shard->path, tarn__quote(key).text,
                                  expected ? "that it is in " : "nothing",
                                  expected ? tarn__quote(expected).text : "");
        if (!shift(entry, shard, r->data_size))
            return tarn_set_error("%s: the data_offsets of tensor %s are not two integers in the "
                                  "data of %lld bytes; the file is damaged or cut off",
                                  shard->path, tarn__quote(key).text, (long long)shard->data_size);
        json_object_set(r->header, key, entry);
    }
    const char *layout = tarn__reader_metadata(shard, "layout"),
               *first = tarn__reader_metadata(&r->shards[0], "layout");
    if (!layout != !first || (layout && strcmp(layout, first) != 0))
        return tarn_set_error("%s: its metadata say another layout than those of %s", shard->path,
                              r->shards[0].path);
    r->data_size += shard->data_size;
    return !tarn__json_failed() ||
           tarn_set_error("%s: out of memory for the names of its tensors", shard->path);
}

/* Opens one more file. */
static bool add_shard(tarn__reader *r, const char *file, json_t *map)
{
    if (r->shard_count == MOST_SHARDS)
        return tarn_set_error("%s: names more than %d files", r->path, MOST_SHARDS);
    char *path = path_beside(r->path, file);
    tarn__reader *shards =
        path ? realloc(r->shards, ((size_t)r->shard_count + 1) * sizeof *shards) : NULL;
    if (!shards) {
        free(path);
        return tarn_set_error("%s: out of memory for its files", r->path);
    }
    r->shards = shards;
    tarn__reader *shard = &shards[r->shard_count++];
    *shard = (tarn__reader){.path = path, .own_path = path};
    return tarn__reader_open_one(shard, -1) && merge(r, shard, file, map);
}

static bool is_open(const tarn__reader *r, const char *file)
{
    for (int i = 0; i < r->shard_count; i++) {
        const char *slash = strrchr(r->shards[i].path, '/');
        if (!strcmp(slash ? slash + 1 : r->shards[i].path, file))
            return true;
    }
    return false;
}

static bool open_all(tarn__reader *r, json_t *map)
{
    const char *key;
    json_t *value;
    if (!json_is_object(map) || json_object_size(map) == 0)
        return tarn_set_error("%s: has no \"weight_map\", expects {\"weight_map\": {\"0.weight\": "
                              "\"FILE\", ...}}",
                              r->path);
    json_object_foreach(map, key, value)
    {
        const char *file = json_string_value(value);
        if (!check_file(r->path, key, file) || (!is_open(r, file) && !add_shard(r, file, map)))
            return false;
    }
    json_object_foreach(map, key, value) if (
        !json_object_get(
            r->header,
            key)) return tarn_set_error("%s: says that tensor %s is in %s, which does not have it",
                                        r->path, tarn__quote(key).text,
                                        tarn__quote(json_string_value(value)).text);
    json_t *metadata = json_object_get(r->shards[0].header, TARN__METADATA);
    return !metadata || json_object_set(r->header, TARN__METADATA, metadata) == 0 ||
           tarn_set_error("%s: out of memory for its metadata", r->path);
}

bool tarn__shards_open(tarn__reader *r)
{
    json_t *index = read_index(r->path);
    if (!index)
        return false;
    r->header = json_object();
    const bool opened = r->header ? open_all(r, json_object_get(index, "weight_map"))
                                  : tarn_set_error("%s: out of memory for its header", r->path);
    json_decref(index);
    return opened;
}
