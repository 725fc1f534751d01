#include "data/transform_internal.h"

#include <math.h>
#include <string.h>

#include "core/base/error.h"
#include "core/base/format.h"
#include "core/base/random_internal.h"

/* ---- Lists */

tarn_transforms tarn_transforms_list(int count, const tarn_transform *items)
{
    tarn_transforms list = {.count = count};
    if (count > TARN_TRANSFORMS_MAX) {
        tarn_fail("transforms_of: %d transforms, expects at most %d", count, TARN_TRANSFORMS_MAX);
        list.count = -1;
    }
    if (count > 0 && !items) {
        tarn_fail("transforms_of: the list of %d transforms is NULL", count);
        list.count = -1;
    }
    for (int i = 0; i < list.count; i++) {
        const tarn_transform *t = items + i;
        if (t->name && !t->apply == !t->map)
            tarn_fail("transforms_of: transform %d, %s, has %s, expects apply or map", i, t->name,
                      t->apply ? "both functions" : "no function");
        if (!t->name && (t->apply || t->map))
            tarn_fail("transforms_of: transform %d has no name", i);
        if (!t->name || !t->apply == !t->map)
            list.count = -1;
        else
            list.items[i] = *t;
    }
    return list;
}

/* A number as the call of the constructor has it. */
static void print_number(const char *meaning, int length, double number, FILE *to)
{
    static const char *const borders[] = {"fill", "edge", "reflect"};
    char text[32];
    tarn__format(text, sizeof text, "%g", number);
    if (length == 6 && memcmp(meaning, "border", 6) == 0 && number >= 0 && number <= 2)
        fprintf(to, "%.*s=%s", length, meaning, borders[(int)number]);
    else
        fprintf(to, "%.*s=%s", length, meaning, text);
}

void tarn_transforms_print(const tarn_transforms *list, FILE *to)
{
    if (!to)
        return;
    if (!list || list->count < 1)
        fprintf(to, "none");
    for (int i = 0; list && i < list->count; i++) {
        const tarn_transform *t = list->items + i;
        fprintf(to, "%s%s(", i ? ", " : "", t->name);
        const char *word = t->meaning ? t->meaning : "";
        for (int n = 0; *word && n < TARN_TRANSFORM_NUMBERS; n++) {
            int length = (int)strcspn(word, " ");
            fputs(n ? ", " : "", to);
            print_number(word, length, t->numbers[n], to);
            word += length + (word[length] == ' ');
        }
        fprintf(to, ")");
    }
}

/* ---- Applying */

/* First the second map, then the first: where a pixel of the last result was at the start. */
static tarn_map combined(const tarn_map *first, const tarn_map *second)
{
    const tarn_map *a = first, *b = second;
    return (tarn_map){
        .xx = a->xx * b->xx + a->xy * b->yx,
        .xy = a->xx * b->xy + a->xy * b->yy,
        .x0 = a->xx * b->x0 + a->xy * b->y0 + a->x0,
        .yx = a->yx * b->xx + a->yy * b->yx,
        .yy = a->yx * b->xy + a->yy * b->yy,
        .y0 = a->yx * b->x0 + a->yy * b->y0 + a->y0,
        .border = a->border,
        .fill = a->fill,
    };
}

static bool same_border(const tarn_map *a, const tarn_map *b)
{
    return a->border == b->border && (a->border != TARN_BORDER_FILL || a->fill == b->fill);
}

void tarn_transforms_apply(const tarn_transforms *list, tarn_sample *sample, uint64_t seed)
{
    tarn_map waiting; /* for others to be combined with it */
    bool waits = false;
    for (int i = 0; list && sample && i < list->count; i++) {
        const tarn_transform *t = list->items + i;
        sample->random = tarn__random_at(seed, i);
        tarn_map map = {.xx = 0};
        if (t->map)
            map = t->map(t, sample);
        if (waits && !(t->map && same_border(&waiting, &map))) {
            tarn__sample_map(sample, &waiting);
            waits = false;
        }
        if (t->map)
            waiting = waits ? combined(&waiting, &map) : map;
        else
            t->apply(t, sample);
        waits = t->map;
    }
    if (waits)
        tarn__sample_map(sample, &waiting);
}

/* ---- For the transforms */

bool tarn__transform_check(const char *name, const char *what, double value, double low,
                           double high)
{
    return (value >= low && value <= high) ||
           tarn_fail("transform_%s: %s is %g, expects %g to %g", name, what, value, low, high);
}

bool tarn__border_check(const char *name, tarn_border border, double fill)
{
    if (border != TARN_BORDER_FILL && border != TARN_BORDER_EDGE && border != TARN_BORDER_REFLECT)
        return tarn_fail(
            "transform_%s: border is %d, expects TARN_BORDER_FILL, TARN_BORDER_EDGE or "
            "TARN_BORDER_REFLECT",
            name, (int)border);
    return tarn__transform_check(name, "fill", fill, 0, 1);
}
