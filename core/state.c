#include "core/state.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/format.h"

/* Room for one more in an array that has so many; false when memory runs out. */
static bool grow(void **array, int count, size_t size)
{
    if (count > 0 && (count & (count - 1)) != 0)
        return true; /* it grows at each power of two */
    void *larger = realloc(*array, (count > 0 ? 2 * (size_t)count : 1) * size);
    if (larger)
        *array = larger;
    return larger;
}

/* NULL when memory runs out. */
static char *text_of(const char *format, va_list arguments)
{
    va_list again;
    va_copy(again, arguments);
    const int length = tarn__format_list(NULL, 0, format, again);
    va_end(again);
    char *text = length < 0 ? NULL : malloc((size_t)length + 1);
    if (text)
        tarn__format_list(text, (size_t)length + 1, format, arguments);
    return text;
}

static tarn__slot *add_slot(tarn__state *state, tarn__slot slot, char *name)
{
    slot.name = name;
    if (!name || !grow((void **)&state->slots, state->slot_count, sizeof slot)) {
        free(name);
        state->failed = true;
        return NULL;
    }
    state->slots[state->slot_count] = slot;
    return &state->slots[state->slot_count++];
}

void tarn__state_slot(tarn__state *state, tarn__element element, tarn_shape shape, void *data,
                      const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    char *name = text_of(format, arguments);
    va_end(arguments);
    add_slot(state, (tarn__slot){.element = element, .shape = shape, .data = data}, name);
}

void tarn__state_setting(tarn__state *state, const char *name, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    tarn__setting setting = {strdup(name), text_of(format, arguments)};
    va_end(arguments);
    if (setting.name && setting.value &&
        grow((void **)&state->settings, state->setting_count, sizeof setting)) {
        state->settings[state->setting_count++] = setting;
        return;
    }
    free(setting.name);
    free(setting.value);
    state->failed = true;
}

static void add_number(tarn__state *state, tarn__element element, void *number, bool bounded,
                       const char *prefix, const char *name)
{
    const size_t size = strlen(prefix) + strlen(name) + 2;
    char *text = malloc(size);
    if (text)
        snprintf(text, size, "%s:%s", prefix, name);
    add_slot(state, (tarn__slot){.element = element, .data = number, .bounded = bounded}, text);
}

void tarn__state_count(tarn__state *state, int64_t *number, const char *prefix, const char *name)
{
    add_number(state, TARN__INT64, number, true, prefix, name);
}

void tarn__state_number(tarn__state *state, double *number, const char *prefix, const char *name)
{
    add_number(state, TARN__DOUBLE, number, false, prefix, name);
}

void tarn__state_rate(tarn__state *state, double *number, const char *prefix, const char *name)
{
    add_number(state, TARN__DOUBLE, number, true, prefix, name);
}

char *tarn__options_text(tarn_option_list list, const void *args)
{
    size_t size = 1, used = 0;
    for (int i = 0; i < list.count; i++)
        size += strlen(list.options[i].name) + 40;
    char *text = calloc(1, size);
    for (int i = 0; text && i < list.count; i++) {
        const tarn_option *option = &list.options[i];
        used += (size_t)snprintf(text + used, size - used, "%s%s=%s", i ? ", " : "", option->name,
                                 tarn__digits_of(tarn_option_get(option, args)).text);
    }
    return text;
}

void tarn__state_free(tarn__state *state)
{
    for (int i = 0; i < state->slot_count; i++)
        free((char *)state->slots[i].name);
    for (int i = 0; i < state->setting_count; i++) {
        free(state->settings[i].name);
        free(state->settings[i].value);
    }
    free(state->slots);
    free(state->settings);
    *state = (tarn__state){0};
}
