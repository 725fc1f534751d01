#include "core/ops/shared/root.h"

#include <tgmath.h>

void tarn__root_forward(const tarn__elements *e, tarn_real *y)
{
    for (int64_t i = 0; i < e->count; i++)
        y[i] = sqrt(e->x[i]);
}

void tarn__root_gradient(const tarn__elements *e, tarn_real *dx)
{
    for (int64_t i = 0; i < e->count; i++)
        dx[i] = e->y[i] == 0 ? 0 : e->dy[i] / (2 * e->y[i]);
}
