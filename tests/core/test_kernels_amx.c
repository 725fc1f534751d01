/* Panels of pairs by AMX, on a model of its instructions (amx_model.h): every number of rows up to
   more than four blocks, of columns up to a whole panel, of pairs up to more than two tiles; to the
   bits of plain loops in the order that is documented. test_kernels_pairs.c has the same and more
   by the processor's own instructions, where it has them. */
#define choose choose_lanes /* kernels_test.h has another */
#include "core/kernels/tile.h"
#undef choose

#include "tests/core/kernels_test.h"

extern panel_function *const amx_model_panel;

typedef struct case_of {
    int64_t rows, columns, pairs; /* in a line; there are two by two lines */
    bool turned;                  /* the rows of a are neighbours, not its pairs */
    int start;                    /* none, a bias, or what c holds */
    bool relu;
} case_of;

enum { OUTER = 2, MIDDLE = 2, LINES = OUTER * MIDDLE, GAP = 3 };

/* A bfloat16 number, a small integer and a bit of a fraction. */
static uint32_t any_bfloat16(void)
{
    const float x = (float)choose(-60, 60) / 8;
    uint32_t bits;
    memcpy(&bits, &x, sizeof bits);
    return bits >> 16;
}

static array any_pairs(int64_t size)
{
    array a = new_array(size);
    for (int64_t i = 0; i < size; i++) {
        const uint32_t pair = any_bfloat16() << 16 | any_bfloat16();
        memcpy(&a.values[i], &pair, sizeof pair);
    }
    return a;
}

static float number_of(tarn_real pair, int which)
{
    uint32_t bits;
    memcpy(&bits, &pair, sizeof bits);
    bits = which == 0 ? bits << 16 : bits & 0xffff0000;
    float x;
    memcpy(&x, &bits, sizeof x);
    return x;
}

static walk walk_of(const case_of *t)
{
    const int64_t c_row = t->columns + GAP, line_of_a = t->turned ? t->pairs * t->rows : t->pairs;
    return (walk){.outer = OUTER,
                  .middle = MIDDLE,
                  .inner = t->pairs,
                  .a_outer = MIDDLE * line_of_a,
                  .a_middle = line_of_a,
                  .a_inner = t->turned ? t->rows : 1,
                  .b_outer = MIDDLE * t->pairs * t->columns,
                  .b_middle = t->pairs * t->columns,
                  .b_inner = t->columns,
                  .a_row = t->turned ? 1 : LINES * t->pairs,
                  .c_row = c_row,
                  .start_row = t->start == 2 ? c_row : 0,
                  .relu = t->relu};
}

/* By plain loops: the first and the second products of 16 pairs are added up apart. */
static float sum_of(const walk *s, const tarn_real *a, const tarn_real *b, float sum)
{
    for (int64_t line = 0; line < LINES; line++)
        for (int64_t from = 0; from < s->inner; from += 16) {
            float of[2] = {0, 0};
            for (int64_t k = from; k < s->inner && k < from + 16; k++)
                for (int i = 0; i < 2; i++)
                    of[i] += number_of(a[line * s->a_middle + k * s->a_inner], i) *
                             number_of(b[line * s->b_middle + k * s->b_inner], i);
            sum += of[0] + of[1];
        }
    return s->relu && sum <= 0 ? 0 : sum;
}

static void compare(case_of t)
{
    const walk s = walk_of(&t);
    array a = any_pairs(LINES * t.pairs * t.rows), b = any_pairs(LINES * t.pairs * t.columns);
    array bias = fractions(t.columns), before = fractions(t.rows * s.c_row), c = copy(before);
    const tarn_real *start = t.start == 0 ? NULL : t.start == 1 ? bias.values : c.values;
    amx_model_panel(&s, t.rows, t.columns, a.values, b.values, c.values, start);
    for (int64_t i = 0; i < c.size; i++) {
        const int64_t row = i / s.c_row, column = i % s.c_row;
        float expected = before.values[i];
        if (column < t.columns)
            expected = sum_of(&s, a.values + row * s.a_row, b.values + column,
                              t.start == 0   ? 0
                              : t.start == 1 ? bias.values[column]
                                             : before.values[i]);
        cr_assert(c.values[i] == expected, "%d x %d x %d: %g in the place of %g", (int)t.rows,
                  (int)t.columns, (int)t.pairs, (double)c.values[i], (double)expected);
    }
    cr_assert(guards_hold(c));
    free_array(a), free_array(b), free_array(bias), free_array(before), free_array(c);
}

Test(kernels_amx, panels)
{
    static const int64_t columns[] = {1, 15, 16, 17, 31, 32, 33, 47, 48, 49, 63, 64};
    static const int64_t pairs[] = {1, 2, 15, 16, 17, 33};
    enum { COLUMNS = sizeof columns / sizeof *columns, PAIRS = sizeof pairs / sizeof *pairs };
    __builtin_cpu_init();
    if (!__builtin_cpu_supports("avx512f") || !__builtin_cpu_supports("avx512bw") ||
        !__builtin_cpu_supports("avx512vl") || !__builtin_cpu_supports("avx512dq"))
        cr_skip_test("needs AVX-512");
    int form = 0;
    for (int64_t rows = 1; rows <= 82; rows += rows < 18 ? 1 : 7)
        for (int i = 0; i < COLUMNS; i++)
            for (int k = 0; k < PAIRS; k++, form++)
                compare((case_of){rows, columns[i], pairs[k], form % 2 == 0, form / 2 % 3,
                                  form / 6 % 2 == 0});
}
