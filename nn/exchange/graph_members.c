#include "nn/exchange/graph_members.h"

#include <limits.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

/* ---- The tables */

#define MEMBER(name, type, least, most)                                                            \
    {                                                                                              \
#name, type, offsetof(tarn__graph_step, name), least, most                                 \
    }
const tarn__graph_member tarn__graph_members[] = {
    MEMBER(kernel, TARN__GRAPH_INT, 1, INT_MAX),
    MEMBER(stride, TARN__GRAPH_INT, 1, INT_MAX),
    MEMBER(padding, TARN__GRAPH_INT, 0, INT_MAX),
    MEMBER(dilation, TARN__GRAPH_INT, 1, INT_MAX),
    MEMBER(groups, TARN__GRAPH_INT, 1, INT_MAX),
    MEMBER(output_padding, TARN__GRAPH_INT, 0, INT_MAX),
    MEMBER(axis, TARN__GRAPH_INT, 0, TARN_MAX_NDIM - 1),
    MEMBER(kernel_w, TARN__GRAPH_INT, 1, INT_MAX),
    MEMBER(stride_w, TARN__GRAPH_INT, 1, INT_MAX),
    MEMBER(padding_w, TARN__GRAPH_INT, 0, INT_MAX),
    MEMBER(dilation_w, TARN__GRAPH_INT, 1, INT_MAX),
    MEMBER(output_padding_w, TARN__GRAPH_INT, 0, INT_MAX),
    MEMBER(mode, TARN__GRAPH_INT, 0, TARN_PAD_CIRCULAR),
    MEMBER(max_pool, TARN__GRAPH_INT, 0, TARN_CONV2D_MOST_POOL),
    MEMBER(keepdims, TARN__GRAPH_BOOL, 0, 1),
    MEMBER(align_corners, TARN__GRAPH_BOOL, 0, 1),
    MEMBER(bilinear, TARN__GRAPH_BOOL, 0, 1),
    MEMBER(bicubic, TARN__GRAPH_BOOL, 0, 1),
    MEMBER(antialias, TARN__GRAPH_BOOL, 0, 1),
    MEMBER(relu, TARN__GRAPH_BOOL, 0, 1),
    MEMBER(same, TARN__GRAPH_BOOL, 0, 1),
    MEMBER(ceil_mode, TARN__GRAPH_BOOL, 0, 1),
    MEMBER(count_include_pad, TARN__GRAPH_BOOL, 0, 1),
    MEMBER(a, TARN__GRAPH_NUMBER, 0, 0),
    MEMBER(b, TARN__GRAPH_NUMBER, 0, 0),
    MEMBER(c, TARN__GRAPH_NUMBER, 0, 0),
    MEMBER(from, TARN__GRAPH_WIDE, INT64_MIN, INT64_MAX),
    MEMBER(to, TARN__GRAPH_WIDE, INT64_MIN, INT64_MAX),
    MEMBER(axes, TARN__GRAPH_AXES, 0, TARN_MAX_NDIM - 1),
    MEMBER(shape, TARN__GRAPH_SHAPE, TARN__GRAPH_BATCH, INT_MAX),
    MEMBER(after, TARN__GRAPH_SHAPE, TARN__GRAPH_BATCH, INT_MAX),
};
_Static_assert(sizeof tarn__graph_members / sizeof *tarn__graph_members == TARN__GRAPH_MEMBERS,
               "as many as the header says");

/* What JSON has no numbers for. */
static const struct {
    const char *text;
    double value;
} words[] = {{"inf", (double)INFINITY}, {"-inf", -(double)INFINITY}, {"nan", (double)NAN}};
enum { WORDS = sizeof words / sizeof *words };

#define KIND(name, least, most, members) {&tarn__graph_##name, least, most, members},
static const tarn__graph_kind kinds[] = {TARN__GRAPH_OPS(KIND)};
enum { KINDS = sizeof kinds / sizeof *kinds };

const tarn__graph_kind *tarn__graph_kind_of(const tarn__graph_op *op, const char *name)
{
    for (int i = 0; i < KINDS; i++)
        if (kinds[i].op == op || (name && !strcmp(kinds[i].op->name, name)))
            return &kinds[i];
    return NULL;
}

