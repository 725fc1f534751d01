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
