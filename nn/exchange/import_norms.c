/* Operators that normalize, and dropout. */
#include <limits.h>
#include <math.h>
#include <stdlib.h>

#include "nn/exchange/import_internal.h"

static bool eps_of(tarn__importer *c, double *eps)
{
    *eps = tarn__import_float_of(c, "epsilon", 1e-5f);
    return (*eps > 0 && isfinite(*eps)) ||
           tarn__import_fail(c, "has epsilon %g, expects a finite number above 0", *eps);
}

/* Input i, a vector of one number for each channel. */
static int vector_of(tarn__importer *c, int i, int64_t channels, bool trained)
{
    tarn__import_value *x = tarn__import_in(c, 0), *v = tarn__import_in(c, i);
    if (v->shape.ndim == 1 && v->shape.dim[0] > 0 && (channels < 0 || v->shape.dim[0] == channels))
        return x->channels > 0 ? tarn__import_vector_for(c, x, v, trained)
                               : tarn__import_part(c, v, tarn__import_plain(), trained);
    tarn__import_fail(c, "has an input %d of shape %s, expects (%lld)", i,
                      tarn__import_shape_text(v->shape).text, (long long)channels);
    return TARN__ONNX_FAILED;
}

/* The input in that order; or, where it is a flattened image in Tarn's order, as it is, if the
   vectors that follow can be brought into that. */
static int input_for(tarn__importer *c, tarn__import_value *x, tarn__import_order order)
{
    bool new = x->channels > 0;
    for (int i = 1; new &&i < c->node->input_count; i++)
        new = tarn__import_in(c, i) && tarn__import_is_new(tarn__import_in(c, i)) &&
              tarn__import_in(c, i)->shape.ndim == 1;
    for (int i = 2; new &&i < c->node->input_count; i++)
        for (int k = 1; k < i; k++)
            new = new &&tarn__import_in(c, i) != tarn__import_in(c, k);
    return new ? x->operand : tarn__import_ordered(c, x, order);
}

/* Running statistics move on while the module trains, whatever the file says of training_mode. */
bool tarn__import_batch_norm(tarn__importer *c)
{
    tarn__import_value *x = tarn__import_in(c, 0);
    const int ndim = x->shape.ndim;
    const double kept = tarn__import_float_of(c, "momentum", 0.9f);
    double eps;
    if (ndim < 2)
        return tarn__import_fail(c, "has an input %s, expects (N,C,...)",
                                 tarn__import_shape_text(x->shape).text);
    if (!eps_of(c, &eps))
        return false;
    if (!(kept >= 0 && kept <= 1))
        return tarn__import_fail(c, "has momentum %g, expects a number from 0 to 1", kept);
    if (tarn__import_int_of(c, "spatial", 1) != 1)
        return tarn__import_fail(c, "has spatial 0, expects statistics for each channel");
    for (int i = 3; i < 5; i++)
        if (!tarn__import_in(c, i)->constant)
            return tarn__import_fail(c, "has statistics that are computed, expects initializers");
    int operands[5] = {input_for(c, x, tarn__import_channels_last(ndim))};
    for (int i = 1; i < 5; i++)
        operands[i] = vector_of(c, i, x->shape.dim[1], i < 3);
    tarn__graph_step *step = tarn__import_emit(c, &tarn__graph_batch_norm2d, 5, operands);
    if (!step)
        return false;
    step->a = eps;
    step->b = (double)(float)(1 - kept);
    if (x->channels > 0)
        return tarn__import_give_like(c, step->output, x);
    return tarn__import_give(c, step->output, x->shape, tarn__import_channels_last(ndim));
}

/* Over groups of channels, of which each channel is one in instance normalization. */
static bool give_groups(tarn__importer *c, int64_t groups)
{
    tarn__import_value *x = tarn__import_in(c, 0);
    const int ndim = x->shape.ndim;
    const int64_t channels = ndim < 2 ? -1 : x->shape.dim[1];
    double eps;
    if (channels < 1 || groups < 1 || groups > INT_MAX || channels % groups != 0)
        return tarn__import_fail(c,
                                 "has an input %s and %lld groups, expects (N,C,...), and a "
                                 "divisor of C",
                                 tarn__import_shape_text(x->shape).text, (long long)groups);
    if (!eps_of(c, &eps))
        return false;
    const int image = tarn__import_ordered(c, x, tarn__import_channels_last(ndim));
    const int operands[] = {image, vector_of(c, 1, channels, true),
                            vector_of(c, 2, channels, true)};
    tarn__graph_step *step = tarn__import_emit(c, &tarn__graph_group_norm, 3, operands);
    if (!step)
        return false;
    step->a = eps;
    step->groups = (int)groups;
    return tarn__import_give(c, step->output, x->shape, tarn__import_channels_last(ndim));
}

