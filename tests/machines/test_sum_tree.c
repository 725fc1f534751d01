/* The sum of the parts of a batch: in the order of its tree, whoever has which parts. */
#include <math.h>
#include <string.h>

#include "machines/tree.h"
#include "tests/support/mistakes.h"

enum { MOST = 40, SIZE = 3 };

/* Numbers of very different sizes: any other order of summing them gives other bits. */
static tarn_real number(int part, int i)
{
    return (tarn_real)(sin(part * 7.1 + i) * pow(10, (part * 5 + i) % 9));
}

/* The sum of parts [first, first + 2^k), and then of what is left, as tree.h says. */
static tarn_real sum_of(int first, int count, int i)
{
    if (count == 1)
        return number(first, i);
    return sum_of(first, count / 2, i) + sum_of(first + count / 2, count / 2, i);
}

static tarn_real expected(int parts, int i)
{
    tarn_real sums[32], sum;
    int count = 0, first = 0;
    for (int size = 1 << 20; size > 0; size /= 2)
        if (parts & size) {
            sums[count++] = sum_of(first, size, i);
            first += size;
        }
    for (sum = sums[--count]; count > 0;)
        sum = sums[--count] + sum;
    return sum;
}

/* The nodes that a process has, from its parts alone. */
static int add_own(int first, int end, tarn_real room[][SIZE], tarn__node_sum *nodes)
{
    tarn__tree own = {.depth = 0};
    for (int part = first; part < end; part++) {
        tarn_real *values = room[part];
        for (int i = 0; i < SIZE; i++)
            values[i] = number(part, i);
        tarn__tree_push(&own, (tarn__node_sum){part, 1, values}, SIZE);
    }
    memcpy(nodes, own.nodes, sizeof *nodes * (size_t)own.depth);
    return own.depth;
}

Test(sum_tree, does_not_depend_on_who_has_which_parts)
{
    static tarn_real room[MOST][SIZE];
    int different = 0;
    for (int parts = 1; parts <= MOST; parts++)
        for (int ranks = 1; ranks <= parts; ranks++) {
            tarn__tree tree = {.depth = 0};
            for (int rank = 0; rank < ranks; rank++) {
                const int first = parts * rank / ranks, end = parts * (rank + 1) / ranks;
                tarn__node_sum nodes[TARN__TREE_DEPTH], said[TARN__TREE_DEPTH];
                const int count = add_own(first, end, room, nodes);
                cr_assert_eq(tarn__tree_nodes(first, end, said), count);
                for (int i = 0; i < count; i++) {
                    cr_assert(said[i].first == nodes[i].first && said[i].count == nodes[i].count);
                    tarn__tree_push(&tree, nodes[i], SIZE);
                }
            }
            tarn__tree_finish(&tree, SIZE);
            cr_assert(tree.depth == 1 && tree.nodes[0].count == parts);
            for (int i = 0; i < SIZE; i++) {
                cr_assert_eq(tree.nodes[0].values[i], expected(parts, i), "%d parts, %d ranks",
                             parts, ranks);
                tarn_real in_turn = 0;
                for (int part = 0; part < parts; part++)
                    in_turn += number(part, i);
                different += in_turn != expected(parts, i);
            }
        }
    cr_assert_gt(different, 100, "the numbers do not tell orders apart");
}

Test(sum_tree, has_few_nodes)
{
    tarn__node_sum nodes[TARN__TREE_DEPTH];
    cr_assert_eq(tarn__tree_nodes(0, 8, nodes), 1);
    cr_assert_eq(tarn__tree_nodes(4, 8, nodes), 1);
    cr_assert_eq(tarn__tree_nodes(2, 5, nodes), 2);
    cr_assert_eq(nodes[0].count, 2);
    cr_assert_eq(nodes[1].first, 4);
    cr_assert_eq(tarn__tree_nodes(1, 7, nodes), 4);
    cr_assert_lt(tarn__tree_nodes(1, (1 << 20) - 1, nodes), TARN__TREE_DEPTH);
}
