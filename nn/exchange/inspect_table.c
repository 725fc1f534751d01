#include "nn/exchange/inspect_internal.h"

#include <string.h>

static void widen(int *width, const char *text)
{
    const int length = (int)strlen(text);
    *width = length > *width ? length : *width;
}

void tarn__inspect_put(tarn__inspect_table *t, const tarn__inspect_row *r)
{
    if (t->stream) {
        fprintf(t->stream, "%-*s  %-*s  %-*s  %*s\n", t->name, r->name, t->type, r->type, t->shape,
                r->shape, t->bytes, r->bytes);
        return;
    }
    widen(&t->name, r->name);
    widen(&t->type, r->type);
    widen(&t->shape, r->shape);
    widen(&t->bytes, r->bytes);
}

void tarn__inspect_begin(tarn__inspect_table *t)
{
    tarn__inspect_put(t, &(tarn__inspect_row){"Name", "Type", "Shape", "Bytes"});
}
