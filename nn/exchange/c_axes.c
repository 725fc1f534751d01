#include "nn/exchange/c_axes.h"

int64_t tarn__c_count_of(tarn_shape shape, int from, int to)
{
    int64_t count = 1;
    for (int i = from; i < to; i++)
        count *= shape.dim[i];
    return count;
}

int64_t tarn__c_step_of(tarn_shape shape, int axis, int ndim)
{
    const int own = axis - ndim + shape.ndim;
    return own < 0 || shape.dim[own] == 1 ? 0 : tarn__c_count_of(shape, own + 1, shape.ndim);
}

/* Within the last axis, where an element of that is as far from the next as all of the new one. */
void tarn__c_add_axis(tarn__c_axes *l, int64_t size, int64_t a, int64_t b)
{
    int last = l->count - 1;
    if (size == 1)
        return;
    if (last < 0 || l->a[last] != a * size || l->b[last] != b * size)
        l->size[last = l->count++] = 1;
    l->size[last] *= size;
    l->a[last] = a;
    l->b[last] = b;
}

static void put_list(tarn__c_writer *w, const char *name, const int64_t *numbers, int count)
{
    tarn__c_print(w, " .%s = {%lld", name, (long long)(count > 0 ? numbers[0] : 0));
    for (int i = 1; i < count; i++)
        tarn__c_print(w, ", %lld", (long long)numbers[i]);
    tarn__c_print(w, "},");
}

void tarn__c_put_axes(tarn__c_writer *w, const tarn__step *step, const char *ending,
                      const tarn__c_axes *l)
{
    long long elements = 1;
    for (int i = 0; i < l->count; i++)
        elements *= l->size[i];
    tarn__c_print(w, "static const struct axes %s%s = {\n    .elements = %lld, .count = %d,",
                  tarn__c_label_of(w, step).text, ending, elements, l->count);
    put_list(w, "size", l->size, l->count);
    put_list(w, "a", l->a, l->count);
    put_list(w, "b", l->b, l->count);
    tarn__c_print(w, "\n};\n");
}
