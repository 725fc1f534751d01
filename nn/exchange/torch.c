/*
 * The layout of PyTorch, which orders the elements of some parameters otherwise:
 *
 *     convolution              HWIO  there OIHW, I being a group's
 *     transposed convolution   HWOI  there IOHW, O being a group's
 *     linear                   (in, out)  there (out, in)
 *
 * and flattens images (N,H,W,C) as (N,C,H,W): what takes the result, a linear layer or a layer
 * normalization, has its input p C + c (pixel p, channel c) there at c P + p. So the walk through
 * the modules carries what reaches each: images of how many channels, images that were flattened,
 * or vectors, which are the same in both. How many pixels there are follows from the parameter.
 */
#include <string.h>

#include "core/base/error.h"
#include "nn/exchange/form.h"
#include "nn/exchange/torch.h"
#include "nn/layer.h"
#include "nn/module_registry.h"

/* What reaches a module: the INPUT as long as no module has said what that is, and ANYTHING from a
   module of one's own. */
typedef struct flow {
    enum { INPUT, IMAGES, FLATTENED, VECTORS, ANYTHING } kind;
    int64_t channels;        /* of images, flattened or not; 0: not known */
    const tarn_module *from; /* of ANYTHING */
} flow;

typedef struct walker {
    const char *who;
    tarn__travel how;
    const tarn__slots *slots;
    tarn__form *forms;
    int last; /* the slot that was found last */
} walker;

static bool walk(walker *w, const tarn_module *module, const tarn__place *place, flow *f);

static bool fail(const walker *w, const tarn_module *module, const tarn__place *place,
                 const char *what, const char *more)
{
    char at[128] = "";
    tarn__place_text(place, at, sizeof at);
    return tarn_set_error("%s: PyTorch's layout of the %s at \"%s\" is not known: %s%s", w->who,
                          module->type->name, at, what, more);
}

/* Every parameter and buffer of the module has one. */
static int find_slot(walker *w, const tarn_tensor *t)
{
    do
        w->last = (w->last + 1) % w->slots->count;
    while (w->slots->list.tensors[w->last] != t);
    return w->last;
}

/* The file has the axes of t in that order. */
static void permute(walker *w, const tarn_tensor *t, tarn_axes axes)
{
    const int at = find_slot(w, t);
    tarn__form *form = &w->forms[at];
    int64_t stride[TARN_MAX_NDIM] = {0}, step = 1;
    for (int i = tarn_ndim(t) - 1; i >= 0; i--) {
        stride[i] = step;
        step *= tarn_dim(t, i);
    }
    const int unused = TARN__FORM_NDIM - axes.count;
    form->shape.ndim = axes.count;
    for (int i = 0; i < TARN__FORM_NDIM; i++) {
        const bool used = i >= unused;
        form->dim[i] = used ? tarn_dim(t, axes.axis[i - unused]) : 1;
        form->stride[i] = used ? stride[axes.axis[i - unused]] : 0;
        if (used)
            form->shape.dim[i - unused] = form->dim[i];
    }
    w->slots->slots[at].form = form;
}

/* The last axis of what permute() left, which stands for flattened images, is split: channels
   outside, pixels inside. */
static bool unflatten(walker *w, const tarn_module *module, const tarn__place *place,
                      const tarn_tensor *t, int64_t channels)
{
    const int last = TARN__FORM_NDIM - 1;
    w->last--;
    tarn__form *form = &w->forms[find_slot(w, t)];
    if (channels < 1 || form->dim[last] % channels != 0)
        return fail(w, module, place, "it takes flattened images of another number of channels",
                    "");
    for (int i = 0; i < last; i++) {
        form->dim[i] = form->dim[i + 1];
        form->stride[i] = form->stride[i + 1];
    }
    form->dim[last - 1] = channels;
    form->dim[last] /= channels;
    form->stride[last] = form->stride[last - 1] * channels;
    return true;
}

/* Whether what was flattened can be told apart. */
static bool channels_known(walker *w, const tarn_module *module, const tarn__place *place,
                           const flow *f)
{
    if (f->kind == ANYTHING)
        return fail(w, module, place, "it may take flattened images from the module of one's own ",
                    f->from->type->name);
    if (f->kind == INPUT && w->how.flattened == TARN__NOT_TOLD)
        return fail(w, module, place,
                    "it may take images that were flattened before it, expects to be told of how "
                    "many channels they were, ",
                    ".flattened = 16, or .flattened = 0 if there were none");
    return f->kind != FLATTENED || f->channels > 0 ||
           fail(w, module, place,
                "it takes flattened images, expects to be told the shape of a sample, ",
                "tarn_nn_describe(model, .input = tarn_shape(28, 28, 1))");
}

static const tarn_tensor *parameter(const tarn_module *module, int i)
{
    return module->parts[i].parameter;
}

/* A number of the module's constructor. */
static int64_t number(const tarn_module *module, const char *name)
{
    const tarn_module_numbers *numbers = &module->type->numbers;
    int i = 0;
    while (strcmp(numbers->list.options[i].name, name) != 0)
        i++;
    return (int64_t)tarn_option_get(&numbers->list.options[i], (const char *)module + numbers->at);
}

