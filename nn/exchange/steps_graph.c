#include "nn/exchange/steps_graph.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/error.h"
#include "nn/exchange/graph_modules.h"
#include "nn/layer.h"
#include "nn/look.h"

/* A value of the graph that does not depend on its input. */
enum { CONSTANT = -1 };

typedef struct opening {
    tarn__steps *s;
    const char *who;
    const tarn__graph *graph;
    int *values;        /* the list's numbers of the graph's */
    tarn__step *opened; /* the steps that it becomes */
    int count, output;  /* how many, and the number of what it gives */
    bool failed;
} opening;

/* ---- Steps */

static tarn_shape listed(tarn_shape shape)
{
    if (shape.ndim > 0 && shape.dim[0] == 1)
        memmove(shape.dim, shape.dim + 1, (size_t)--shape.ndim * sizeof *shape.dim);
    return shape;
}

/* A step of that module, which it takes over; gives the number of its result, which is the last of
   the graph's step or one on the way. */
static int append(opening *o, tarn_module *module, tarn__step step, tarn_shape shape,
                  const tarn__graph_step *last)
{
    tarn__steps *s = o->s;
    if (!module) {
        o->failed = true;
        return CONSTANT;
    }
    module->parent = (tarn_module *)&o->graph->module;
    s->made[s->made_count++] = module;
    step.module = module;
    step.output = last && last->output == o->graph->output ? o->output : s->value_count;
    if (step.output == s->value_count)
        s->shapes[s->value_count++] = listed(shape);
    o->opened[o->count++] = step;
    if (last)
        o->values[last->output] = step.output;
    return step.output;
}

/* ---- Layers */

/* What layers of images give for more than one image is not what they give for one. */
static bool is_of_images(const tarn_module_type *type)
{
    static const tarn_module_type *const types[] = {&tarn__nn_conv2d,
                                                    &tarn__nn_conv_transpose2d,
                                                    &tarn__nn_max_pool2d,
                                                    &tarn__nn_avg_pool2d,
                                                    &tarn__nn_adaptive_avg_pool2d,
                                                    &tarn__nn_adaptive_max_pool2d,
                                                    &tarn__nn_global_avg_pool2d,
                                                    &tarn__nn_pixel_shuffle,
                                                    &tarn__nn_pixel_unshuffle,
                                                    &tarn__nn_upsample2d,
                                                    &tarn__nn_pad2d,
                                                    &tarn__nn_group_norm};
    for (size_t i = 0; i < sizeof types / sizeof *types; i++)
        if (types[i] == type)
            return true;
    return false;
}

static tarn_module *layer_of(const opening *o, const tarn__graph_step *g)
{
    const bool moves_nothing = g->op == &tarn__graph_flatten || g->op == &tarn__graph_dropout;
    if (o->values[g->inputs[0]] == CONSTANT || moves_nothing)
        return NULL;
    tarn_module *module = tarn__graph_layer(o->graph, g);
    const tarn_shape x = tarn_shape_get(o->graph->now[g->inputs[0]]);
    if (!module || !is_of_images(module->type) || x.dim[0] == 1)
        return module;
    tarn_nn_free(module);
    return NULL;
}

/* What a convolution gives, before the maxima that are fused with it. */
static tarn_shape convolved(const tarn_module *module, tarn_shape x, tarn_shape y)
{
    const tarn__geometry g = tarn__geometry_of(module);
    for (int i = 0; i < 2; i++)
        y.dim[1 + i] = (x.dim[1 + i] + g.before[i] + g.after[i] -
                        (int64_t)g.dilation[i] * (g.kernel[i] - 1) - 1) /
                           g.stride[i] +
                       1;
    return y;
}

