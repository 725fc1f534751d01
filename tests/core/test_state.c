/* Lists of what a checkpoint holds. */
#include "core/state.h"

#include <math.h>

#include "core/base/format.h"
#include "tests/support/heap.h"
#include "tests/support/mistakes.h"

static int64_t count = 3;
static double number = 0.5;
static tarn_real values[6];

static void fill(tarn__state *state)
{
    tarn__state_count(state, &count, "a", "count");
    tarn__state_number(state, &number, "a", "number");
    tarn__state_rate(state, &number, "a", "rate");
    for (int i = 0; i < 5; i++)
        tarn__state_slot(state, TARN__REAL, tarn_shape(2, 3), values, "b:%d", i);
    for (int i = 0; i < 3; i++)
        tarn__state_setting(state, "name", "%s %d", "value", i);
}

Test(state, is_a_list_of_slots_and_settings)
{
    tarn__state state = {0};
    fill(&state);
    cr_assert_not(state.failed);
    cr_assert_eq(state.slot_count, 8);
    cr_assert_str_eq(state.slots[0].name, "a:count");
    cr_assert_eq(state.slots[0].data, &count);
    cr_assert(state.slots[0].bounded && !state.slots[1].bounded && state.slots[2].bounded);
    cr_assert_str_eq(state.slots[7].name, "b:4");
    cr_assert_eq(tarn__slot_bytes(&state.slots[7]), 6 * sizeof(tarn_real));
    cr_assert_eq(tarn__slot_bytes(&state.slots[0]), 8);
    cr_assert_eq(state.setting_count, 3);
    cr_assert_str_eq(state.settings[2].value, "value 2");
    tarn__state_free(&state);
}

Test(state, numbers_are_as_short_as_can_be)
{
    const double numbers[] = {0, 1, 0.1, 1e-3, 1.0 / 3, 123456789, 1e-310, -2.5, INFINITY};
    const char *const texts[] = {"0",         "1",      "0.1",  "0.001", "0.3333333333333333",
                                 "123456789", "1e-310", "-2.5", "inf"};
    for (int i = 0; i < 9; i++)
        cr_expect_str_eq(tarn__digits_of(numbers[i]).text, texts[i]);
    cr_expect_str_eq(tarn__digits_of(NAN).text, "nan");
}

#ifdef TARN_TESTS_HEAP_IS_WATCHED
/* And has then what it asked for freed, as one that is whole has. */
Test(state, says_when_memory_ran_out)
{
    const long before = heap_live;
    bool failed = true;
    for (long calls = 0; failed; calls++) {
        tarn__state state = {0};
        heap_calls_left = calls;
        fill(&state);
        failed = heap_calls_left < 0;
        heap_calls_left = -1;
        cr_assert_eq(state.failed, failed);
        tarn__state_free(&state);
        cr_assert_eq(heap_live, before, "%ld bytes are left", heap_live - before);
    }
}
#endif
