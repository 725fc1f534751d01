/*
 * ln(1 + e^z) = max(z, 0) + ln(1 + e)        z = sign x, e = e^-|x|, at most 1
 *
 * With w = 1 + e as it is rounded, ln(1 + e) = ln(w) + (e - (w - 1)) / w, which keeps its precision
 * where e is small.
 */
#include "core/ops/shared/softplus.h"

#include "core/base/clones.h"
#include "core/base/pool.h"
#include "core/kernels/kernels.h"

TARN__CLONES static void softplus(int64_t n, tarn_real sign, const tarn_real *x, tarn_real *y)
{
    tarn_real log_w[TARN__CHUNK];
    for (int64_t i = 0; i < n; i++)
        y[i] = x[i] < 0 ? x[i] : -x[i];
    tarn__kernels_in_use()->exp(n, y, y);
    for (int64_t i = 0; i < n; i++)
        log_w[i] = 1 + y[i];
    tarn__kernels_in_use()->log(n, log_w, log_w);
    for (int64_t i = 0; i < n; i++) {
        const tarn_real w = 1 + y[i], z = sign * x[i];
        y[i] = (z <= 0 ? 0 : z) + (log_w[i] + (y[i] - (w - 1)) / w);
    }
}

void tarn__softplus(int64_t n, tarn_real sign, const tarn_real *x, tarn_real *y)
{
    softplus(n, sign, x, y);
}