/* The layer, and those whose work is fused with it. */
static void open_layer(opening *o, const tarn__graph_step *g, tarn_module *module)
{
    const tarn_shape y = tarn_shape_get(o->graph->now[g->output]);
    const tarn_shape x = tarn_shape_get(o->graph->now[g->inputs[0]]);
    const tarn_shape on_the_way = g->max_pool > 0 ? convolved(module, x, y) : y;
    const bool pools = g->max_pool > 0, more = g->relu || pools;
    tarn__step step = {.input = o->values[g->inputs[0]], .other = -1};
    step.input = append(o, module, step, on_the_way, more ? NULL : g);
    if (g->relu && !o->failed)
        step.input = append(o, tarn_nn_relu(), step, on_the_way, pools ? NULL : g);
    if (pools && !o->failed)
        append(o, tarn_nn_max_pool2d(g->max_pool), step, y, g);
}

/* ---- Operations */

/* One of one or two operands, each a value of the list or a constant. */
typedef struct operand {
    int value; /* CONSTANT: the tensor's */
    tarn_tensor *tensor;
    tarn_shape shape;
} operand;

static operand operand_of(const opening *o, int value)
{
    tarn_tensor *tensor = o->graph->now[value];
    return (operand){o->values[value], tensor, tarn_shape_get(tensor)};
}

static tarn_tensor *no_forward(tarn_module *module, tarn_tensor *x)
{
    (void)x;
    return tarn_fail("nn_forward: a %s computes nothing itself", module->type->name);
}

static tarn_module *op_new(const tarn__graph_step *g, operand a, operand b, tarn_shape y)
{
    static const tarn_module_type none = {.name = "Graph", .forward = no_forward};
    tarn__steps_op *op = tarn_nn_new(&none, sizeof *op);
    if (!op)
        return NULL;
    snprintf(op->name, sizeof op->name, "Graph: %.30s", g->op->name);
    op->type = (tarn_module_type){.name = op->name, .forward = no_forward};
    op->module.type = &op->type;
    op->step = g;
    op->first = a.shape;
    op->second = b.shape;
    op->output = y;
    op->constant = a.value == CONSTANT ? 0 : b.value == CONSTANT ? 1 : -1;
    const operand *constant = op->constant == 1 ? &b : &a;
    if (op->constant < 0 || tarn_nn_add_buffer(&op->module, "weight", tarn_clone(constant->tensor)))
        return &op->module;
    tarn_nn_free(&op->module);
    return NULL;
}

static operand open_op(opening *o, const tarn__graph_step *g, operand a, operand b, tarn_shape y,
                       bool last)
{
    tarn_module *module = op_new(g, a, b, y);
    tarn__step step = {.input = a.value == CONSTANT ? b.value : a.value,
                       .other = a.value == CONSTANT || b.value == a.value ? CONSTANT : b.value,
                       .op = (const tarn__steps_op *)module};
    const operand result = {append(o, module, step, y, last ? g : NULL), NULL, y};
    return result;
}

/* Two at a time. */
static void open_concat(opening *o, const tarn__graph_step *g)
{
    operand all = operand_of(o, g->inputs[0]);
    const int axis = g->axis < 0 ? g->axis + all.shape.ndim : g->axis;
    for (int i = 1; i < g->input_count && !o->failed; i++) {
        const operand next = operand_of(o, g->inputs[i]);
        tarn_shape y = all.shape;
        y.dim[axis] += next.shape.dim[axis];
        all = open_op(o, g, all, next, y, i == g->input_count - 1);
    }
}

static bool depends_on_input(const opening *o, const tarn__graph_step *g)
{
    bool depends = false;
    for (int i = 0; i < g->input_count; i++)
        depends |= g->inputs[i] >= 0 && o->values[g->inputs[i]] != CONSTANT;
    return depends;
}

static void open_step(opening *o, const tarn__graph_step *g)
{
    if (!depends_on_input(o, g))
        return;
    tarn_module *module = layer_of(o, g);
    const operand a = operand_of(o, g->inputs[0]);
    if (module)
        open_layer(o, g, module);
    else if (g->op == &tarn__graph_concat && g->input_count > 1)
        open_concat(o, g);
    else
        open_op(o, g, a, g->input_count > 1 ? operand_of(o, g->inputs[1]) : a,
                tarn_shape_get(o->graph->now[g->output]), true);
}