/* The numbers of a constant vector, each for so many channels that follow each other. */
static int hold_repeated(tarn__importer *c, const tarn__import_value *v, int64_t times)
{
    const int64_t count = tarn_shape_size(v->constant->shape);
    tarn_real *values = tarn__onnx_reals(&c->file, v->constant);
    tarn_tensor *t = values ? tarn_zeros(tarn_shape(count * times)) : NULL;
    for (int64_t i = 0; t && i < count * times; i++)
        tarn_values(t)[i] = values[i / times];
    free(values);
    return tarn__import_hold(c, t);
}

/* Group normalization as PyTorch writes it: images (N,C,H,W) made (N,G,rest), each group of
   channels normalized as one, and made images again. It is computed on the images; false if it is
   something else. */
static bool give_groups_of_image(tarn__importer *c, bool *given)
{
    tarn__import_value *x = tarn__import_in(c, 0), *y = tarn__import_out(c, 0);
    const tarn__import_value *scale = tarn__import_in(c, 1), *bias = tarn__import_in(c, 2);
    const tarn__import_seen *seen = &x->seen;
    const int ndim = seen->shape.ndim;
    const int64_t groups = x->shape.ndim == 3 ? x->shape.dim[1] : 0;
    const int64_t channels = ndim > 2 ? seen->shape.dim[1] : 0;
    double eps;
    *given = seen->operand != TARN__ONNX_NONE && y && groups > 0 && channels > 0 &&
             channels % groups == 0 && x->shape.dim[0] == seen->shape.dim[0] && scale->constant &&
             bias->constant && scale->shape.ndim == 1 && scale->shape.dim[0] == groups &&
             bias->shape.ndim == 1 && bias->shape.dim[0] == groups;
    if (!*given)
        return true;
    if (!eps_of(c, &eps))
        return false;
    tarn__import_value image = *x;
    image.operand = seen->operand;
    image.shape = seen->shape;
    image.order = seen->order;
    const tarn__import_order last = tarn__import_channels_last(ndim);
    const int operands[] = {tarn__import_ordered(c, &image, last),
                            hold_repeated(c, scale, channels / groups),
                            hold_repeated(c, bias, channels / groups)};
    tarn__graph_step *step = tarn__import_emit(c, &tarn__graph_group_norm, 3, operands);
    if (!step)
        return false;
    step->a = eps;
    step->groups = (int)groups;
    image.operand = step->output;
    image.order = last;
    y->seen = (tarn__import_seen){step->output, image.shape, last};
    const int plain = tarn__import_ordered(c, &image, tarn__import_plain());
    step = tarn__import_emit(c, &tarn__graph_reshape, 1, &plain);
    if (!step)
        return false;
    step->shape = x->shape;
    return tarn__import_give(c, step->output, x->shape, tarn__import_plain());
}

bool tarn__import_instance_norm(tarn__importer *c)
{
    bool given;
    const bool right = give_groups_of_image(c, &given);
    if (!right || given)
        return right;
    const tarn_shape shape = tarn__import_in(c, 0)->shape;
    return give_groups(c, shape.ndim < 2 ? 0 : shape.dim[1]);
}

bool tarn__import_group_norm(tarn__importer *c)
{
    enum { BY_CHANNEL = 21 };
    if (c->file.opset < BY_CHANNEL)
        return tarn__import_fail(c,
                                 "is of opset %lld, expects at least 21, where it has a scale for "
                                 "each channel",
                                 (long long)c->file.opset);
    return give_groups(c, tarn__import_int_of(c, "num_groups", 0));
}

/* Input i, of the shape of the last dimensions, also where it is one number or ones in front. */
static bool has_shape(const tarn__import_value *v, tarn_shape shape)
{
    return tarn_shape_equal(v->shape, shape);
}