/* Weight norm's lengths, a number for each matrix or filter there: (out,1) or (out,1,1,1). */
static void lengths(walker *w, const tarn_module *module)
{
    const tarn_module_part *last = &module->parts[module->part_count - 1];
    if (strcmp(last->name, "weight_g") != 0)
        return;
    permute(w, last->parameter, tarn_axes(0));
    const int slot = w->last;
    const int64_t count = tarn_dim(last->parameter, 0);
    w->forms[slot].shape =
        tarn_ndim(parameter(module, 0)) == 2 ? tarn_shape(count, 1) : tarn_shape(count, 1, 1, 1);
}

/* ---- What the modules do to what reaches them, those of the library by type */

static bool convolution(walker *w, const tarn_module *module, const tarn__place *place, flow *f)
{
    (void)place;
    permute(w, parameter(module, 0), tarn_axes(3, 2, 0, 1));
    lengths(w, module);
    *f = (flow){IMAGES, number(module, "out"), NULL};
    return true;
}

static bool linear(walker *w, const tarn_module *module, const tarn__place *place, flow *f)
{
    const tarn_tensor *weight = parameter(module, 0);
    if (!channels_known(w, module, place, f))
        return false;
    permute(w, weight, tarn_axes(1, 0));
    if (f->kind == FLATTENED && !unflatten(w, module, place, weight, f->channels))
        return false;
    lengths(w, module);
    const bool images = f->kind == IMAGES || (f->kind == INPUT && w->how.input.ndim == 3);
    *f = images ? (flow){IMAGES, tarn_dim(weight, 1), NULL} : (flow){VECTORS, 0, NULL};
    return true;
}

static bool layer_norm(walker *w, const tarn_module *module, const tarn__place *place, flow *f)
{
    if (!channels_known(w, module, place, f))
        return false;
    for (int i = 0; i < module->part_count && f->kind == FLATTENED; i++) {
        permute(w, parameter(module, i), tarn_axes(0));
        if (!unflatten(w, module, place, parameter(module, i), f->channels))
            return false;
    }
    return true;
}

/* One slope is the same everywhere. */
static bool prelu(walker *w, const tarn_module *module, const tarn__place *place, flow *f)
{
    return number(module, "channels") == 1 || layer_norm(w, module, place, f);
}

/* The halves of flattened images are others there. */
static bool glu(walker *w, const tarn_module *module, const tarn__place *place, flow *f)
{
    if (f->kind == FLATTENED)
        return fail(w, module, place, "it halves flattened images", "");
    if (f->kind == IMAGES)
        f->channels /= 2;
    if (f->kind == INPUT)
        *f = (flow){ANYTHING, 0, module};
    return true;
}

/* Of images, the order of the channels is the same in both. Of flattened ones, each number of batch
   normalization has another place, and a group holds others. */
static bool channel_norm(walker *w, const tarn_module *module, const tarn__place *place, flow *f)
{
    if (!channels_known(w, module, place, f))
        return false;
    if (f->kind == IMAGES || f->kind == INPUT)
        *f = (flow){IMAGES, number(module, "channels"), NULL};
    if (f->kind != FLATTENED || f->channels == 1)
        return true;
    if (module->type == &tarn__nn_group_norm)
        return fail(w, module, place, "it takes groups of flattened images, whose channels differ",
                    "");
    for (int i = 0; i < module->part_count; i++) {
        const tarn_module_part *part = &module->parts[i];
        const tarn_tensor *t = part->parameter ? part->parameter : part->buffer;
        permute(w, t, tarn_axes(0));
        if (!unflatten(w, module, place, t, f->channels))
            return false;
    }
    return true;
}

static bool flatten(walker *w, const tarn_module *module, const tarn__place *place, flow *f)
{
    (void)module, (void)place;
    const tarn_shape *input = &w->how.input;
    if (f->kind == INPUT && (input->ndim < 0 || input->ndim == 3))
        *f = (flow){FLATTENED, input->ndim < 0 ? 0 : input->dim[2], NULL};
    else if (f->kind == INPUT)
        *f = (flow){VECTORS, 0, NULL};
    else if (f->kind == IMAGES)
        f->kind = FLATTENED;
    return true;
}

static bool vectors(walker *w, const tarn_module *module, const tarn__place *place, flow *f)
{
    (void)w, (void)module, (void)place;
    *f = (flow){VECTORS, 0, NULL};
    return true;
}

static bool all_children(walker *w, const tarn_module *module, const tarn__place *place, flow *f)
{
    for (int i = 0; i < module->part_count; i++) {
        const tarn__place below = {place, module->parts[i].name};
        if (module->parts[i].child && !walk(w, module->parts[i].child, &below, f))
            return false;
    }
    return true;
}

