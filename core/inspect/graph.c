#include "core/inspect/graph.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/error_internal.h"
#include "core/inspect/graph_internal.h"
#include "core/life.h"
#include "core/op_internal.h"

const tarn_node *tarn_tape_last(const tarn_tape *tape)
{
    if (tape && !tarn__tape_is_open(tape))
        return tarn_fail("tape_last: the tape is not open on this thread");
    return tape ? tape->last : NULL;
}

static int compare_leaves(const void *first, const void *second)
{
    const tarn__leaf *a = first, *b = second;
    if (a->tensor != b->tensor)
        return (uintptr_t)a->tensor < (uintptr_t)b->tensor ? -1 : 1;
    if (a->entry != b->entry)
        return a->entry < b->entry ? -1 : 1;
    return a->input - b->input;
}

bool tarn__graph_is_leaf(const tarn_node *node, int input)
{
    return node->inputs[input]->tape != node->output->tape;
}

const tarn__leaf *tarn__graph_first_use(const tarn__graph *g, const tarn_tensor *tensor)
{
    int64_t low = 0, high = g->leaf_count;
    while (low < high) {
        const int64_t middle = (low + high) / 2;
        if ((uintptr_t)g->leaves[middle].tensor < (uintptr_t)tensor)
            low = middle + 1;
        else
            high = middle;
    }
    return &g->leaves[low];
}

bool tarn__graph_is_first_use(const tarn__graph *g, const tarn_node *node, int input)
{
    const tarn__leaf *first = tarn__graph_first_use(g, node->inputs[input]);
    return first->entry == node->number && first->input == input;
}

const char *tarn__graph_name_of(const tarn__graph *g, const tarn_tensor *tensor)
{
    for (int i = 0; g->params.names && i < g->params.count; i++)
        if (g->params.tensors[i] == tensor)
            return g->params.names[i];
    return NULL;
}

static void graph_free(tarn__graph *g)
{
    free(g->nodes);
    free(g->leaves);
}

static bool graph_fill(tarn__graph *g, const tarn_tape *tape)
{
    int64_t inputs = 0;
    for (const tarn_node *node = tape->last; node; node = node->previous)
        inputs += node->input_count;
    g->count = tape->last ? tape->last->number : 0;
    g->nodes = malloc(((size_t)g->count + 1) * sizeof *g->nodes);
    g->leaves = malloc(((size_t)inputs + 1) * sizeof *g->leaves);
    if (!g->nodes || !g->leaves)
        return false;
    for (const tarn_node *node = tape->last; node; node = node->previous) {
        g->nodes[node->number - 1] = node;
        for (int i = 0; i < node->input_count; i++)
            if (tarn__graph_is_leaf(node, i))
                g->leaves[g->leaf_count++] = (tarn__leaf){node->inputs[i], node->number, i};
    }
    qsort(g->leaves, (size_t)g->leaf_count, sizeof *g->leaves, compare_leaves);
    return true;
}

static bool inputs_live(const char *function, const tarn_tape *tape)
{
    for (const tarn_node *node = tape->last; node; node = node->previous)
        for (int i = 0; i < node->input_count; i++)
            if (tarn__life_over(node->inputs[i]))
                return tarn_fail("%s: input %d of %s was freed before", function, i,
                                 node->op->name);
    return true;
}

bool tarn__graph_write(const char *function, const tarn_graph_args *a,
                       void (*write)(const tarn__graph *g, FILE *stream))
{
    if (!a->tape || !a->stream)
        return false;
    if (!tarn__tape_is_open(a->tape))
        return tarn_fail("%s: the tape is not open on this thread", function);
    if (!a->tape->records)
        return tarn_fail("%s: the tape was begun with no_grad and has no entries", function);
    if (!inputs_live(function, a->tape) ||
        (a->tape->observer && !a->tape->observer->ended(a->tape)))
        return false;
    tarn__graph g = {.params = a->params, .values = a->values};
    const bool filled = graph_fill(&g, a->tape);
    errno = 0;
    if (filled)
        write(&g, a->stream);
    graph_free(&g);
    if (!filled)
        return tarn__told(tarn_set_error("%s: out of memory for a list of entries", function));
    if (fflush(a->stream) != 0 || ferror(a->stream))
        return tarn__told(
            tarn_set_error("%s: cannot write: %s", function, strerror(errno ? errno : EIO)));
    return true;
}
