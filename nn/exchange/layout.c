#include "nn/exchange/layout.h"

#include <stdlib.h>
#include <string.h>

#include "core/base/error.h"
#include "core/base/text.h"
#include "nn/exchange/form.h"
#include "nn/exchange/torch.h"

/* ---- Which layout */

const char *tarn__layout_text(tarn_layout layout)
{
    return layout == TARN_LAYOUT_TORCH ? TARN__LAYOUT_TORCH : TARN__LAYOUT;
}

/* What the text of a file's metadata stands for; STATED for nothing that is known. */
static tarn_layout layout_called(const char *text)
{
    for (tarn_layout layout = TARN_LAYOUT_TARN; layout < TARN_LAYOUT_STATED; layout++)
        if (!strcmp(text, tarn__layout_text(layout)))
            return layout;
    return TARN_LAYOUT_STATED;
}

bool tarn__layout_is_right(const char *function, tarn_layout layout, int flattened)
{
    if (flattened < -1)
        return tarn_fail("%s: flattened is %d, expects a number of channels, 0, or -1 if it is not "
                         "known",
                         function, flattened);
    return (layout >= TARN_LAYOUT_TARN && layout <= TARN_LAYOUT_STATED) ||
           tarn_fail("%s: the layout is %d, expects TARN_LAYOUT_TARN, TARN_LAYOUT_TORCH or "
                     "TARN_LAYOUT_STATED",
                     function, (int)layout);
}

bool tarn__layout_of(const tarn__reader *r, tarn_layout asked, tarn_layout *layout)
{
    const char *text = tarn__reader_metadata(r, "layout");
    const char *format = tarn__reader_metadata(r, "format");
    *layout = text ? layout_called(text) : asked;
    if (*layout == TARN_LAYOUT_STATED && text)
        return tarn_set_error("%s: its metadata say the layout \"%s\", expects \"" TARN__LAYOUT
                              "\" or \"" TARN__LAYOUT_TORCH "\"",
                              r->path, tarn__quote(text).text);
    if (*layout == TARN_LAYOUT_STATED)
        return tarn_set_error(
            "%s: its metadata say no layout%s: load it with .layout = "
            "TARN_LAYOUT_TORCH if its weights are as PyTorch has them (linear "
            "(out, in), convolutions OIHW), with .layout = TARN_LAYOUT_TARN if "
            "they are as here ((in, out), HWIO)",
            r->path, format && !strcmp(format, "pt") ? ", only that PyTorch wrote it" : "");
    if (asked != TARN_LAYOUT_STATED && *layout != asked)
        return tarn_set_error("%s: its metadata say the layout \"%s\", and .layout asks for \"%s\"",
                              r->path, tarn__quote(text).text, tarn__layout_text(asked));
    return true;
}

/* ---- Names */

/* The name ends with a part of that name. */
static bool has_part(const char *name, const char *part)
{
    const size_t length = strlen(name), end = strlen(part);
    return length >= end && !strcmp(name + length - end, part) &&
           (length == end || name[length - end - 1] == '.');
}

/* How much of the name the entry stands for; -1 for nothing. */
static int fits(const tarn_nn_name *entry, const char *name)
{
    const size_t length = strlen(entry->own);
    const bool all = length == 0 || (!strncmp(entry->own, name, length) &&
                                     (name[length] == '.' || name[length] == '\0'));
    return all ? (int)length : -1;
}

/* Appends the name that the file has, with its end; returns how many bytes that takes. */
static size_t put_name(char *to, const tarn_nn_name *names, const char *own)
{
    const tarn_nn_name *best = NULL;
    for (const tarn_nn_name *entry = names; entry && entry->own; entry++)
        if (fits(entry, own) > (best ? fits(best, own) : -1))
            best = entry;
    const char *rest = own + (best ? fits(best, own) : 0), *start = best ? best->file : "";
    rest += *rest == '.';
    const char *dot = *start && *rest ? "." : "";
    if (to)
        stpcpy(stpcpy(stpcpy(to, start), dot), rest);
    return strlen(start) + strlen(dot) + strlen(rest) + 1;
}

static bool check_entry(const char *who, const tarn_nn_name *entry, const tarn__slots *s)
{
    if (!entry->file || !tarn_is_utf8(entry->file))
        return tarn_fail("%s: the name of \"%s\" in the file is NULL or not UTF-8", who,
                         entry->own);
    for (int i = 0; i < s->count; i++)
        if (fits(entry, s->slots[i].name) >= 0)
            return true;
    return tarn_fail("%s: there is a name for \"%s\", and the module has no part of that name", who,
                     entry->own);
}