/* What the body gives is added to what came, or to what the projection made of it. */
static bool residual(walker *w, const tarn_module *module, const tarn__place *place, flow *f)
{
    const tarn__place body = {place, "body"}, projection = {place, "projection"};
    flow skip = *f;
    if (!walk(w, tarn_nn_child(module, 0), &body, f) ||
        (tarn_nn_child(module, 1) && !walk(w, tarn_nn_child(module, 1), &projection, &skip)))
        return false;
    if ((skip.kind == FLATTENED) != (f->kind == FLATTENED) && skip.channels != 1 &&
        f->channels != 1)
        return fail(w, module, place, "it adds flattened images to what is in no such order", "");
    if (f->kind == INPUT || skip.kind == ANYTHING)
        *f = skip;
    return true;
}

/* Modules beside each other: what each makes of a copy of what came. */
static bool branches(walker *w, const tarn_module *module, const tarn__place *place, flow *f)
{
    const bool concat = module->type == &tarn__nn_concat;
    if (f->kind == INPUT && w->how.input.ndim == 3)
        *f = (flow){IMAGES, w->how.input.dim[2], NULL};
    flow all = *f;
    for (int i = 0; i < module->part_count; i++) {
        const tarn__place below = {place, module->parts[i].name};
        flow one = *f;
        if (!walk(w, tarn_nn_child(module, i), &below, &one))
            return false;
        const bool mixed = i > 0 && (one.kind == FLATTENED) != (all.kind == FLATTENED);
        if ((mixed || (concat && one.kind == FLATTENED && module->part_count > 1)) &&
            one.channels != 1 && all.channels != 1)
            return fail(w, module, place, "it joins flattened images", "");
        if (i == 0 || all.kind == INPUT || one.kind == ANYTHING)
            all = (flow){one.kind, i == 0 ? one.channels : 0, one.from};
        else if (concat && all.channels > 0)
            all.channels = one.channels > 0 ? all.channels + one.channels : 0;
    }
    *f = all;
    return true;
}

/* What a module outside the library does is not known; of what it holds, what has one order only,
   and layers that take images, can be. */
static bool own(walker *w, const tarn_module *module, const tarn__place *place, flow *f)
{
    if (f->kind == FLATTENED && f->channels != 1)
        return fail(w, module, place, "it takes flattened images", "");
    for (int i = 0; i < module->part_count; i++) {
        const tarn_module_part *part = &module->parts[i];
        const tarn__place below = {place, part->name};
        const tarn_tensor *t = part->parameter ? part->parameter : part->buffer;
        flow inside = {ANYTHING, 0, module};
        if (t && tarn_ndim(t) > 1)
            return fail(w, module, place, "it is not of the library, and has the parameter ",
                        part->name);
        if (part->child && !walk(w, part->child, &below, &inside))
            return false;
    }
    *f = (flow){ANYTHING, 0, module};
    return true;
}

/* What was read from ONNX has the orders that its steps need. */
static bool graph(walker *w, const tarn_module *module, const tarn__place *place, flow *f)
{
    (void)f;
    return fail(w, module, place, "its parameters lie as its steps read them, ",
                "which no state_dict of PyTorch's tells");
}

static const struct {
    const tarn_module_type *type;
    bool (*pass)(walker *w, const tarn_module *module, const tarn__place *place, flow *f);
} passes[] = {
    {&tarn__nn_conv2d, convolution},
    {&tarn__nn_conv_transpose2d, convolution},
    {&tarn__nn_linear, linear},
    {&tarn__nn_layer_norm, layer_norm},
    {&tarn__nn_rms_norm, layer_norm},
    {&tarn__nn_prelu, prelu},
    {&tarn__nn_glu, glu},
    {&tarn__nn_group_norm, channel_norm},
    {&tarn__nn_batch_norm2d, channel_norm},
    {&tarn__nn_flatten, flatten},
    {&tarn__nn_global_avg_pool2d, vectors},
    {&tarn__nn_global_max_pool2d, vectors},
    {&tarn__nn_embedding, vectors},
    {&tarn__nn_graph, graph},
    {&tarn__nn_residual, residual},
    {&tarn__nn_concat, branches},
    {&tarn__nn_sum, branches},
    {&tarn__nn_recompute, all_children},
    {&tarn__nn_sequential, all_children},
};

/* A layer of the library that is in no list keeps the order, and has no parameters. */
static bool walk(walker *w, const tarn_module *module, const tarn__place *place, flow *f)
{
    for (size_t i = 0; i < sizeof passes / sizeof *passes; i++)
        if (passes[i].type == module->type)
            return passes[i].pass(w, module, place, f);
    return tarn__type_is_of_library(module->type) || own(w, module, place, f);
}

bool tarn__torch_forms(const char *who, const tarn_module *module, tarn__travel how,
                       const tarn__slots *slots, tarn__form *forms)
{
    walker w = {.who = who, .how = how, .slots = slots, .forms = forms, .last = -1};
    flow f = {INPUT, 0, NULL};
    if (how.flattened > 0)
        f = (flow){FLATTENED, how.flattened, NULL};
    return walk(&w, module, NULL, &f);
}
