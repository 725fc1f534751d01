#include <signal.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#ifdef __GLIBC__
#include <malloc.h>
#endif

#include "core/base/memory.h"
#include "tests/support/mistakes.h"

#if defined __has_feature
#define SANITIZED __has_feature(address_sanitizer)
#elif defined __SANITIZE_ADDRESS__
#define SANITIZED 1
#else
#define SANITIZED 0
#endif

#if SANITIZED
enum { EACH_BLOCK_FROM_THE_HEAP = true };
#else
enum { EACH_BLOCK_FROM_THE_HEAP = false };
#endif

/* Absurd sizes are to be refused by the allocator, not to end the program. */
const char *__asan_default_options(void);
const char *__asan_default_options(void)
{
    return "allocator_may_return_null=1";
}

Test(memory, blocks_are_aligned_and_apart)
{
    enum { COUNT = 300 };
    unsigned char *blocks[COUNT];
    tarn__arena *arena = tarn__arena_take();
    for (int i = 0; i < COUNT; i++) {
        const size_t size = (size_t)(i * i);
        blocks[i] = tarn__arena_alloc(arena, size);
        cr_assert(blocks[i]);
        cr_assert_eq((uintptr_t)blocks[i] % TARN__ALIGNMENT, 0);
        memset(blocks[i], i % 256, size);
        for (int k = 0; k < TARN__SLACK; k++) /* it may be read, whatever is in it */
            (void)((volatile unsigned char *)blocks[i])[i * i + k];
    }
    for (int i = 0; i < COUNT; i++)
        for (int k = 0; k < i * i; k++)
            cr_assert_eq(blocks[i][k], i % 256);
    tarn__arena_give(arena);
}

#if SANITIZED
Test(memory, a_write_behind_a_block_ends_the_program, .signal = SIGABRT)
{
    tarn__arena *arena = tarn__arena_take();
    char *block = tarn__arena_alloc(arena, 100);
    block[100] = 0;
    tarn__arena_give(arena);
}

Test(memory, a_write_behind_a_block_of_its_own_does, .signal = SIGABRT)
{
    char *block = tarn__block_alloc(128);
    block[128] = 0;
    tarn__block_free(block);
}
#endif

Test(memory, the_second_round_asks_for_nothing)
{
    if (EACH_BLOCK_FROM_THE_HEAP)
        cr_skip_test("every block is a heap block of its own");
    const void *first[20] = {0};
    for (int round = 0; round < 10; round++) {
        tarn__arena *arena = tarn__arena_take();
        const void *chunk = NULL;
        for (int i = 0; i < 20; i++) {
            const void *block = tarn__arena_alloc(arena, 20000);
            if (round == 1)
                first[i] = block;
            else if (round > 1)
                cr_assert_eq(block, first[i]);
            chunk = i == 0 ? tarn__arena_mark(arena).chunk : chunk;
        }
        if (round > 0)
            cr_assert_eq(tarn__arena_mark(arena).chunk, chunk, "one chunk holds all");
        tarn__arena_give(arena);
    }
}

Test(memory, release_gives_back_what_came_after_the_mark)
{
    if (EACH_BLOCK_FROM_THE_HEAP)
        cr_skip_test("every block is a heap block of its own");
    tarn__arena *arena = tarn__arena_take();
    unsigned char *kept = tarn__arena_alloc(arena, 1000);
    memset(kept, 7, 1000);
    const tarn__arena_position mark = tarn__arena_mark(arena);
    const void *first = tarn__arena_alloc(arena, 100);
    tarn__arena_alloc(arena, 1 << 20);
    tarn__arena_release(arena, mark);
    cr_assert_eq(tarn__arena_alloc(arena, 100), first);
    for (int i = 0; i < 1000; i++)
        cr_assert_eq(kept[i], 7);
    tarn__arena_give(arena);
}

Test(memory, sizes_that_overflow_are_refused)
{
    tarn__arena *arena = tarn__arena_take();
    const size_t sizes[] = {SIZE_MAX, SIZE_MAX - 1, SIZE_MAX - TARN__SLACK, SIZE_MAX / 2,
                            SIZE_MAX / 2 - TARN__SLACK};
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
        tarn__memory_failed();
        cr_assert_null(tarn__arena_alloc(arena, sizes[i]));
        cr_assert(tarn__memory_failed());
        cr_assert_not(tarn__memory_failed());
        cr_assert_null(tarn__block_alloc(sizes[i]));
        cr_assert(strstr(tarn_error(), "out of memory: "), "%s", tarn_error());
    }
    cr_assert(tarn__arena_alloc(arena, 100), "the arena still works");
    tarn__arena_give(arena);
}

