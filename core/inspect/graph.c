#include "core/inspect/graph.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/error_internal.h"
#include "core/base/format.h"
#include "core/life.h"
#include "core/op_internal.h"

const tarn_node *tarn_tape_last(const tarn_tape *tape)
{
    if (tape && !tarn__tape_is_open(tape))
        return tarn_fail("tape_last: the tape is not open on this thread");
    return tape ? tape->last : NULL;
}

/* ---- What the entries of a tape are computed from */

/* An input that is not a result of the tape, where it is used. */
typedef struct leaf {
    const tarn_tensor *tensor;
    int entry;
    int input;
} leaf;

typedef struct graph {
    const tarn_node **nodes; /* by number, nodes[0] being number 1 */
    int64_t count;
    leaf *leaves; /* by tensor, those of a tensor in the order of their use */
    int64_t leaf_count;
    tarn_params params;
    int64_t values; /* tensors of so many elements at most are written out */
} graph;

static int compare_leaves(const void *first, const void *second)
{
    const leaf *a = first, *b = second;
    if (a->tensor != b->tensor)
        return (uintptr_t)a->tensor < (uintptr_t)b->tensor ? -1 : 1;
    if (a->entry != b->entry)
        return a->entry < b->entry ? -1 : 1;
    return a->input - b->input;
}

static bool is_leaf(const tarn_node *node, int input)
{
    return node->inputs[input]->tape != node->output->tape;
}

/* Where the leaf is used first. */
static const leaf *first_use(const graph *g, const tarn_tensor *tensor)
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

static bool is_first_use(const graph *g, const tarn_node *node, int input)
{
    const leaf *first = first_use(g, node->inputs[input]);
    return first->entry == node->number && first->input == input;
}

/* The tensor's name among the params; NULL if it has none there. */
static const char *name_of(const graph *g, const tarn_tensor *tensor)
{
    for (int i = 0; g->params.names && i < g->params.count; i++)
        if (g->params.tensors[i] == tensor)
            return g->params.names[i];
    return NULL;
}

static void graph_free(graph *g)
{
    free(g->nodes);
    free(g->leaves);
}

static bool graph_fill(graph *g, const tarn_tape *tape)
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
            if (is_leaf(node, i))
                g->leaves[g->leaf_count++] = (leaf){node->inputs[i], node->number, i};
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

/* Gives the graph of the tape to what writes it. */
static bool write_graph(const char *function, const tarn_graph_args *a,
                        void (*write)(const graph *g, FILE *stream))
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
    graph g = {.params = a->params, .values = a->values};
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

/* ---- Graphviz */

/* In quotes, without a line break of its own. */
static void put_text(FILE *stream, const char *text)
{
    for (; *text; text++) {
        if (*text == '"' || *text == '\\')
            fputc('\\', stream);
        fputc((unsigned char)*text < ' ' ? ' ' : *text, stream);
    }
}

/* A line of numbers in a label. */
static void put_numbers(FILE *stream, const char *what, const tarn_real *numbers, int64_t count)
{
    fprintf(stream, "\\n%s", what);
    for (int64_t i = 0; i < count; i++) {
        char text[32] = "nan";
        if (!isnan((double)numbers[i])) /* whose sign says nothing, as that of 0 */
            tarn__format(text, sizeof text, "%.4g", (double)numbers[i] + 0);
        fprintf(stream, " %s", text);
    }
}

/* The shape, and of a small tensor what is in it; ends the label. */
static void put_contents(const graph *g, const tarn_tensor *t, FILE *stream)
{
    const tarn_real *gradients = tarn__gradients_now(t);
    fprintf(stream, "\\n%s", tarn_shape_to_text(t->shape).text);
    if (t->size <= g->values) {
        put_numbers(stream, "value", t->values, t->size);
        if (gradients)
            put_numbers(stream, "gradient", gradients, t->size);
    }
    fputs("\"]\n", stream);
}

static const char *kind_of(const tarn_tensor *t)
{
    return t->tape ? "outer tape" : t->requires_grad ? "parameter" : "constant";
}

/* Fill and line of a box. A reader who sees no colours has its corners and its words. */
static const char *colours_of(const tarn_tensor *t)
{
    return !t->tape && t->requires_grad ? "fillcolor=\"#fbe3c0\", color=\"#b35c00\""
                                        : "fillcolor=\"#eeeeee\", color=\"#777777\"";
}

static void put_leaf(const graph *g, const tarn_node *node, int input, FILE *stream)
{
    const tarn_tensor *t = node->inputs[input];
    const leaf *first = first_use(g, t);
    if (is_first_use(g, node, input)) {
        const char *name = name_of(g, t);
        fprintf(stream, "  t%d_%d [shape=box, style=filled, %s, label=\"", first->entry,
                first->input, colours_of(t));
        put_text(stream, name ? name : kind_of(t));
        put_contents(g, t, stream);
    }
    fprintf(stream, "  t%d_%d -> n%d\n", first->entry, first->input, node->number);
}

