#include "machines/tree.h"

static void add(tarn_real *restrict to, const tarn_real *restrict from, int64_t size)
{
    for (int64_t i = 0; i < size; i++)
        to[i] += from[i];
}

/* Adds the last node to the one before. */
static void merge(tarn__tree *tree, int64_t size)
{
    const tarn__node_sum *last = &tree->nodes[--tree->depth];
    tarn__node_sum *before = &tree->nodes[tree->depth - 1];
    if (size > 0)
        add(before->values, last->values, size);
    before->count += last->count;
}

static bool belong_together(const tarn__node_sum *a, const tarn__node_sum *b)
{
    return a->count == b->count && a->first % (2 * a->count) == 0;
}

void tarn__tree_push(tarn__tree *tree, tarn__node_sum node, int64_t size)
{
    tree->nodes[tree->depth++] = node;
    while (tree->depth > 1 &&
           belong_together(&tree->nodes[tree->depth - 2], &tree->nodes[tree->depth - 1]))
        merge(tree, size);
}

void tarn__tree_finish(tarn__tree *tree, int64_t size)
{
    while (tree->depth > 1)
        merge(tree, size);
}

int tarn__tree_nodes(int first, int end, tarn__node_sum nodes[TARN__TREE_DEPTH])
{
    tarn__tree tree = {.depth = 0};
    for (int part = first; part < end; part++)
        tarn__tree_push(&tree, (tarn__node_sum){part, 1, NULL}, 0);
    for (int i = 0; i < tree.depth; i++)
        nodes[i] = tree.nodes[i];
    return tree.depth;
}