/* Without a bias it is all 0. */
bool tarn__import_layer_norm(tarn__importer *c)
{
    tarn__import_value *x = tarn__import_in(c, 0), *scale = tarn__import_in(c, 1),
                       *bias = tarn__import_in(c, 2);
    const int ndim = x->shape.ndim;
    const int axis = tarn__import_axis(c, tarn__import_int_of(c, "axis", -1), ndim);
    double eps;
    if (axis < 0 || !eps_of(c, &eps))
        return false;
    tarn_shape shape = {.ndim = ndim - axis};
    for (int i = 0; i < shape.ndim; i++)
        shape.dim[i] = x->shape.dim[axis + i];
    if (!has_shape(scale, shape) || (bias && !has_shape(bias, shape)))
        return tarn__import_fail(c,
                                 "has a scale or a bias of another shape than the last dimensions "
                                 "of its input, %s",
                                 tarn__import_shape_text(shape).text);
    int operands[3] = {axis == 1 ? input_for(c, x, tarn__import_plain())
                                 : tarn__import_ordered(c, x, tarn__import_plain())};
    for (int i = 1; i < 3; i++) {
        tarn__import_value *v = i == 1 ? scale : bias;
        operands[i] = !v                ? tarn__import_hold(c, tarn_zeros(shape))
                      : x->channels > 0 ? tarn__import_vector_for(c, x, v, true)
                                        : tarn__import_part(c, v, tarn__import_plain(), true);
    }
    tarn__graph_step *step = tarn__import_emit(c, &tarn__graph_layer_norm, 3, operands);
    if (!step)
        return false;
    step->a = eps;
    if (x->channels > 0)
        return tarn__import_give_like(c, step->output, x);
    return tarn__import_give(c, step->output, x->shape, tarn__import_plain());
}

/* As many channels before each as behind it. Of an even size ONNX has one more behind, Tarn one
   more before. */
bool tarn__import_local_response_norm(tarn__importer *c)
{
    tarn__import_value *x = tarn__import_in(c, 0);
    const int64_t size = tarn__import_int_of(c, "size", 0);
    const double alpha = tarn__import_float_of(c, "alpha", 1e-4f);
    const double beta = tarn__import_float_of(c, "beta", 0.75);
    const double k = tarn__import_float_of(c, "bias", 1);
    if (x->shape.ndim < 2)
        return tarn__import_fail(c, "has an input %s, expects (N,C,...)",
                                 tarn__import_shape_text(x->shape).text);
    if (size < 1 || size > INT_MAX || size % 2 == 0)
        return tarn__import_fail(c, "has size %lld, expects an odd number of channels",
                                 (long long)size);
    if (!(alpha >= 0 && isfinite(alpha) && isfinite(beta) && k > 0 && isfinite(k)))
        return tarn__import_fail(c,
                                 "has alpha %g, beta %g and bias %g, expects finite numbers, alpha "
                                 "at least 0 and bias above 0",
                                 alpha, beta, k);
    const tarn__import_order last = tarn__import_channels_last(x->shape.ndim);
    const int image = tarn__import_ordered(c, x, last);
    tarn__graph_step *step = tarn__import_emit(c, &tarn__graph_local_response_norm, 1, &image);
    if (!step)
        return false;
    step->kernel = (int)size;
    step->a = alpha;
    step->b = beta;
    step->c = k;
    return tarn__import_give(c, step->output, x->shape, last);
}

/* While the module trains, whatever the file says of training_mode. */
bool tarn__import_dropout(tarn__importer *c)
{
    tarn__import_value *x = tarn__import_in(c, 0);
    double p = tarn__import_float_of(c, "ratio", 0.5);
    if (!tarn__import_number(c, 1, &p))
        return false;
    if (!(p >= 0 && p <= 1))
        return tarn__import_fail(c, "has the ratio %g, expects a number from 0 to 1", p);
    return tarn__import_give_like(
        c, tarn__import_step(c, &tarn__graph_dropout, tarn__import_as_it_is(c, x), p), x);
}

/* Over one axis, which is to lie last. Until version 13 of ONNX it was over all from that axis on,
   which is the same for the last one. */
bool tarn__import_softmax(tarn__importer *c)
{
    enum { ONE_AXIS = 13 };
    tarn__import_value *x = tarn__import_in(c, 0);
    const int ndim = x->shape.ndim;
    const bool old = c->file.opset < ONE_AXIS;
    const int axis = tarn__import_axis(c, tarn__import_int_of(c, "axis", old ? 1 : -1), ndim);
    if (axis < 0)
        return false;
    if (old && axis != ndim - 1)
        return tarn__import_fail(c,
                                 "is over several axes, as before opset 13, expects the last one");
    tarn__import_order order = x->order;
    for (int i = tarn__import_place_of(x, axis); i < ndim - 1; i++)
        order.axis[i] = order.axis[i + 1];
    order.axis[ndim - 1] = (int8_t)axis;
    const int y = tarn__import_step(c, c->op, tarn__import_ordered(c, x, order), 0);
    return tarn__import_give(c, y, x->shape, order);
}
