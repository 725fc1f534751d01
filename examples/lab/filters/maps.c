#include "examples/lab/filters/maps.h"

#include <stdio.h>
#include <string.h>

#include "examples/lab/filters/sheet.h"
#include "examples/lab/lib/options.h"
#include "examples/lab/lib/plots.h"

tarn_tensor *ink_of(tarn_tensor *images)
{
    return tarn_sub(images, tarn_min(images));
}

/* "Conv2d(1, 6, 5)" */
static void describe(const tarn_module *layer, char *text, size_t size)
{
    char numbers[80] = "";
    if (layer->type->describe)
        layer->type->describe(layer, numbers, sizeof numbers);
    snprintf(text, size, "%s(%s)", layer->type->name, numbers);
}

/* ---- Filters */

void draw_filters(tarn_module *network, const char *name, const char *folder)
{
    const tarn_tensor *kernels = tarn_nn_parameters(network).tensors[0]; /* (K, K, 1, filters) */
    const grid g = grid_for((grid){.maps = (int)tarn_dim(kernels, 3),
                                   .height = (int)tarn_dim(kernels, 0),
                                   .width = (int)tarn_dim(kernels, 1),
                                   .gap = 1,
                                   .below = 1},
                            3);
    char description[100], title[200];
    describe(tarn_nn_child(network, 0), description, sizeof description);
    snprintf(title, sizeof title, "Filters of the first layer of %s: %s", name, description);
    sheet s = sheet_begin(folder, "filters");
    sheet_add(&s, title, &g, tarn_values(kernels));
    sheet_end(&s);
    printf("the %d filters of the first layer, %s\n", g.maps, description);
    draw_plots("filters", folder, (drawing[]){{"filters", "the filters of the first layer"}, {0}});
}

/* ---- Feature maps */

/* Units of a linear layer are maps of 1 x 1. */
static grid grid_of(const tarn_tensor *output)
{
    enum { SQUARES_TO_A_GAP = 8 };
    const bool image = tarn_ndim(output) == 4;
    const int width = image ? (int)tarn_dim(output, 2) : 1;
    const int gap = image ? 1 + width / SQUARES_TO_A_GAP : 0;
    return grid_for((grid){.maps = (int)tarn_dim(output, -1),
                           .height = image ? (int)tarn_dim(output, 1) : 1,
                           .width = width,
                           .gap = gap,
                           .below = gap},
                    1.6);
}

static void add_output(sheet *s, const char *title, const tarn_tensor *output)
{
    const grid g = grid_of(output);
    sheet_add(s, title, &g, tarn_values(output));
}

static bool are_same(const tarn_tensor *a, const tarn_tensor *b)
{
    return tarn_size(a) == tarn_size(b) &&
           !memcmp(tarn_values(a), tarn_values(b), (size_t)tarn_size(a) * sizeof(tarn_real));
}

/* A panel for each layer; returns what the last one made of the image. */
static tarn_tensor *add_layers(sheet *s, tarn_module *network, tarn_tensor *image)
{
    tarn_tensor *x = image;
    tarn_module *layer;
    for (int i = 0; (layer = tarn_nn_child(network, i)); i++) {
        char description[100];
        tarn_tensor *output = tarn_nn_forward(layer, x);
        check(output);
        describe(layer, description, sizeof description);
        if (!are_same(x, output))
            add_output(s, description, output);
        x = output;
    }
    return x;
}

static void write_probabilities(const tarn_tensor *probabilities, const char *const *classes,
                                const char *folder)
{
    table *to = table_in(folder, "feature_maps_classes.csv", "class,probability");
    for (int i = 0; i < tarn_size(probabilities); i++)
        table_row(to, "%s,%.9g", classes[i], (double)tarn_values(probabilities)[i]);
    table_end(to);
}

void draw_feature_maps(tarn_module *network, tarn_tensor *image, const char *title,
                       const char *const *classes, const char *folder)
{
    tarn_tape *tape = tarn_tape_begin_no_grad();
    sheet s = sheet_begin(folder, "feature_maps");
    tarn_tensor *ink = ink_of(image);
    check(ink);
    add_output(&s, title, ink);
    tarn_tensor *probabilities = tarn_softmax(add_layers(&s, network, image));
    sheet_end(&s);
    int32_t guess = 0;
    check(tarn_argmax_axis(probabilities, 1, &guess));
    write_probabilities(probabilities, classes, folder);
    printf("what each layer makes of it; guess %s, %.4f%%\n", classes[guess],
           100 * (double)tarn_values(probabilities)[guess]);
    tarn_tape_end(tape);
    draw_plots("feature_maps", folder,
               (drawing[]){{"feature_maps", "what each layer makes of the image"}, {0}});
}
