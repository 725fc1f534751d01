/* The commands of ./run, by the script tests/commands.sh. */
#include <stdlib.h>

#include <criterion/criterion.h>

Test(run, each_command_is_there_and_listed)
{
    cr_assert_eq(system("'" TARN_SOURCE_DIR "/tests/commands.sh'"), 0);
}
