/* Operators that give images another size: by other pixels, or by padding. */
#include <limits.h>
#include <math.h>
#include <stdlib.h>

#include "nn/exchange/import_internal.h"

static bool is_image(tarn__importer *c, const tarn__import_value *x)
{
    return x->shape.ndim == 4 ||
           tarn__import_fail(c, "has an input %s, expects images, of 4 dimensions",
                             tarn__import_shape_text(x->shape).text);
}

typedef struct sizes {
    double scales[4];
    bool by_scales;
    int64_t height, width; /* of the result; TARN__ONNX_ANY where it is scales times an open one */
} sizes;

/* The numbers of a constant of four floats. */
static bool scales_of(tarn__importer *c, tarn__import_value *v, double to[4])
{
    if (!v->constant || tarn_shape_size(v->shape) != 4)
        return tarn__import_fail(c, "has scales that are not four known numbers, as of images");
    tarn_real *values = tarn__onnx_reals(&c->file, v->constant);
    for (int i = 0; values && i < 4; i++)
        to[i] = (double)values[i];
    free(values);
    return values;
}

/* From scales, or from sizes, which are inputs of other numbers in older versions. */
static bool read_sizes(tarn__importer *c, const tarn__import_value *x, sizes *s)
{
    const bool old = c->node->input_count == 2;
    tarn__import_value *scales = tarn__import_in(c, old ? 1 : 2);
    int64_t list[4];
    *s = (sizes){.scales = {1, 1, 1, 1}};
    if (scales && tarn_shape_size(scales->shape) != 0) {
        s->by_scales = true;
        if (!scales_of(c, scales, s->scales))
            return false;
    } else {
        if (tarn__import_list(c, "sizes", old ? -1 : 3, 4, list) != 4)
            return tarn__import_fail(c, "has sizes that are not four known numbers, as of images");
        for (int i = 0; i < 4; i++) {
            if (i < 2 && list[i] != x->shape.dim[i] &&
                !(i == 0 && list[0] == TARN__ONNX_BATCH_SIZE) && !(i == 0 && list[0] == c->batch))
                return tarn__import_fail(c, "changes the number of images or channels");
            if (i > 1 && (list[i] < 1 || list[i] > INT_MAX || x->shape.dim[i] < 1))
                return tarn__import_fail(c, "has a size that is not known");
            if (i > 1)
                s->scales[i] = (double)list[i] / (double)x->shape.dim[i];
        }
    }
    if (s->scales[0] != 1 || s->scales[1] != 1)
        return tarn__import_fail(c, "changes the number of images or channels");
    return true;
}

/* The size of the result along an axis: false where scales do not divide evenly, since where the
   pixels lie then depends on more than the sizes. */
static bool size_by(tarn__importer *c, int64_t size, double scale, int64_t *to)
{
    const double exact = (double)size * scale, near = nearbyint(exact);
    if (!(scale > 0 && scale < INT_MAX))
        return tarn__import_fail(c, "has the scale %g", scale);
    *to = size < 1 ? TARN__ONNX_ANY : (int64_t)near;
    if (size < 1 && scale != nearbyint(scale))
        return tarn__import_fail(c,
                                 "has the scale %g of an image whose size the file leaves open, "
                                 "expects a whole one, or .input",
                                 scale);
    return size < 1 || (near >= 1 && near <= INT_MAX && fabs(exact - near) <= 1e-6 * near) ||
           tarn__import_fail(c,
                             "has the scale %g of %lld pixels, expects one that gives a whole "
                             "number of them",
                             scale, (long long)size);
}

/* Whether an interpolation is one of Tarn's; it is antialiased where the file says so, and cubic
   also by its weights, if no image gets smaller. What lies outside then does not count, which of a
   linear one that enlarges needs no word. */
static bool read_weights(tarn__importer *c, const sizes *s, bool cubic, bool *antialias)
{
    const bool enlarges = s->scales[2] >= 1 && s->scales[3] >= 1;
    const bool excludes = tarn__import_int_of(c, "exclude_outside", 0) != 0;
    const bool said = tarn__import_int_of(c, "antialias", 0) != 0;
    const double a = tarn__import_float_of(c, "cubic_coeff_a", -0.75);
    *antialias = said || (cubic && excludes);
    if (!*antialias)
        return !excludes && (!cubic || a == -0.75);
    return (!cubic || a == -0.5) && (excludes || (!cubic && enlarges)) && (said || enlarges);
}

