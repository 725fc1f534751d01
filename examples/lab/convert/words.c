#include "examples/lab/convert/words.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "examples/lab/lib/options.h"

const tarn_nn_name *names_of(const char *called, const char *text, names *n)
{
    char *rest = n->text, *entry;
    int count = 0;
    if (!text)
        return NULL;
    if (strlen(text) >= sizeof n->text)
        die("--%s: is longer than %zu characters", called, sizeof n->text - 1);
    strcpy(rest, text);
    while ((entry = strtok_r(rest, ",", &rest))) {
        char *equals = strchr(entry, '=');
        if (!equals || count == MOST_NAMES)
            die("--%s: \"%s\" is not OWN=FILE, or the list is longer than %d", called, entry,
                MOST_NAMES);
        *equals = '\0';
        n->list[count++] = (tarn_nn_name){entry, equals + 1};
    }
    n->list[count] = (tarn_nn_name){NULL, NULL};
    return n->list;
}

tarn_shape shape_of(const char *called, const char *text)
{
    tarn_shape shape = tarn_shape();
    const char *at = text;
    for (;;) {
        char *end;
        errno = 0;
        const long number = strtol(at, &end, 10);
        if (*at < '0' || *at > '9' || errno || number < 1 || shape.ndim == TARN_MAX_NDIM - 1 ||
            (*end && *end != ','))
            die("--%s: \"%s\" is not the shape of a sample, expects numbers above 0, as 28,28,1",
                called, text);
        shape.dim[shape.ndim++] = number;
        if (!*end)
            break;
        at = end + 1;
    }
    if (tarn_shape_size(shape) < 0)
        die("--%s: \"%s\" is too large", called, text);
    return shape;
}
