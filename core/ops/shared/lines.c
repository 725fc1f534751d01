#include "core/ops/shared/lines.h"

#include <string.h>

#include "core/base/error.h"
#include "core/base/pool.h"
#include "core/ops/shared/rows.h"

bool tarn__check_lines(const char *op, const tarn_tensor *x, int axis, int64_t count,
                       tarn_labels ids)
{
    const tarn_shape_text input = tarn_shape_to_text(x->shape);
    const int64_t size = x->shape.dim[axis], outer = tarn__size_between(&x->shape, 0, axis),
                  inner = tarn__size_between(&x->shape, axis + 1, x->shape.ndim);
    if (ids.count < 0 || (ids.count > 0 && !ids.ids))
        return tarn_fail("%s: %lld ids%s, expects an array of 0 or more", op, (long long)ids.count,
                         ids.ids ? "" : " at NULL");
    if (ids.count != outer * inner * count)
        return tarn_fail("%s: %lld ids for axis %d of input %s, expects as many for each of the "
                         "%lld lines along it",
                         op, (long long)ids.count, axis, input.text, (long long)(outer * inner));
    for (int64_t k = 0; k < ids.count; k++)
        if (ids.ids[k] < 0 || ids.ids[k] >= size)
            return tarn_fail("%s: id %d at position %lld, axis %d of input %s expects 0 or more "
                             "and less than %lld",
                             op, (int)ids.ids[k], (long long)k, axis, input.text, (long long)size);
    return true;
}

tarn__lines *tarn__save_lines(tarn_tensor *result, const tarn_tensor *x, int axis, int64_t count,
                              tarn_labels ids)
{
    const size_t bytes = (size_t)ids.count * sizeof *ids.ids;
    tarn__lines *l = result ? tarn_op_save(result, sizeof *l + bytes) : NULL;
    if (!l)
        return NULL;
    l->outer = tarn__size_between(&x->shape, 0, axis);
    l->size = x->shape.dim[axis];
    l->count = count;
    l->inner = tarn__size_between(&x->shape, axis + 1, x->shape.ndim);
    if (bytes)
        memcpy(l->ids, ids.ids, bytes);
    return l;
}

typedef struct job {
    const tarn__lines *l;
    const tarn_real *from;
    tarn_real *to;
    bool add;
} job;

static void gather_places(const void *context, int64_t first, int64_t end)
{
    const job *j = context;
    for (int64_t k = first; k < end; k++) {
        const tarn_real value = j->from[tarn__line_place(j->l, k)];
        j->to[k] = j->add ? j->to[k] + value : value;
    }
}

void tarn__gather(const tarn__lines *l, const tarn_real *from, tarn_real *to, bool add)
{
    const int64_t places = l->outer * l->count * l->inner;
    tarn__share(places, places, gather_places, &(job){l, from, to, add});
}

/* Places of one matrix may meet, so each matrix is one thread's. */
static void scatter_matrices(const void *context, int64_t first, int64_t end)
{
    const job *j = context;
    const int64_t matrix = j->l->count * j->l->inner;
    for (int64_t k = first * matrix; k < end * matrix; k++)
        j->to[tarn__line_place(j->l, k)] += j->from[k];
}

void tarn__scatter(const tarn__lines *l, const tarn_real *from, tarn_real *to)
{
    tarn__share(l->outer, l->outer * l->count * l->inner, scatter_matrices,
                &(job){l, from, to, true});
}
