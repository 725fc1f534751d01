/* A tape as a table. */
#include <math.h>
#include <string.h>

#include "core/base/format.h"
#include "core/inspect/graph_internal.h"
#include "core/tensor_internal.h"

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
static double parameters_of(const tarn__graph *g, const tarn_node *node)
{
    double count = 0;
    for (int i = 0; i < node->input_count; i++) {
        const tarn_tensor *t = node->inputs[i];
        if (!t->tape && t->requires_grad && tarn__graph_is_first_use(g, node, i))
            count += (double)t->size;
    }
    return count;
}

static void describe_inputs(const tarn__graph *g, const tarn_node *node, char *text)
{
    size_t used = 0;
    for (int i = 0; i < node->input_count; i++) {
        const tarn_tensor *t = node->inputs[i];
        const char *name = tarn__graph_is_leaf(node, i) ? tarn__graph_name_of(g, t) : NULL;
        char number[32] = "";
        if (!tarn__graph_is_leaf(node, i))
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

static void put_entry(table *t, const tarn__graph *g, const tarn_node *node, sums *total)
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

static void put_table(table *t, const tarn__graph *g)
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

static void write_table(const tarn__graph *g, FILE *stream)
{
    table t = {.stream = NULL};
    put_table(&t, g);
    t.stream = stream;
    put_table(&t, g);
}

bool tarn_tape_print_with(tarn_graph_args args)
{
    return tarn__graph_write("tape_print", &args, write_table);
}
