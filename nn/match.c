#include "nn/match.h"

#include <stdlib.h>
#include <string.h>

#include "core/base/error.h"
#include "nn/exchange/form.h"
#include "nn/safetensors.h"

/* Where the slot of that name is, -1 if there is none. Looks at the one behind `last` first, since
   files mostly have the order of the slots. */
static int find_slot(const char *name, const tarn__slot *slots, int count, int last)
{
    for (int k = 0; k < count; k++) {
        const int i = (last + 1 + k) % count;
        if (!strcmp(name, slots[i].name))
            return i;
    }
    return -1;
}

/* All slots are among the header's names, and nothing else but the others. */
static bool check_names(const tarn__reader *r, const tarn__slot *slots, int count,
                        tarn__others others)
{
    for (int i = 0; i < count; i++)
        if (!slots[i].optional && !json_object_get(r->header, slots[i].name))
            return tarn_set_error("%s: has no tensor %s, which the module expects", r->path,
                                  slots[i].name);
    const bool parts =
        others == TARN__NO_OTHER_WEIGHTS && tarn__reader_metadata(r, TARN__CHECKPOINT);
    if (others == TARN__ANY_OTHERS)
        return true;
    const char *key;
    json_t *entry;
    int last = -1;
    json_object_foreach(r->header, key, entry)
    {
        if (!strcmp(key, TARN__METADATA) || (parts && strchr(key, ':')))
            continue;
        last = find_slot(key, slots, count, last);
        if (last < 0)
            return tarn_set_error("%s: has a tensor \"%s\", which the module does not have",
                                  r->path, tarn__quote(key).text);
    }
    return true;
}

/* The type of what the file has for the slot, TARN__NO_DTYPE if that is none it can take. */
static tarn__dtype dtype_for(const tarn__slot *slot, json_t *dtype)
{
    static const char *const dtypes[] = TARN__DTYPES;
    const tarn__dtype type = tarn__dtype_called(json_string_value(dtype));
    const bool converted = slot->converts && type != TARN__NO_DTYPE &&
                           (tarn__dtype_kind(type) == 'f' || (slot->counts && type == TARN__I64));
    return converted || type == tarn__dtype_called(dtypes[slot->element]) ? type : TARN__NO_DTYPE;
}

static bool check_dtype(const tarn__reader *r, const tarn__slot *slot, json_t *dtype,
                        tarn__dtype *type)
{
    static const char *const dtypes[] = TARN__DTYPES;
    *type = dtype_for(slot, dtype);
    return *type != TARN__NO_DTYPE ||
           tarn_set_error("%s: tensor %s has dtype %s, expects %s%s", r->path, slot->name,
                          json_is_string(dtype) ? tarn__quote(json_string_value(dtype)).text
                                                : "none",
                          dtypes[slot->element],
                          slot->converts ? ", or another of F64, F32, F16 and BF16" : "");
}

static bool is_shape(json_t *dims, tarn_shape expected)
{
    size_t ndim = json_array_size(dims);
    bool equal = json_is_array(dims) && ndim == (size_t)expected.ndim;
    for (size_t i = 0; equal && i < ndim; i++) {
        json_t *dim = json_array_get(dims, i);
        equal = json_is_integer(dim) && json_integer_value(dim) == expected.dim[i];
    }
    return equal;
}

static bool check_shape(const tarn__reader *r, const char *name, json_t *dims, tarn_shape expected)
{
    if (is_shape(dims, expected))
        return true;
    char *found = json_dumps(dims, JSON_COMPACT | JSON_ENCODE_ANY);
    tarn_set_error("%s: tensor %s has shape %s, expects %s", r->path, name,
                   tarn__quote(found ? found : "none").text, tarn_shape_to_text(expected).text);
    free(found);
    return false;
}

