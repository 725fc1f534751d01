#include "core/base/precision.h"

#include "core/base/error.h"

static _Thread_local tarn_precision now;

void tarn_set_precision(tarn_precision precision)
{
    if (precision != TARN_FLOAT && precision != TARN_BF16)
        tarn_fail("set_precision: there is no precision %d, expects TARN_FLOAT or TARN_BF16",
                  (int)precision);
    else
        now = precision;
}

tarn_precision tarn_precision_now(void)
{
    return now;
}