static const int64_t absurd = (int64_t)1 << 46;

Test(memory, a_tensor_that_does_not_fit)
{
    record_mistakes();
    cr_assert_null(tarn_zeros(tarn_shape(absurd)));
    cr_assert_str_eq(tarn_error(), "zeros: out of memory for a tensor of shape (70368744177664)");
    cr_assert_null(tarn_full(tarn_shape(absurd, 2), 1));
    cr_assert_null(tarn_rand(tarn_shape(absurd)));
    cr_assert_null(tarn_randn(tarn_shape(absurd)));
    cr_assert_eq(mistakes(), 0);
}

Test(memory, a_result_that_does_not_fit)
{
    tarn_tensor *column = tarn_requires_grad(tarn_zeros(tarn_shape(1 << 23, 1)), true);
    tarn_tensor *row = tarn_zeros(tarn_shape(1, 1 << 23));
    record_mistakes();
    tarn_tape *tape = tarn_tape_begin();
    tarn_tensor *y = tarn_matmul(column, row);
    cr_assert_null(y);
    cr_assert(strstr(tarn_error(), "out of memory: "), "%s", tarn_error());
    cr_assert_null(tarn_add(column, row));
    cr_assert_eq(mistakes(), 0);
    assert_mistake(tarn_backward(tarn_sum(y)), "out of memory: ");
    cr_assert(tarn_backward(tarn_sum(column)), "the tape still works: %s", tarn_error());
    tarn_tape_end(tape);
    tarn_free(column);
    tarn_free(row);
}

/* One step of a small network. Returns where its loss was. */
static const void *step(tarn_tensor *x, tarn_tensor *kernel, tarn_tensor *weight)
{
    static const int32_t ids[] = {1, 2, 0, 3};
    tarn_tape *tape = tarn_tape_begin();
    tarn_tensor *y = tarn_max_pool2d(tarn_relu(tarn_conv2d(x, kernel, NULL, .padding = 1)), 2);
    tarn_tensor *logits = tarn_matmul(tarn_dropout(tarn_flatten(y), 0.5), weight);
    tarn_tensor *loss = tarn_cross_entropy(logits, tarn_labels(4, ids));
    tarn_zero_grad(kernel);
    tarn_zero_grad(weight);
    cr_assert(tarn_backward(loss));
    const void *place = tarn_values(loss);

    tarn_tape *evaluation = tarn_tape_begin_no_grad();
    cr_assert(tarn_softmax(tarn_scale(logits, 2)));
    tarn_tape_end(evaluation);
    tarn_tape_end(tape);
    return place;
}

/* Debug builds hold back the structs of tensors that are gone. */
static size_t memory_in_use(void)
{
#if defined __GLIBC__ && !SANITIZED && !defined TARN_DEBUG
    struct mallinfo2 info = mallinfo2();
    return info.uordblks + info.hblkhd;
#else
    return 0;
#endif
}

Test(memory, a_steady_step_asks_the_system_for_nothing)
{
    tarn_tensor *x = tarn_rand(tarn_shape(4, 12, 12, 3));
    tarn_tensor *kernel = tarn_requires_grad(tarn_randn(tarn_shape(3, 3, 3, 8)), true);
    tarn_tensor *weight = tarn_requires_grad(tarn_randn(tarn_shape(288, 4)), true);
    tarn_set_threads(1);
    step(x, kernel, weight);
    const void *place = step(x, kernel, weight);
    const size_t before = memory_in_use();
    for (int i = 0; i < 1000; i++) {
        const void *now = step(x, kernel, weight);
        cr_assert(EACH_BLOCK_FROM_THE_HEAP || now == place, "step %d has other memory", i);
    }
    cr_assert_eq(memory_in_use(), before);
    tarn_free(x);
    tarn_free(kernel);
    tarn_free(weight);
}

Test(memory, a_limit_is_for_the_sum_of_what_is_asked_for)
{
    cr_assert_not(tarn__block_limit(1000));
    void *first = tarn__block_alloc(600), *second = tarn__block_alloc(600),
         *third = tarn__block_alloc(400);
    cr_assert(first && !second && third);
    cr_assert(tarn__block_limit(SIZE_MAX), "it was exceeded");
    void *large = tarn__block_alloc(1 << 20);
    cr_assert(large);
    cr_assert_not(tarn__block_limit(SIZE_MAX));
    tarn__memory_failed();
    tarn__block_free(first);
    tarn__block_free(third);
    tarn__block_free(large);
}