static bool check_offsets(const tarn__reader *r, const char *name, json_t *offsets,
                          tarn__span *span)
{
    json_t *begin = json_array_get(offsets, 0), *end = json_array_get(offsets, 1);
    if (json_array_size(offsets) != 2 || !json_is_integer(begin) || !json_is_integer(end))
        return tarn_set_error("%s: the data_offsets of tensor %s are not two integers", r->path,
                              name);
    span->begin = json_integer_value(begin);
    span->end = json_integer_value(end);
    if (span->begin < 0 || span->begin > span->end || span->end > r->data_size)
        return tarn_set_error("%s: tensor %s is at bytes %lld to %lld, outside the data of %lld "
                              "bytes; the file is damaged or cut off",
                              r->path, name, (long long)span->begin, (long long)span->end,
                              (long long)r->data_size);
    return true;
}

static bool check_slot(const tarn__reader *r, const tarn__slot *slot, json_t *entry,
                       tarn__dtype *type)
{
    return check_dtype(r, slot, json_object_get(entry, "dtype"), type) &&
           check_shape(r, slot->name, json_object_get(entry, "shape"), tarn__slot_file_shape(slot));
}

static bool check_size(const tarn__reader *r, const tarn__slot *slot, const tarn__span *span)
{
    const int64_t found = span->end - span->begin,
                  expected = tarn_shape_size(slot->shape) * (int64_t)tarn__dtype_bytes(span->dtype);
    return found == expected ||
           tarn_set_error("%s: tensor %s has %lld bytes, expects %lld for its shape", r->path,
                          slot->name, (long long)found, (long long)expected);
}

static int by_begin(const void *a, const void *b)
{
    const tarn__span *x = a, *y = b;
    if (x->begin != y->begin)
        return x->begin < y->begin ? -1 : 1;
    return (x->end > y->end) - (x->end < y->end); /* an empty tensor first */
}

/* The tensors cover the data: no overlaps, no holes, nothing behind them. Sorts them. */
static bool check_cover(const tarn__reader *r)
{
    int64_t covered = 0;
    qsort(r->spans, (size_t)r->span_count, sizeof *r->spans, by_begin);
    for (int i = 0; i < r->span_count; i++) {
        const tarn__span *span = &r->spans[i];
        if (span->begin != covered)
            return tarn_set_error("%s: tensor %s starts at byte %lld, expects %lld, where the one "
                                  "before it ends",
                                  r->path, tarn__quote(span->name).text, (long long)span->begin,
                                  (long long)covered);
        covered = span->end;
    }
    return covered == r->data_size ||
           tarn_set_error("%s: has %lld bytes of data, expects %lld", r->path,
                          (long long)r->data_size, (long long)covered);
}

bool tarn__match(tarn__reader *r, const tarn__slot *slots, int count, tarn__others others)
{
    if (!check_names(r, slots, count, others))
        return false;
    r->spans = calloc(json_object_size(r->header) + 1, sizeof *r->spans);
    if (!r->spans)
        return tarn_set_error("%s: out of memory for %d tensors", r->path, count);
    const char *key;
    json_t *entry;
    int last = -1;
    json_object_foreach(r->header, key, entry)
    {
        if (!strcmp(key, TARN__METADATA))
            continue;
        tarn__span *span = &r->spans[r->span_count++];
        span->name = key;
        const bool part = others == TARN__NO_OTHER_WEIGHTS && strchr(key, ':'); /* of no module */
        span->slot = part ? -1 : find_slot(key, slots, count, last);
        last = span->slot < 0 ? last : span->slot;
        const tarn__slot *slot = span->slot < 0 ? NULL : &slots[span->slot];
        if ((slot && !check_slot(r, slot, entry, &span->dtype)) ||
            !check_offsets(r, tarn__quote(key).text, json_object_get(entry, "data_offsets"),
                           span) ||
            (slot && !check_size(r, slot, span)))
            return false;
    }
    return check_cover(r);
}

bool tarn__match_one(const tarn__reader *r, const tarn__slot *slot)
{
    json_t *entry = json_object_get(r->header, slot->name);
    return dtype_for(slot, json_object_get(entry, "dtype")) != TARN__NO_DTYPE &&
           is_shape(json_object_get(entry, "shape"), tarn__slot_file_shape(slot));
}
