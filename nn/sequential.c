/*
 * The children one after the other. Some run in one pass, which gives the same result in less time:
 * a child whose type takes over what the next ones do (tarn_epilogue), such as a convolution with
 * relu and max_pool2d behind it; and a convolution with batch normalization behind it, and relu or
 * the sum of a residual connection behind that (core/ops/shared/conv2d_norm.c). Here is the one
 * place that decides it, and before an onlooker, who is to see each module's output, none do.
 */
#include <limits.h>
#include <stdio.h>

#include "core/base/error.h"
#include "nn/batch_norm2d_internal.h"
#include "nn/layer.h"
#include "nn/module_internal.h"
#include "nn/sequential.h"

/* Adds all that the next module does to what follows a pass; false, with nothing added, if that is
   none of what the pass can take, or is in it already. */
static bool take(tarn_epilogue takes, const tarn_module *next, tarn_epilogue *after)
{
    const tarn_epilogue does =
        next && next->type->epilogue ? next->type->epilogue(next) : (tarn_epilogue){0};
    if (!does.relu && does.max_pool == 0)
        return false;
    if (does.relu && (!takes.relu || after->relu))
        return false;
    if (does.max_pool > 0 && (does.max_pool > takes.max_pool || after->max_pool > 0))
        return false;
    after->relu |= does.relu;
    after->max_pool += does.max_pool;
    return true;
}

/* Takes over what the modules from *i on do, and moves on by them. */
static tarn_epilogue take_all(const tarn_module *self, tarn_epilogue takes, int *i)
{
    tarn_epilogue after = {0};
    while (*i < self->part_count && take(takes, self->parts[*i].child, &after))
        ++*i;
    return after;
}

/* The batch normalization that child i is; NULL if it is something else, or behind the last. */
static const tarn_module *norm_at(const tarn_module *self, int i)
{
    const tarn_module *child = i < self->part_count ? self->parts[i].child : NULL;
    return child && child->type == &tarn__nn_batch_norm2d ? child : NULL;
}

static tarn_tensor *convolve_and_normalize(const tarn_module *conv, const tarn_module *norm,
                                           tarn_tensor *x, bool relu, tarn__sum_behind *sum)
{
    const tarn_conv2d_args of_conv = conv->type->convolution(conv, x);
    tarn_batch_norm2d_args of_norm = tarn__nn_batch_norm2d_call(norm, NULL);
    of_norm.relu = relu;
    return tarn__nn_batch_norm2d_count(norm,
                                       tarn__conv2d_norm(&of_conv, &of_norm, relu ? NULL : sum));
}

/* The children one by one. */
static tarn_tensor *run_each(tarn_module *self, tarn_tensor *x)
{
    for (int i = 0; x && i < self->part_count; i++)
        if (self->parts[i].child)
            x = tarn_nn_forward(self->parts[i].child, x);
    return x;
}

/* The children, some in one pass; with a sum behind, unless that is NULL. */
static tarn_tensor *run_together(tarn_module *self, tarn_tensor *x, tarn__sum_behind *sum)
{
    for (int i = 0; x && i < self->part_count;) {
        tarn_module *child = self->parts[i++].child;
        const tarn_module *norm = norm_at(self, i);
        if (child && child->type->convolution && norm) {
            i++;
            const tarn_epilogue after = take_all(self, norm->type->takes, &i);
            x = convolve_and_normalize(child, norm, x, after.relu,
                                       i == self->part_count ? sum : NULL);
        } else if (child) {
            const tarn_epilogue after = take_all(self, child->type->takes, &i);
            x = tarn__nn_forward_fused(child, x, after);
        }
    }
    return x;
}

static tarn_tensor *forward(tarn_module *self, tarn_tensor *x)
{
    return tarn__nn_onlooker_now() ? run_each(self, x) : run_together(self, x, NULL);
}

tarn_tensor *tarn__nn_forward_before_sum(tarn_module *module, tarn_tensor *x, tarn__sum_behind *sum)
{
    if (module->type == &tarn__nn_sequential && !tarn__nn_onlooker_now())
        return run_together(module, x, sum);
    return tarn_nn_forward(module, x);
}

static tarn_module *make(const void *numbers, int count, tarn_module *const *children)
{
    (void)numbers;
    return tarn_nn_sequential_of(count, children);
}

const tarn_module_type tarn__nn_sequential = {
    .name = "Sequential", .forward = forward, .make = make, .most_children = INT_MAX};

tarn_module *tarn_nn_sequential_of(int count, tarn_module *const *modules)
{
    if (count < 0)
        return tarn_fail("nn_sequential: count is %d, expects 0 or more", count);
    if (count > 0 && !modules)
        return tarn_fail("nn_sequential: the list of %d modules is NULL", count);
    tarn_module *self = tarn_nn_new(&tarn__nn_sequential, sizeof *self);
    /* Goes on after a failure, so that every module ends up owned or freed. */
    bool complete = self != NULL;
    for (int i = 0; i < count; i++) {
        char name[16];
        snprintf(name, sizeof name, "%d", i);
        complete &= tarn_nn_add_child(self, name, modules[i]);
    }
    if (complete)
        return self;
    tarn_nn_free(self);
    return NULL;
}