bool tarn__graph_has(const tarn__graph_kind *k, const tarn__graph_member *m)
{
    char word[32];
    snprintf(word, sizeof word, " %s ", m->name);
    return strstr(k->members, word);
}

/* ---- To JSON */

json_t *tarn__graph_list(int count, const int64_t *numbers)
{
    json_t *list = json_array();
    for (int i = 0; i < count; i++)
        json_array_append_new(list, json_integer(numbers[i]));
    return list;
}

static json_t *number_to_json(double value)
{
    for (int i = 0; i < WORDS; i++)
        if (isnan(words[i].value) ? isnan(value) : value == words[i].value)
            return json_string(words[i].text);
    return value == 0 && !signbit(value) ? NULL : json_real(value);
}

json_t *tarn__graph_member_to_json(const tarn__graph_member *m, const tarn__graph_step *step)
{
    const void *at = (const char *)step + m->at;
    int64_t list[TARN_MAX_NDIM], whole = 0;
    switch (m->type) {
    case TARN__GRAPH_BOOL:
        return *(const bool *)at ? json_true() : NULL;
    case TARN__GRAPH_NUMBER:
        return number_to_json(*(const double *)at);
    case TARN__GRAPH_SHAPE:
        return tarn__graph_list(((const tarn_shape *)at)->ndim, ((const tarn_shape *)at)->dim);
    case TARN__GRAPH_AXES:
        for (int i = 0; i < ((const tarn_axes *)at)->count; i++)
            list[i] = ((const tarn_axes *)at)->axis[i];
        return tarn__graph_list(((const tarn_axes *)at)->count, list);
    default:
        whole = m->type == TARN__GRAPH_INT ? *(const int *)at : *(const int64_t *)at;
        return whole != 0 ? json_integer(whole) : NULL;
    }
}

/* ---- From JSON */

bool tarn__graph_is_whole(json_t *value, int64_t least, int64_t most)
{
    return json_is_integer(value) && json_integer_value(value) >= least &&
           json_integer_value(value) <= most;
}

bool tarn__graph_read_list(json_t *array, int64_t least, int64_t most, int *count, int64_t *to)
{
    *count = (int)json_array_size(array);
    bool right = json_is_array(array) && json_array_size(array) <= TARN_MAX_NDIM;
    for (int i = 0; right && i < *count; i++) {
        right = tarn__graph_is_whole(json_array_get(array, (size_t)i), least, most);
        to[i] = json_integer_value(json_array_get(array, (size_t)i));
    }
    return right;
}

static bool read_number(json_t *value, double *to)
{
    for (int i = 0; i < WORDS && json_is_string(value); i++)
        if (!strcmp(json_string_value(value), words[i].text)) {
            *to = words[i].value;
            return true;
        }
    *to = json_number_value(value);
    return !value || json_is_number(value);
}

bool tarn__graph_member_from_json(const tarn__graph_member *m, json_t *value,
                                  tarn__graph_step *step)
{
    void *at = (char *)step + m->at;
    int64_t list[TARN_MAX_NDIM] = {0};
    tarn_shape *shape = at;
    tarn_axes *axes = at;
    switch (m->type) {
    case TARN__GRAPH_BOOL:
        *(bool *)at = json_is_true(value);
        return !value || json_is_boolean(value);
    case TARN__GRAPH_NUMBER:
        return read_number(value, at);
    case TARN__GRAPH_SHAPE:
        return tarn__graph_read_list(value, m->least, m->most, &shape->ndim, shape->dim);
    case TARN__GRAPH_AXES:
        if (!tarn__graph_read_list(value, m->least, m->most, &axes->count, list))
            return false;
        for (int i = 0; i < axes->count; i++)
            axes->axis[i] = (int)list[i];
        return true;
    case TARN__GRAPH_INT:
        *(int *)at = (int)json_integer_value(value);
        break;
    case TARN__GRAPH_WIDE:
        *(int64_t *)at = json_integer_value(value);
    }
    return value ? tarn__graph_is_whole(value, m->least, m->most) : m->least <= 0;
}
