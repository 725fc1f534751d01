#include "examples/lab/recipes/views.h"

#include "examples/lab/lib/options.h"

typedef struct looker {
    tarn_module module;
    tarn_module *network;
    view *look;
    int views;
} looker;

static tarn_tensor *forward(tarn_module *module, tarn_tensor *x)
{
    const looker *self = (const looker *)module;
    if (module->training)
        return tarn_nn_forward(self->network, x);
    tarn_tensor *sum = tarn_log_softmax(tarn_nn_forward(self->network, x));
    for (int i = 1; i < self->views; i++) {
        tarn_tensor *seen = self->look(x, i);
        sum = tarn_add(sum, tarn_log_softmax(tarn_nn_forward(self->network, seen)));
    }
    return tarn_scale(sum, 1.0 / self->views);
}

static const tarn_module_type type = {.name = "Views", .forward = forward};

tarn_module *views_of(tarn_module *network, view *look, int views)
{
    looker *self = tarn_nn_new(&type, sizeof *self);
    check(self);
    self->network = network;
    self->look = look;
    self->views = views;
    check(tarn_nn_add_child(&self->module, "network", network));
    return &self->module;
}