/* What the mode and where pixels lie mean in Tarn. */
static bool read_mode(tarn__importer *c, const sizes *s, tarn__graph_step *how)
{
    const bool old = tarn__bytes_are(c->node->type, "Upsample") || c->file.opset < 11;
    const tarn__bytes mode = tarn__import_text_of(c, "mode");
    const tarn__bytes where = tarn__import_text_of(c, "coordinate_transformation_mode");
    const tarn__bytes rounding = tarn__import_text_of(c, "nearest_mode");
    const bool asymmetric = old || tarn__bytes_are(where, "asymmetric");
    const bool half = !old && (where.size == 0 || tarn__bytes_are(where, "half_pixel") ||
                               tarn__bytes_are(where, "pytorch_half_pixel"));
    const bool whole =
        s->scales[2] == nearbyint(s->scales[2]) && s->scales[3] == nearbyint(s->scales[3]);
    const bool prefers = rounding.size == 0 || tarn__bytes_are(rounding, "round_prefer_floor") ||
                         tarn__bytes_are(rounding, "round_prefer_ceil");
    const bool downwards = old || tarn__bytes_are(rounding, "floor");
    how->bilinear = tarn__bytes_are(mode, "linear") || tarn__bytes_are(mode, "bilinear");
    how->bicubic = !old && tarn__bytes_are(mode, "cubic");
    const bool between = how->bilinear || how->bicubic;
    how->align_corners = between && tarn__bytes_are(where, "align_corners");
    if (tarn__import_ints_of(c, "axes", 0, NULL) >= 0 ||
        (tarn__import_text_of(c, "keep_aspect_ratio_policy").size > 0 &&
         !tarn__bytes_are(tarn__import_text_of(c, "keep_aspect_ratio_policy"), "stretch")))
        return tarn__import_fail(c, "has axes or keep_aspect_ratio_policy");
    if (!read_weights(c, s, how->bicubic, &how->antialias) || (how->antialias && !between) ||
        (how->antialias && how->align_corners))
        return tarn__import_fail(
            c, "has antialias, exclude_outside or cubic_coeff_a in another way than PyTorch: "
               "neither of the first two and -0.75, or, with half_pixel, all of exclude_outside, "
               "-0.5 and, where an image gets smaller, antialias");
    const bool one_pixel = s->height == 1 || s->width == 1;
    if (between && (how->align_corners ||
                    (half && !(one_pixel && tarn__bytes_are(where, "pytorch_half_pixel")))))
        return true;
    const bool nearest = mode.size == 0 || tarn__bytes_are(mode, "nearest");
    if (nearest && ((asymmetric && downwards) || (half && prefers && whole)))
        return true;
    return tarn__import_fail(
        c,
        "has mode \"%s\" with coordinate_transformation_mode \"%s\" and "
        "nearest_mode \"%s\", expects linear or cubic with "
        "half_pixel or align_corners, nearest with asymmetric and floor, or nearest with "
        "half_pixel and a whole scale",
        tarn__onnx_quote(mode).text, tarn__onnx_quote(where).text, tarn__onnx_quote(rounding).text);
}

bool tarn__import_resize(tarn__importer *c)
{
    tarn__import_value *x = tarn__import_in(c, 0);
    sizes s;
    tarn__graph_step how = {.op = &tarn__graph_resize};
    if (!is_image(c, x) || !read_sizes(c, x, &s) ||
        !size_by(c, x->shape.dim[2], s.scales[2], &s.height) ||
        !size_by(c, x->shape.dim[3], s.scales[3], &s.width) || !read_mode(c, &s, &how))
        return false;
    const bool whole = s.scales[2] == s.scales[3] && s.scales[2] == nearbyint(s.scales[2]);
    if (!whole && (s.height < 1 || s.width < 1))
        return tarn__import_fail(c, "enlarges axes differently whose size the file leaves open, "
                                    "expects .input");
    const int image = tarn__import_ordered(c, x, tarn__import_channels_last(4));
    tarn__graph_step *step =
        tarn__import_emit(c, whole ? &tarn__graph_upsample : &tarn__graph_resize, 1, &image);
    if (!step)
        return false;
    step->kernel = (int)s.scales[2];
    step->bilinear = how.bilinear;
    step->bicubic = how.bicubic;
    step->align_corners = how.align_corners;
    step->antialias = how.antialias;
    tarn_shape shape = x->shape;
    shape.dim[2] = s.height;
    shape.dim[3] = s.width;
    step->shape.ndim = 2;
    step->shape.dim[0] = s.height;
    step->shape.dim[1] = s.width;
    return tarn__import_give(c, step->output, shape, tarn__import_channels_last(4));
}