/* ---- The graph */

/* The values of a forward are there until its tape ends. */
static void note(void *context, const tarn_module *module, const tarn_tensor *input,
                 const tarn_tensor *output)
{
    opening *o = context;
    (void)module, (void)input;
    for (int i = 0; output && i < o->graph->step_count && !o->failed; i++)
        open_step(o, &o->graph->steps[i]);
}

/* Room for what the graph may become: of each step a layer, a ReLU and a MaxPool, or one less than
   it has inputs. */
static bool make_room(opening *o)
{
    tarn__steps *s = o->s;
    size_t most = 0;
    for (int i = 0; i < o->graph->step_count; i++)
        most += 3 + (size_t)o->graph->steps[i].input_count;
    tarn_shape *shapes = realloc(s->shapes, ((size_t)s->value_count + most) * sizeof *shapes);
    s->shapes = shapes ? shapes : s->shapes;
    tarn_module **made = realloc(s->made, ((size_t)s->made_count + most) * sizeof *made);
    s->made = made ? made : s->made;
    o->opened = malloc(((size_t)s->count + most) * sizeof *o->opened);
    o->values = malloc((size_t)o->graph->value_count * sizeof *o->values);
    return shapes && made && o->opened && o->values;
}

static bool run(opening *o, int input)
{
    tarn_shape one = {.ndim = o->s->shapes[input].ndim + 1, .dim = {1}};
    memcpy(one.dim + 1, o->s->shapes[input].dim, (size_t)(one.ndim - 1) * sizeof *one.dim);
    tarn_tensor *x = tarn_zeros(one);
    for (int i = 0; i < o->graph->value_count; i++)
        o->values[i] = CONSTANT;
    o->values[o->graph->held] = input;
    const bool done = x && tarn__nn_look((tarn_module *)&o->graph->module, x, note, o);
    tarn_free(x);
    if (done && !o->failed && o->values[o->graph->output] != o->output)
        return tarn_set_error("%s: \"%s\" is a Graph of which no step computes what it gives",
                              o->who, tarn__name_in(o->s->model, &o->graph->module).text);
    return done && !o->failed;
}

/* Puts the opened steps where the graph's step was, number i. */
static void put_in_place(opening *o, int i)
{
    tarn__steps *s = o->s;
    const size_t before = (size_t)i, behind = (size_t)(s->count - i - 1);
    memmove(o->opened + before, o->opened, (size_t)o->count * sizeof *o->opened);
    memcpy(o->opened, s->steps, before * sizeof *o->opened);
    memcpy(o->opened + before + o->count, s->steps + i + 1, behind * sizeof *o->opened);
    free(s->steps);
    s->steps = o->opened;
    s->count += o->count - 1;
    o->opened = NULL;
}

static bool open_graph(tarn__steps *s, const char *who, int *i)
{
    const tarn__step step = s->steps[*i];
    opening o = {
        .s = s, .who = who, .graph = (const tarn__graph *)step.module, .output = step.output};
    bool done = make_room(&o) || tarn_set_error("%s: out of memory for the steps of a Graph", who);
    done = done && run(&o, step.input);
    if (done) {
        put_in_place(&o, *i);
        *i += o.count - 1;
    }
    free(o.opened);
    free(o.values);
    return done;
}

bool tarn__steps_open(tarn__steps *s, const char *who)
{
    for (int i = 0; i < s->count; i++)
        if (s->steps[i].module->type == &tarn__nn_graph && s->steps[i].input >= 0 &&
            !open_graph(s, who, &i))
            return false;
    return true;
}

void tarn__steps_close(tarn__steps *s)
{
    for (int i = 0; i < s->made_count; i++) {
        s->made[i]->parent = NULL;
        tarn_nn_free(s->made[i]);
    }
    free(s->made);
    s->made = NULL;
    s->made_count = 0;
}
