/* Steps, and what they give. */
#include <stdlib.h>
#include <string.h>

#include "core/base/error.h"
#include "nn/exchange/import_internal.h"

tarn_shape_text tarn__import_shape_text(tarn_shape shape)
{
    tarn_shape_text all = tarn_shape_to_text(shape), text;
    char *to = text.text;
    for (const char *from = all.text; (*to = *from); from++, to++)
        if (*from == '-') /* -1 or -2 */
            *to = *++from == '0' - TARN__ONNX_BATCH ? 'N' : '?';
    return text;
}

static bool out_of_memory(const tarn__importer *c)
{
    return tarn_set_error("%s: out of memory for its graph", c->file.path);
}

tarn__graph_step *tarn__import_emit(tarn__importer *c, const tarn__graph_op *op, int count,
                                    const int *operands)
{
    for (int i = 0; i < count; i++)
        if (operands[i] == TARN__ONNX_FAILED)
            return NULL;
    if (c->step_count == c->step_room) {
        const int room = 2 * c->step_room + 16;
        tarn__graph_step *larger = realloc(c->steps, (size_t)room * sizeof *larger);
        if (!larger)
            return out_of_memory(c), NULL;
        c->steps = larger;
        c->step_room = room;
    }
    int *inputs = malloc((size_t)count * sizeof *inputs + 1);
    if (!inputs)
        return out_of_memory(c), NULL;
    memcpy(inputs, operands, (size_t)count * sizeof *inputs);
    tarn__graph_step *step = &c->steps[c->step_count++];
    *step = (tarn__graph_step){
        .op = op, .inputs = inputs, .input_count = count, .output = c->computed++};
    return step;
}

/* Sizes can be multiplied with each other without an overflow. */
static bool is_shape(tarn_shape shape)
{
    for (int i = 0; i < shape.ndim; i++) {
        if (shape.dim[i] > INT32_MAX)
            return false;
        shape.dim[i] = shape.dim[i] < 0 ? 1 : shape.dim[i];
    }
    return shape.ndim <= TARN_MAX_NDIM && tarn_shape_size(shape) >= 0;
}

bool tarn__import_give(tarn__importer *c, int operand, tarn_shape shape, tarn__import_order order)
{
    tarn__import_value *v = tarn__import_out(c, 0);
    if (operand == TARN__ONNX_FAILED)
        return false;
    if (!is_shape(shape))
        return tarn__import_fail(c, "would give a value that is too large");
    if (v) {
        v->operand = operand;
        v->shape = shape;
        v->order = order;
    }
    return true;
}

tarn__graph_step *tarn__import_step_of(const tarn__importer *c, const tarn__import_value *v)
{
    /* Each step gives one value; the input is value 0. */
    return v->operand > 0 && v->readers == 1 && !v->alias ? &c->steps[v->operand - 1] : NULL;
}

bool tarn__import_give_like(tarn__importer *c, int operand, const tarn__import_value *like)
{
    tarn__import_value *v = tarn__import_out(c, 0);
    if (v) {
        v->channels = like->channels;
        v->pixels = like->pixels;
        v->ids = like->ids;
    }
    return tarn__import_give(c, operand, like->shape, like->order);
}

int tarn__import_step(tarn__importer *c, const tarn__graph_op *op, int x, double a)
{
    tarn__graph_step *step = tarn__import_emit(c, op, 1, &x);
    if (!step)
        return TARN__ONNX_FAILED;
    step->a = a;
    return step->output;
}

int tarn__import_step2(tarn__importer *c, const tarn__graph_op *op, int x, int y)
{
    tarn__graph_step *step = tarn__import_emit(c, op, 2, (int[]){x, y});
    return step ? step->output : TARN__ONNX_FAILED;
}