/* ---- Padding */

/* The pads of all axes, (before..., after...), from pads and, if they are there, axes. */
static bool all_pads(tarn__importer *c, int ndim, int64_t pads[2 * TARN_MAX_NDIM])
{
    int64_t given[2 * TARN_MAX_NDIM], axes[TARN_MAX_NDIM];
    const int count = tarn__import_list(c, "pads", 1, 2 * TARN_MAX_NDIM, given);
    int axis_count = ndim;
    if (count == -2)
        return false;
    for (int i = 0; i < ndim; i++)
        axes[i] = i;
    if (tarn__import_in(c, 3))
        axis_count = tarn__import_list(c, "axes", 3, TARN_MAX_NDIM, axes);
    if (axis_count < 0 || axis_count > ndim || count != 2 * axis_count)
        return axis_count != -2 && tarn__import_fail(c, "has pads of another number than two for "
                                                        "each axis");
    for (int i = 0; i < 2 * ndim; i++)
        pads[i] = 0;
    for (int i = 0; i < axis_count; i++) {
        const int axis = tarn__import_axis(c, axes[i], ndim);
        if (axis < 0)
            return false;
        pads[axis] = given[i];
        pads[ndim + axis] = given[axis_count + i];
    }
    for (int i = 0; i < 2 * ndim; i++)
        if (pads[i] < 0 || pads[i] > INT_MAX)
            return tarn__import_fail(c, "has the pad %lld, expects at least 0", (long long)pads[i]);
    return true;
}

/* As a tarn_pad_mode; -1 for one that there is not. */
static int pad_mode_of(tarn__bytes mode)
{
    return mode.size == 0 || tarn__bytes_are(mode, "constant") ? TARN_PAD_CONSTANT
           : tarn__bytes_are(mode, "reflect")                  ? TARN_PAD_REFLECT
           : tarn__bytes_are(mode, "edge")                     ? TARN_PAD_REPLICATE
           : tarn__bytes_are(mode, "wrap")                     ? TARN_PAD_CIRCULAR
                                                               : -1;
}

bool tarn__import_pad(tarn__importer *c)
{
    tarn__import_value *x = tarn__import_in(c, 0);
    const int ndim = x->shape.ndim;
    const tarn__bytes mode = tarn__import_text_of(c, "mode");
    int64_t pads[2 * TARN_MAX_NDIM];
    double value = tarn__import_float_of(c, "value", 0);
    const int how = pad_mode_of(mode);
    if (how < 0)
        return tarn__import_fail(c, "has mode \"%s\", expects constant, reflect, edge or wrap",
                                 tarn__onnx_quote(mode).text);
    if (!all_pads(c, ndim, pads) || !tarn__import_number(c, 2, &value))
        return false;
    const int operand = tarn__import_ordered(c, x, x->order);
    tarn__graph_step *step = tarn__import_emit(c, &tarn__graph_pad, 1, &operand);
    if (!step)
        return false;
    tarn_shape shape = x->shape;
    step->mode = how;
    step->a = how == TARN_PAD_CONSTANT ? value : 0;
    step->shape.ndim = step->after.ndim = ndim;
    for (int i = 0; i < ndim; i++) {
        const int64_t before = pads[x->order.axis[i]], after = pads[ndim + x->order.axis[i]];
        int64_t *size = &shape.dim[x->order.axis[i]];
        step->shape.dim[i] = before;
        step->after.dim[i] = after;
        if (before + after > 0)
            *size = *size < 0 ? TARN__ONNX_ANY : *size + before + after;
    }
    return tarn__import_give(c, step->output, shape, x->order);
}
