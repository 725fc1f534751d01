/* A tape as a picture, in the language of Graphviz. */
#include <math.h>

#include "core/base/format.h"
#include "core/inspect/graph_internal.h"
#include "core/tensor_internal.h"

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
static void put_contents(const tarn__graph *g, const tarn_tensor *t, FILE *stream)
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

static void put_leaf(const tarn__graph *g, const tarn_node *node, int input, FILE *stream)
{
    const tarn_tensor *t = node->inputs[input];
    const tarn__leaf *first = tarn__graph_first_use(g, t);
    if (tarn__graph_is_first_use(g, node, input)) {
        const char *name = tarn__graph_name_of(g, t);
        fprintf(stream, "  t%d_%d [shape=box, style=filled, %s, label=\"", first->entry,
                first->input, colours_of(t));
        put_text(stream, name ? name : kind_of(t));
        put_contents(g, t, stream);
    }
    fprintf(stream, "  t%d_%d -> n%d\n", first->entry, first->input, node->number);
}

static void write_dot(const tarn__graph *g, FILE *stream)
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
        const char *name = tarn__graph_name_of(g, node->output);
        if (name) {
            fputs(": ", stream);
            put_text(stream, name);
        }
        put_contents(g, node->output, stream);
        for (int k = 0; k < node->input_count; k++)
            if (tarn__graph_is_leaf(node, k))
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
    return tarn__graph_write("tape_dot", &args, write_dot);
}