static void write_dot(const graph *g, FILE *stream)
{
    fputs("digraph tape {\n"
          "  graph [rankdir=TB, ranksep=0.3, nodesep=0.25]\n"
          "  node [fontname=\"Helvetica\", fontsize=12, height=0.3, margin=\"0.12,0.05\"]\n"
          "  edge [color=\"#555555\", arrowsize=0.7]\n",
          stream);
    for (int64_t i = 0; i < g->count; i++) {
        const tarn_node *node = g->nodes[i];
        fprintf(stream,
                "  n%d [shape=box, style=\"rounded,filled%s\", fillcolor=\"#d3e5f5\", "
                "color=\"#0060a0\", label=\"%d ",
                node->number, node->output->base ? ",dashed" : "", node->number);
        put_text(stream, node->op->name);
        const char *name = name_of(g, node->output);
        if (name) {
            fputs(": ", stream);
            put_text(stream, name);
        }
        put_contents(g, node->output, stream);
        for (int k = 0; k < node->input_count; k++)
            if (is_leaf(node, k))
                put_leaf(g, node, k, stream);
            else
                /* Heavy, so that it is straight, and parameters stand beside. */
                fprintf(stream, "  n%d -> n%d [weight=20]\n", node->inputs[k]->node->number,
                        node->number);
    }
    fputs("}\n", stream);
}

bool tarn_tape_dot_with(tarn_graph_args args)
{
    return write_graph("tape_dot", &args, write_dot);
}

/* ---- The table */

enum { COLUMNS = 10, WIDTH = 100 };

typedef struct row {
    char cell[COLUMNS][WIDTH];
} row;

typedef struct table {
    int width[COLUMNS];
    FILE *stream; /* NULL to measure */
} table;

static void put_row(table *t, const row *r)
{
    for (int i = 0; i < COLUMNS; i++) {
        const int width = (int)strlen(r->cell[i]);
        const bool words = i >= 1 && i <= 3; /* at the left */
        if (!t->stream)
            t->width[i] = width > t->width[i] ? width : t->width[i];
        else
            fprintf(t->stream, "%s%*s", i ? "  " : "", words ? -t->width[i] : t->width[i],
                    r->cell[i]);
    }
    if (t->stream)
        fputc('\n', t->stream);
}

/* The elements of parameters that are used here first. */
static double parameters_of(const graph *g, const tarn_node *node)
{
    double count = 0;
    for (int i = 0; i < node->input_count; i++) {
        const tarn_tensor *t = node->inputs[i];
        if (!t->tape && t->requires_grad && is_first_use(g, node, i))
            count += (double)t->size;
    }
    return count;
}

static void describe_inputs(const graph *g, const tarn_node *node, char *text)
{
    size_t used = 0;
    for (int i = 0; i < node->input_count; i++) {
        const tarn_tensor *t = node->inputs[i];
        const char *name = is_leaf(node, i) ? name_of(g, t) : NULL;
        char number[32] = "";
        if (!is_leaf(node, i))
            snprintf(number, sizeof number, "#%d", t->node->number);
        const size_t room = WIDTH - used;
        const size_t length =
            (size_t)snprintf(text + used, room, "%s%s%s", i ? " " : "", name ? name : number,
                             tarn_shape_to_text(t->shape).text);
        if (length + 4 >= room) {
            strcpy(text + used, used ? " ..." : "...");
            return;
        }
        used += length;
    }
}

static void write_norm(int64_t size, const tarn_real *values, char *text)
{
    double sum = 0;
    for (int64_t i = 0; values && i < size; i++)
        sum += (double)values[i] * (double)values[i];
    tarn__format(text, WIDTH, values ? "%.4g" : "-", fabs(sqrt(sum))); /* a NaN without sign */
}

static void write_time(double seconds, char *text)
{
    tarn__format(text, WIDTH, seconds > 0 ? "%.1f" : "-", 1e6 * seconds);
}

typedef struct sums {
    double parameters, operations, forward, backward;
} sums;

/* Columns 4 to 7, which an entry and the total have. */
static void write_sums(const sums *s, row *r)
{
    tarn__count_to_text(s->parameters, r->cell[4], WIDTH);
    tarn__count_to_text(s->operations, r->cell[5], WIDTH);
    write_time(s->forward, r->cell[6]);
    write_time(s->backward, r->cell[7]);
}

static void put_entry(table *t, const graph *g, const tarn_node *node, sums *total)
{
    row r = {.cell = {""}};
    const sums own = {parameters_of(g, node), node->operations, (double)node->forward_seconds,
                      (double)node->backward_seconds};
    snprintf(r.cell[0], WIDTH, "%d", node->number);
    snprintf(r.cell[1], WIDTH, "%s", node->op->name);
    describe_inputs(g, node, r.cell[2]);
    strcpy(r.cell[3], tarn_shape_to_text(node->output->shape).text);
    write_sums(&own, &r);
    if (t->stream) { /* not measured: the headings are as wide */
        write_norm(node->output->size, node->output->values, r.cell[8]);
        write_norm(node->output->size, tarn__gradients_now(node->output), r.cell[9]);
    }
    put_row(t, &r);
    *total = (sums){total->parameters + own.parameters, total->operations + own.operations,
                    total->forward + own.forward, total->backward + own.backward};
}

static void put_table(table *t, const graph *g)
{
    static const row headings = {{"#", "Op", "Inputs", "Output", "Parameters", "Operations",
                                  "Forward us", "Backward us", "   |value|", "|gradient|"}};
    row last = {.cell = {"", "Total"}};
    sums total = {0};
    put_row(t, &headings);
    for (int64_t i = 0; i < g->count; i++)
        put_entry(t, g, g->nodes[i], &total);
    write_sums(&total, &last);
    put_row(t, &last);
}

static void write_table(const graph *g, FILE *stream)
{
    table t = {.stream = NULL};
    put_table(&t, g);
    t.stream = stream;
    put_table(&t, g);
}

bool tarn_tape_print_with(tarn_graph_args args)
{
    return write_graph("tape_print", &args, write_table);
}
