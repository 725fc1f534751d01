#include "core/base/denormals.h"

#include <criterion/criterion.h>

#include "core/tensor.h"

enum {
    FLUSHES = 1
#if !defined __x86_64__ && !defined __aarch64__
              - 1
#endif
};

/* Half of the smallest normal number. All here is volatile, so that it is computed where it is
   written, see core/base/denormals.h. */
static tarn_real half_of_smallest(void)
{
    volatile tarn_real smallest =
        sizeof(tarn_real) == 4 ? (tarn_real)0x1p-126 : (tarn_real)0x1p-1022;
    return smallest / 2;
}

/* A denormal number is an operand here, and no result. */
static tarn_real made_large(tarn_real denormal)
{
    volatile tarn_real large = sizeof(tarn_real) == 4 ? (tarn_real)0x1p100 : (tarn_real)0x1p1000;
    return denormal * large;
}

Test(denormals, are_zero_in_between)
{
    const tarn_real denormal = half_of_smallest();
    cr_assert(denormal > 0 && made_large(denormal) > 0);
    tarn__denormals caller = tarn__flush_denormals();
    volatile tarn_real result = half_of_smallest(), from_operand = made_large(denormal);
    tarn__restore_denormals(caller);
    if (FLUSHES)
        cr_assert(result == 0 && from_operand == 0);
    cr_assert(half_of_smallest() == denormal && made_large(denormal) > 0);
}

Test(denormals, calls_nest)
{
    tarn__denormals caller = tarn__flush_denormals(), flushing = tarn__flush_denormals();
    tarn__restore_denormals(flushing);
    volatile tarn_real inside = half_of_smallest();
    tarn__restore_denormals(caller);
    if (FLUSHES)
        cr_assert(inside == 0);
    cr_assert(half_of_smallest() > 0);
}
