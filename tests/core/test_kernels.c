/* The choice of a set of kernels. */
#include "tests/core/kernels_test.h"

Test(kernels, sets)
{
    const tarn__kernels *const *sets = tarn__kernels_available();
    cr_assert_str_eq(sets[0]->name, "naive");
    cr_assert_str_eq(sets[1]->name, "baseline");
    cr_assert(tarn__kernels_in_use());
}

Test(kernels, environment_chooses)
{
    setenv("TARN_SIMD", "naive", 1);
    cr_assert_str_eq(tarn__kernels_in_use()->name, "naive");
    cr_assert_str_eq(tarn_simd(), "naive");
}
