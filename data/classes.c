#include "data/classes.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/error.h"

/* A text of up to 18 digits, with a sign or not. */
static bool is_whole(const char *text)
{
    const size_t sign = *text == '-' || *text == '+', digits = strspn(text + sign, "0123456789");
    return digits > 0 && digits <= 18 && text[sign + digits] == '\0';
}

static int by_bytes(const void *a, const void *b)
{
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

static int by_number(const void *a, const void *b)
{
    const long long x = strtoll(*(const char *const *)a, NULL, 10),
                    y = strtoll(*(const char *const *)b, NULL, 10);
    return x != y ? (x < y ? -1 : 1) : by_bytes(a, b);
}

bool tarn__classes_find(tarn__classes *classes, const char *path, char *const *texts, int64_t count)
{
    *classes = (tarn__classes){
        .names = malloc((size_t)count * sizeof *classes->names + 1),
        .labels = malloc((size_t)count * sizeof *classes->labels + 1),
    };
    if (!classes->names || !classes->labels || count > INT_MAX) {
        free(classes->names);
        free(classes->labels);
        return tarn_set_error("%s: out of memory for %lld labels", path, (long long)count);
    }
    bool whole = true;
    for (int64_t i = 0; i < count; i++) {
        classes->names[i] = texts[i];
        whole = whole && is_whole(texts[i]);
    }
    int (*const order)(const void *, const void *) = whole ? by_number : by_bytes;
    qsort(classes->names, (size_t)count, sizeof *classes->names, order);
    for (int64_t i = 0; i < count; i++)
        if (i == 0 || strcmp(classes->names[i], classes->names[classes->count - 1]) != 0)
            classes->names[classes->count++] = classes->names[i];
    for (int64_t i = 0; i < count; i++) {
        const char **name = bsearch(&texts[i], classes->names, (size_t)classes->count,
                                    sizeof *classes->names, order);
        classes->labels[i] = (int32_t)(name - classes->names);
    }
    return true;
}

/* How many bytes the character takes that begins here; 0 if it is none. */
static int character(const uint8_t *bytes)
{
    static const uint32_t least[] = {0, 0, 0x80, 0x800, 0x10000};
    const int length = bytes[0] < 0x80   ? 1
                       : bytes[0] < 0xC0 ? 0
                       : bytes[0] < 0xE0 ? 2
                       : bytes[0] < 0xF0 ? 3
                       : bytes[0] < 0xF8 ? 4
                                         : 0;
    uint32_t number = length > 1 ? bytes[0] & (0x7Fu >> length) : bytes[0];
    for (int i = 1; i < length; i++) {
        if ((bytes[i] & 0xC0) != 0x80) /* the end of the text too */
            return 0;
        number = number << 6 | (bytes[i] & 0x3F);
    }
    const bool surrogate = number >= 0xD800 && number < 0xE000;
    return number < least[length] || number > 0x10FFFF || surrogate ? 0 : length;
}

bool tarn__is_utf8(const char *text)
{
    int length = 1;
    while (*text && length > 0) {
        length = character((const uint8_t *)text);
        text += length;
    }
    return length > 0;
}
