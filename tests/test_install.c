/* Tarn used from outside its tree, by the script in tests/install/. */
#include <stdlib.h>

#include <criterion/criterion.h>

#define CHECK "sh '" TARN_SOURCE_DIR "/tests/install/check.sh' "

Test(install, installed_library_compiles_and_trains)
{
    cr_assert_eq(system(CHECK "installed '" TARN_BUILD_DIR "' '" TARN_CC "'"), 0);
}

Test(install, small_library_is_small_and_trains)
{
    cr_assert_eq(system(CHECK "small '" TARN_CC "'"), 0);
}

Test(install, subproject_compiles_and_trains)
{
    cr_assert_eq(system(CHECK "subproject"), 0);
}