static int by_name(const void *a, const void *b)
{
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

/* No two slots have one name. */
static bool check_distinct(const char *who, const tarn__slots *s)
{
    const char **names = calloc((size_t)s->count + 1, sizeof *names);
    if (!names)
        return tarn_set_error("%s: out of memory for %d names", who, s->count);
    for (int i = 0; i < s->count; i++)
        names[i] = s->slots[i].name;
    qsort(names, (size_t)s->count, sizeof *names, by_name);
    bool distinct = true;
    for (int i = 0; i < s->count && distinct; i++)
        if (!*names[i] || !strcmp(names[i], TARN__METADATA) ||
            (i > 0 && !strcmp(names[i], names[i - 1])))
            distinct = tarn_fail("%s: the names give the name \"%s\" twice, or to a tensor that "
                                 "cannot have it",
                                 who, names[i]);
    free(names);
    return distinct;
}

/* The names of all slots in one block, which the slots hold. */
static bool rename_all(const char *who, tarn__slots *s, const tarn_nn_name *names)
{
    size_t size = 1;
    for (const tarn_nn_name *entry = names; entry && entry->own; entry++)
        if (!check_entry(who, entry, s))
            return false;
    for (int i = 0; i < s->count; i++)
        size += put_name(NULL, names, s->slots[i].name);
    char *to = s->names = malloc(size);
    if (!to)
        return tarn_set_error("%s: out of memory for %d names", who, s->count);
    for (int i = 0; i < s->count; i++) {
        const size_t length = put_name(to, names, s->slots[i].name);
        s->slots[i].name = to;
        to += length;
    }
    return check_distinct(who, s);
}

/* ---- PyTorch's counters */

#define STATISTICS "running_var"
#define COUNTER "num_batches_tracked"

/* Room for the counters' number, the forms of all slots, and the counters' names. */
static bool add_forms(const char *who, tarn__slots *s)
{
    size_t more = 0, characters = 0;
    for (int i = 0; i < s->count; i++)
        if (has_part(s->slots[i].name, STATISTICS)) {
            more++;
            characters += strlen(s->slots[i].name) + sizeof COUNTER;
        }
    const size_t forms = (size_t)s->count * sizeof(tarn__form);
    tarn__slot *slots = realloc(s->slots, ((size_t)s->count + more + 1) * sizeof *slots);
    s->slots = slots ? slots : s->slots;
    s->forms = calloc(1, sizeof(int64_t) + forms + characters);
    return (slots && s->forms) ||
           tarn_set_error("%s: out of memory for the forms of %d tensors", who, s->count);
}

/* Tarn does not count batches, unless running statistics are cumulative, and the counter stands
   behind them: what is written is 0, and what is read goes nowhere. */
static void add_counters(tarn__slots *s)
{
    const int count = s->count;
    int64_t *number = s->forms;
    char *name = (char *)((tarn__form *)(number + 1) + count);
    for (int i = 0; i < count; i++)
        if (has_part(s->slots[i].name, STATISTICS) &&
            !(i + 1 < count && has_part(s->slots[i + 1].name, COUNTER))) {
            const char *like = s->slots[i].name;
            const size_t length = strlen(like) - strlen(STATISTICS);
            s->slots[s->count++] = (tarn__slot){
                .name = name, .element = TARN__INT64, .data = number, .optional = true};
            memcpy(name, like, length);
            name = stpcpy(name + length, COUNTER) + 1;
        }
}

/* ---- Together */

static bool prepare(const char *who, const tarn_module *module, tarn__travel how, tarn__slots *s)
{
    for (int i = 0; i < s->count; i++) {
        s->slots[i].converts = true;
        s->slots[i].counts = has_part(s->slots[i].name, COUNTER);
    }
    if (how.layout == TARN_LAYOUT_TORCH) {
        if (!add_forms(who, s) ||
            !tarn__torch_forms(who, module, how, s, (tarn__form *)((int64_t *)s->forms + 1)))
            return false;
        add_counters(s);
    }
    return !how.names || rename_all(who, s, how.names);
}

tarn__slots tarn__slots_for(const char *who, const tarn_module *module, tarn__travel how)
{
    tarn__slots s = tarn__slots_of(module);
    if (s.count >= 0 && !prepare(who, module, how, &s))
        tarn__slots_free(&s);
    return s;
}
