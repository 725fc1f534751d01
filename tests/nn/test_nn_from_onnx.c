/* Networks from ONNX files: those of PyTorch's exporters, tests/golden/onnx_files.py, Tarn's own,
   and files that are wrong in one way or another. */
#include <math.h>
#include <stdio.h>
#include <unistd.h>

#include "nn/exchange/onnx_file.h"
#include "nn/exchange/onnx_numbers.h"
#include "nn/exchange/protobuf.h"
#include "tests/nn/nn_test.h"
#include "tests/support/heap.h"

#define GOLDEN TARN_SOURCE_DIR "/tests/golden/nn/exchange/"
static const double tolerance = 2e-6; /* numbers of the files are floats in the double build, too */

static void enter_folder(void)
{
    static char folder[] = "/tmp/tarn-test-XXXXXX";
    cr_assert(mkdtemp(folder));
    cr_assert_eq(chdir(folder), 0);
}

static void leave_folder(void)
{
    char folder[64];
    unlink("model.onnx");
    unlink("model.onnx.data");
    unlink("link");
    unlink("weights.safetensors");
    cr_assert(getcwd(folder, sizeof folder));
    cr_assert_eq(rmdir(folder), 0, "files are left");
}

TestSuite(from_onnx, .init = enter_folder, .fini = leave_folder);

static tarn_module *load(const char *path)
{
    tarn_module *model = tarn_nn_from_onnx(path);
    cr_assert(model, "%s", tarn_error());
    return model;
}

static void assert_says(const char *words)
{
    cr_assert(strstr(tarn_error(), words), "\"%s\" does not hold \"%s\"", tarn_error(), words);
}

/* What the module gives for x0 of the case is its y. */
static void assert_gives(const golden_case *c, tarn_module *model, const char *name)
{
    tarn_tensor *x = golden_tensor(c, "x0");
    tarn_nn_train(model, false);
    tarn_tape *tape = tarn_tape_begin_no_grad();
    tarn_tensor *y = tarn_nn_forward(model, x);
    const double difference = golden_difference(c, "y", tarn_shape_get(y), tarn_values(y));
    cr_assert(difference <= tolerance, "%s: %g", name, difference);
    tarn_tape_end(tape);
    tarn_free(x);
}

static void train_a_little(const golden_case *c, tarn_module *model)
{
    const int32_t labels[] = {0, 2};
    tarn_tensor *x = golden_tensor(c, "x0");
    tarn_optim *optimizer = tarn_optim_adam(tarn_nn_parameters(model), .lr = 0.01);
    double first = 0, last = 0;
    tarn_nn_train(model, true);
    for (int i = 0; i < 20; i++) {
        tarn_tape *tape = tarn_tape_begin();
        tarn_tensor *loss = tarn_cross_entropy(tarn_nn_forward(model, x), tarn_labels(2, labels));
        tarn_optim_zero_grad(optimizer);
        tarn_backward(loss);
        tarn_optim_step(optimizer);
        last = (double)tarn_item(loss);
        first = i == 0 ? last : first;
        tarn_tape_end(tape);
    }
    cr_assert(last < 0.7 * first, "%g to %g", first, last);
    tarn_optim_free(optimizer);
    tarn_free(x);
}

Test(from_onnx, chains_are_layers)
{
    golden *file = golden_open("nn/exchange/onnx");
    const golden_case *c = golden_next(file, NULL);
    static const char *const names[] = {GOLDEN "chain_old.onnx", GOLDEN "chain_dynamo.onnx"};
    for (int i = 0; i < 2; i++) {
        tarn_module *model = load(names[i]);
        cr_assert_str_eq(model->type->name, "Sequential");
        cr_assert(tarn_shape_equal(tarn_nn_info(model)->input, tarn_shape(8, 8, 1)));
        cr_assert(model->training);
        cr_assert_str_eq(tarn_nn_child(model, 3)->type->name, "Flatten");
        assert_gives(c, model, names[i]);
        cr_assert(tarn_nn_save(model, "weights.safetensors"));
        tarn_module *again = tarn_nn_from_file("weights.safetensors");
        assert_gives(c, again, "from its own file");
        tarn_nn_free(again);
        train_a_little(c, model);
        tarn_nn_free(model);
    }
    golden_close(file);
}

Test(from_onnx, graphs_run_and_train_on)
{
    golden *file = golden_open("nn/exchange/onnx");
    const golden_case *c = golden_next(file, golden_next(file, NULL));
    static const char *const names[] = {GOLDEN "branches_old.onnx", GOLDEN "branches_dynamo.onnx"};
    for (int i = 0; i < 2; i++) {
        tarn_module *model = load(names[i]), *other = load(names[i]);
        cr_assert_str_eq(model->type->name, "Graph");
        assert_gives(c, model, names[i]);
        cr_assert(tarn_shape_equal(tarn_shape_get(parameter(model, "wide.weight")),
                                   tarn_shape(3, 3, 2, 4)));
        train_a_little(c, model);
        assert_gives(c, other, "the other");
        cr_assert(tarn_nn_save(other, "weights.safetensors"));
        cr_assert(tarn_nn_load(model, "weights.safetensors"), "%s", tarn_error());
        assert_gives(c, model, "loaded");
        tarn_nn_free(model);
        tarn_nn_free(other);
    }
    golden_close(file);
}

/* Elements, axes and shapes of a batch whose size the file leaves open. */
Test(from_onnx, pieces_run_and_train_on)
{
    golden *file = golden_open("nn/exchange/onnx");
    const golden_case *c = NULL;
    for (int i = 0; i < 3; i++)
        c = golden_next(file, c);
    tarn_module *model = load(GOLDEN "pieces_old.onnx");
    assert_gives(c, model, "pieces");
    train_a_little(c, model);
    tarn_nn_free(model);
    golden_close(file);
}

/* ---- What Tarn writes it reads */

/* What the network becomes that Tarn writes of the model. */
static tarn_module *again(tarn_module *model, tarn_shape sample)
{
    cr_assert(tarn_nn_export_onnx(model, sample, "model.onnx"), "%s", tarn_error());
    return load("model.onnx");
}

/* The same numbers of a random batch. Frees both. */
static void compare(tarn_module *model, tarn_module *other, tarn_shape shape)
{
    tarn_tensor *x = tarn_randn(shape);
    tarn_nn_train(model, false);
    tarn_nn_train(other, false);
    tarn_tape *tape = tarn_tape_begin_no_grad();
    tarn_tensor *a = tarn_nn_forward(model, x), *b = tarn_nn_forward(other, x);
    cr_assert(b, "%s", tarn_error());
    cr_assert(tarn_shape_equal(tarn_shape_get(a), tarn_shape_get(b)));
    for (int64_t i = 0; i < tarn_size(a); i++)
        cr_assert(fabs((double)(tarn_values(a)[i] - tarn_values(b)[i])) < 2e-5, "%lld: %g, %g",
                  (long long)i, (double)tarn_values(a)[i], (double)tarn_values(b)[i]);
    tarn_tape_end(tape);
    tarn_free(x);
    tarn_nn_free(other);
    tarn_nn_free(model);
}

static void assert_same(tarn_module *model, tarn_shape sample)
{
    tarn_shape shape = {.ndim = sample.ndim + 1, .dim = {3}};
    for (int i = 0; i < sample.ndim; i++)
        shape.dim[i + 1] = sample.dim[i];
    compare(model, again(model, sample), shape);
}

Test(from_onnx, own_layers)
{
    assert_same(tarn_nn_sequential(
                    tarn_nn_conv2d(2, 4, 3, .stride = 2, .dilation = 2, .padding = 3),
                    tarn_nn_gelu(), tarn_nn_batch_norm2d(4), tarn_nn_avg_pool2d(2, .padding = 1),
                    tarn_nn_residual(tarn_nn_sequential(tarn_nn_conv2d(4, 4, 1), tarn_nn_silu())),
                    tarn_nn_upsample2d(2), tarn_nn_pad2d(1), tarn_nn_elu(.alpha = 0.5),
                    tarn_nn_upsample2d(2, .bilinear = true), tarn_nn_group_norm(2, 4),
                    tarn_nn_conv_transpose2d(4, 6, 3, .stride = 2, .padding = 1,
                                             .output_padding = 1, .groups = 2),
                    tarn_nn_softplus(), tarn_nn_max_pool2d(3, .stride = 2, .padding = 1),
                    tarn_nn_flatten(), tarn_nn_linear(1920, 5), tarn_nn_layer_norm(5),
                    tarn_nn_log_softmax()),
                tarn_shape(10, 8, 2));
    assert_same(tarn_nn_sequential(tarn_nn_linear(6, 4), tarn_nn_batch_norm2d(4), tarn_nn_tanh(),
                                   tarn_nn_dropout(0.5), tarn_nn_linear(4, 4, .bias = false),
                                   tarn_nn_leaky_relu(), tarn_nn_sigmoid()),
                tarn_shape(6));
    assert_same(tarn_nn_sequential(tarn_nn_conv2d(1, 3, 3), tarn_nn_gelu_tanh(),
                                   tarn_nn_adaptive_avg_pool2d(2, 2), tarn_nn_softmax(),
                                   tarn_nn_global_avg_pool2d(), tarn_nn_linear(3, 2)),
                tarn_shape(6, 6, 1));
}

/* Between pixels, as the layers do; of what makes no image smaller the linear one has no word of
   antialias to read again. */
Test(from_onnx, own_interpolations)
{
    tarn_module *model = tarn_nn_sequential(
        tarn_nn_upsample2d(2, .bicubic = true),
        tarn_nn_upsample2d(2, .bicubic = true, .align_corners = true),
        tarn_nn_upsample2d(3, .bicubic = true, .antialias = true), tarn_nn_upsample2d(1));
    tarn_module *other = again(model, tarn_shape(3, 2, 2));
    for (int i = 0; i < 4; i++) {
        char text[100], expected[100];
        model->parts[i].child->type->describe(model->parts[i].child, expected, sizeof expected);
        other->parts[i].child->type->describe(other->parts[i].child, text, sizeof text);
        cr_assert_str_eq(text, expected);
    }
    tarn_nn_free(other);
    assert_same(model, tarn_shape(3, 2, 2));
    assert_same(tarn_nn_sequential(tarn_nn_upsample2d(2, .bilinear = true, .antialias = true)),
                tarn_shape(3, 2, 2));
}

/* What a Resize says, and what computes the same, of (6,8,2). */
typedef struct resizing {
    tarn_module module;
    const char *mode, *where;
    int antialias, exclude_outside;
    double coefficient;
    int height, width;
} resizing;

static tarn_tensor *resize(tarn_module *self, tarn_tensor *x)
{
    const resizing *r = (const resizing *)self;
    const bool corners = !strcmp(r->where, "align_corners"),
               smooth = !corners && (r->antialias || r->exclude_outside);
    return strcmp(r->mode, "cubic")
               ? tarn_upsample_bilinear2d(x, r->height, r->width, .align_corners = corners,
                                          .antialias = smooth)
               : tarn_upsample_bicubic2d(x, r->height, r->width, .align_corners = corners,
                                         .antialias = smooth);
}

static bool say_resize(tarn_onnx *onnx, const tarn_onnx_place *at)
{
    const resizing *r = (const resizing *)at->module;
    tarn_onnx_tensor(onnx, "scales", tarn_shape(4),
                     (float[]){1, 1, (float)r->height / 6, (float)r->width / 8});
    tarn_onnx_text(onnx, "mode", r->mode);
    tarn_onnx_text(onnx, "coordinate_transformation_mode", r->where);
    tarn_onnx_int(onnx, "antialias", r->antialias);
    tarn_onnx_int(onnx, "exclude_outside", r->exclude_outside);
    tarn_onnx_float(onnx, "cubic_coeff_a", r->coefficient);
    tarn_onnx_node(onnx, "Resize", at->output, 3, (const char *[]){at->input, "", "scales"});
    return true;
}

/* Of all the ways to weigh pixels those that are Tarn's; others are refused. */
Test(from_onnx, interpolations_of_others)
{
    static const tarn_module_type type = {.name = "Resizing", .forward = resize};
    static const struct {
        const char *mode, *where;
        int antialias, exclude_outside;
        double coefficient;
        int height, width;
        bool right;
    } cases[] = {
        {"cubic", "half_pixel", 0, 0, -0.75, 3, 12, true},
        {"cubic", "align_corners", 0, 0, -0.75, 9, 4, true},
        {"cubic", "half_pixel", 1, 1, -0.5, 3, 4, true},
        {"cubic", "half_pixel", 1, 1, -0.5, 9, 2, true},
        {"cubic", "half_pixel", 0, 1, -0.5, 6, 12, true},
        {"linear", "half_pixel", 1, 1, -0.75, 2, 12, true},
        {"linear", "half_pixel", 1, 0, -0.75, 9, 12, true},
        {"cubic", "half_pixel", 0, 0, -0.5, 9, 12, false},
        {"cubic", "half_pixel", 0, 1, -0.75, 9, 12, false},
        {"cubic", "half_pixel", 0, 1, -0.5, 3, 12, false},
        {"cubic", "half_pixel", 1, 1, -0.75, 3, 4, false},
        {"cubic", "half_pixel", 1, 0, -0.5, 9, 12, false},
        {"cubic", "align_corners", 1, 1, -0.5, 3, 4, false},
        {"linear", "half_pixel", 1, 0, -0.75, 3, 12, false},
        {"linear", "half_pixel", 0, 1, -0.75, 9, 12, false},
        {"linear", "align_corners", 1, 1, -0.75, 3, 4, false},
        {"nearest", "half_pixel", 1, 1, -0.75, 12, 16, false},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        resizing *r = tarn_nn_new(&type, sizeof *r);
        r->mode = cases[i].mode, r->where = cases[i].where;
        r->antialias = cases[i].antialias, r->exclude_outside = cases[i].exclude_outside;
        r->coefficient = cases[i].coefficient;
        r->height = cases[i].height, r->width = cases[i].width;
        cr_assert(
            tarn_nn_export_onnx(&r->module, tarn_shape(6, 8, 2), "model.onnx", .own = say_resize));
        tarn_module *other = tarn_nn_from_onnx("model.onnx");
        cr_assert_eq(other != NULL, cases[i].right, "case %zu: %s", i, tarn_error());
        if (other) {
            compare(&r->module, other, tarn_shape(3, 6, 8, 2));
        } else {
            assert_says("antialias, exclude_outside or cubic_coeff_a in another way");
            tarn_nn_free(&r->module);
        }
    }
}

/* Sides of different lengths, and all that a window may do at an image's end. */
Test(from_onnx, own_windows)
{
    assert_same(
        tarn_nn_sequential(
            tarn_nn_conv2d(2, 4, 2, .kernel_w = 3, .stride_w = 2, .padding_w = 1),
            tarn_nn_conv2d(4, 4, 2, .kernel_w = 4, .dilation = 3, .groups = 2, .same = true),
            tarn_nn_conv2d(4, 4, 3, .padding = 1, .padding_mode = TARN_PAD_REFLECT),
            tarn_nn_pad2d(1, .padding_w = 2, .mode = TARN_PAD_REPLICATE), tarn_nn_pixel_shuffle(2),
            tarn_nn_pixel_unshuffle(2),
            tarn_nn_max_pool2d(3, .kernel_w = 2, .stride = 2, .stride_w = 1, .padding_w = 1,
                               .dilation_w = 2, .ceil_mode = true),
            tarn_nn_conv_transpose2d(4, 2, 3, .kernel_w = 2, .stride = 3, .stride_w = 2,
                                     .padding = 1, .padding_w = 0, .output_padding_w = 1),
            tarn_nn_avg_pool2d(2, .kernel_w = 3, .stride = 3, .stride_w = 2, .padding_w = 1,
                               .ceil_mode = true),
            tarn_nn_avg_pool2d(2, .stride = 1, .padding = 1, .count_include_pad = false),
            tarn_nn_global_max_pool2d()),
        tarn_shape(11, 9, 2));
    assert_same(
        tarn_nn_sequential(tarn_nn_avg_pool2d(3, .stride = 2, .padding = 1, .ceil_mode = true,
                                              .count_include_pad = false),
                           tarn_nn_avg_pool2d(3, .stride = 2, .padding = 1, .ceil_mode = true),
                           tarn_nn_adaptive_max_pool2d(5, 2)),
        tarn_shape(14, 12, 2));
}

/* Means of windows of several sizes, along one axis or both, stay a layer without weights. */
Test(from_onnx, own_means)
{
    static const int sizes[][2] = {{3, 2}, {7, 2}, {3, 5}, {7, 4}, {1, 2}};
    const tarn_shape sample = tarn_shape(7, 5, 2);
    for (int i = 0; i < 5; i++) {
        tarn_module *model =
            tarn_nn_sequential(tarn_nn_adaptive_avg_pool2d(sizes[i][0], sizes[i][1]));
        tarn_module *other = again(model, sample);
        cr_assert(other->part_count == 1 && tarn_nn_tensors(other).count == 0);
        cr_assert_str_eq(other->parts[0].child->type->name, "AdaptiveAvgPool2d");
        tarn_nn_free(other);
        assert_same(model, sample);
    }
}

static tarn_tensor *sum_of_row(tarn_module *self, tarn_tensor *x)
{
    (void)self;
    return tarn_add(x, x);
}

/* Rows by ids that are cut off, and the ids, cut off, as numbers. */
static bool say_row(tarn_onnx *onnx, const tarn_onnx_place *at)
{
    tarn_onnx_int(onnx, "to", TARN__ONNX_INT64);
    tarn_onnx_node(onnx, "Cast", "ids", 1, (const char *[]){at->input});
    tarn_onnx_tensor(onnx, "table", tarn_shape(2), (const float[]){3, 4});
    tarn_onnx_node(onnx, "Gather", "rows", 2, (const char *[]){"table", "ids"});
    tarn_onnx_int(onnx, "to", TARN__ONNX_FLOAT);
    tarn_onnx_node(onnx, "Cast", "numbers", 1, (const char *[]){"ids"});
    tarn_onnx_node(onnx, "Add", at->output, 2, (const char *[]){"rows", "numbers"});
    return true;
}

/* An embedding's ids come as floats, and are made whole numbers on the way: they are ids and
   nothing else. */
Test(from_onnx, own_ids)
{
    static const tarn_module_type type = {.name = "Row", .forward = sum_of_row};
    tarn_module *model = tarn_nn_sequential(tarn_nn_embedding(5, 3), tarn_nn_conv2d(3, 2, 2));
    tarn_module *other = again(model, tarn_shape(2, 3)), *own = tarn_nn_new(&type, sizeof *own);
    tarn_tensor *ids = tarn_from_array(tarn_shape(1, 2, 3), (tarn_real[]){4, 0, 2, 1, 1, 3}),
                *half = tarn_from_array(tarn_shape(1, 1, 1), (tarn_real[]){0.5});
    tarn_tape *tape = tarn_tape_begin_no_grad();
    tarn_tensor *a = tarn_nn_forward(model, ids), *b = tarn_nn_forward(other, ids);
    for (int64_t i = 0; i < tarn_size(a); i++)
        cr_assert_float_eq((double)tarn_values(a)[i], (double)tarn_values(b)[i], 1e-6);
    cr_assert_str_eq(other->parts[0].child->type->name, "Embedding");
    assert_mistake(tarn_nn_forward(other, half), "0.5");
    tarn_tape_end(tape);
    cr_assert(tarn_nn_export_onnx(own, tarn_shape(3), "model.onnx", .own = say_row));
    cr_assert_null(tarn_nn_from_onnx("model.onnx"));
    assert_says("(Cast) makes whole numbers of what is computed");
    tarn_free(ids);
    tarn_free(half);
    tarn_nn_free(own);
    tarn_nn_free(other);
    tarn_nn_free(model);
}

static bool say_large(tarn_onnx *onnx, const tarn_onnx_place *at)
{
    tarn_onnx_tensor_of_ints(onnx, "shape", 3, (const int64_t[]){INT64_MAX / 3, 5, -1});
    tarn_onnx_node(onnx, "Reshape", at->output, 2, (const char *[]){at->input, "shape"});
    return true;
}

/* Sizes whose product is no number. */
Test(from_onnx, a_shape_that_is_too_large)
{
    static const tarn_module_type type = {.name = "Large", .forward = sum_of_row};
    tarn_module *own = tarn_nn_new(&type, sizeof *own);
    cr_assert(tarn_nn_export_onnx(own, tarn_shape(3), "model.onnx", .own = say_large));
    cr_assert_null(tarn_nn_from_onnx("model.onnx"));
    assert_says("(Reshape) has the shape (3074457345618258602,5,?), which is too large");
    tarn_nn_free(own);
}

/* ---- Files that are wrong */

static void write_file(const char *path, const void *bytes, size_t size)
{
    FILE *file = fopen(path, "wb");
    cr_assert(file && fwrite(bytes, 1, size, file) == size && fclose(file) == 0);
}

static void assert_refused(const char *words)
{
    cr_assert_null(tarn_nn_from_onnx("model.onnx"));
    cr_assert(strncmp(tarn_error(), "model.onnx", 10) == 0, "%s", tarn_error());
    assert_says(words);
}

/* A node of inputs that are named with blanks between. */
static void put_node(tarn__message *graph, const char *type, const char *inputs, const char *output)
{
    tarn__message node = {.size = 0};
    char names[100], *rest = names, *name;
    strcpy(names, inputs);
    while ((name = strtok_r(rest, " ", &rest)))
        tarn__put_text(&node, NODE_INPUT, name);
    tarn__put_text(&node, NODE_OUTPUT, output);
    tarn__put_text(&node, NODE_TYPE, type);
    tarn__put_message(graph, GRAPH_NODE, &node);
}

/* An input or output of (N, 3). */
static void put_port(tarn__message *graph, int field, const char *name)
{
    tarn__message shape = {.size = 0}, tensor = shape, type = shape, port = shape, n = shape;
    tarn__message three = {.size = 0};
    tarn__put_text(&n, DIM_NAME, "N");
    tarn__put_message(&shape, SHAPE_DIM, &n);
    tarn__put_int(&three, DIM_VALUE, 3);
    tarn__put_message(&shape, SHAPE_DIM, &three);
    tarn__put_int(&tensor, ELEMENT_TYPE, TARN__ONNX_FLOAT);
    tarn__put_message(&tensor, SHAPE, &shape);
    tarn__put_message(&type, TYPE_TENSOR, &tensor);
    tarn__put_text(&port, VALUE_NAME, name);
    tarn__put_message(&port, VALUE_TYPE, &type);
    tarn__put_message(graph, field, &port);
}

/* A weight (3, 3) with so many bytes, or in another file if that has a name. */
static void put_weight(tarn__message *graph, const char *name, size_t bytes, const char *file)
{
    tarn__message tensor = {.size = 0}, entry = tensor;
    tarn__put_int(&tensor, TENSOR_DIMS, 3);
    tarn__put_int(&tensor, TENSOR_DIMS, 3);
    tarn__put_int(&tensor, TENSOR_TYPE, TARN__ONNX_FLOAT);
    tarn__put_text(&tensor, TENSOR_NAME, name);
    if (file) {
        tarn__put_text(&entry, ENTRY_KEY, "location");
        tarn__put_text(&entry, ENTRY_VALUE, file);
        tarn__put_message(&tensor, TENSOR_EXTERNAL, &entry);
        tarn__put_int(&tensor, TENSOR_LOCATION, 1);
    } else {
        memset(tarn__put_bytes(&tensor, TENSOR_RAW, bytes), 0, bytes);
    }
    tarn__put_message(graph, GRAPH_TENSOR, &tensor);
}

/* Writes a model of the graph, and begins the next with the input x and the output y. */
static void put_model(tarn__message *graph)
{
    tarn__message model = {.size = 0}, import = model;
    tarn__put_text(&import, IMPORT_DOMAIN, "");
    tarn__put_int(&import, IMPORT_VERSION, 17);
    tarn__put_message(&model, MODEL_IMPORT, &import);
    tarn__put_message(&model, MODEL_GRAPH, graph);
    write_file("model.onnx", model.bytes, model.size);
    tarn__message_free(&model);
    put_port(graph, GRAPH_INPUT, "x");
    put_port(graph, GRAPH_OUTPUT, "y");
}

Test(from_onnx, graphs_that_are_none)
{
    tarn__message g = {.size = 0};
    put_model(&g);
    assert_refused("has 0 outputs, expects 1");
    put_model(&g);
    assert_refused("nothing gives its output \"y\"");
    put_node(&g, "Relu", "b", "a");
    put_node(&g, "Relu", "a", "b");
    put_node(&g, "Add", "x b", "y");
    put_model(&g);
    assert_refused("node \"a\" (Relu) reads the value \"b\", which is given by it or a node behind "
                   "it, expects nodes in order and without cycles");
    put_node(&g, "Relu", "y", "y");
    put_model(&g);
    assert_refused("without cycles");
    put_node(&g, "Add", "x z", "y");
    put_model(&g);
    assert_refused("node \"y\" (Add) reads the value \"z\", which nothing gives");
    put_node(&g, "Relu", "x", "y");
    put_node(&g, "Tanh", "x", "y");
    put_model(&g);
    assert_refused("gives the value \"y\" twice");
    put_port(&g, GRAPH_INPUT, "z");
    put_node(&g, "Add", "x z", "y");
    put_model(&g);
    assert_refused("has 2 inputs, expects 1");
    put_node(&g, "Einsum", "x", "a");
    put_node(&g, "Relu", "a", "b");
    put_node(&g, "NonZero", "b", "c");
    put_node(&g, "Einsum", "c", "y");
    put_model(&g);
    assert_refused("has operators that Tarn does not have: Einsum (node \"a\"), NonZero (node "
                   "\"c\")");
    tarn__message_free(&g);
}

Test(from_onnx, tensors_that_are_none)
{
    tarn__message g = {.size = 0};
    put_model(&g);
    put_weight(&g, "w", 35, NULL);
    put_node(&g, "MatMul", "x w", "y");
    put_model(&g);
    assert_refused("tensor \"w\" has other than the 9 elements of its shape (3,3)");
    static const char *const outside[] = {"../model.onnx.data", "/etc/passwd", "a/b", ".."};
    for (int i = 0; i < 4; i++) {
        put_weight(&g, "w", 36, outside[i]);
        put_node(&g, "MatMul", "x w", "y");
        put_model(&g);
        assert_refused("expects the name of a file in the same folder");
    }
    cr_assert_eq(symlink("/etc/passwd", "link"), 0);
    put_weight(&g, "w", 36, "link");
    put_node(&g, "MatMul", "x w", "y");
    put_model(&g);
    assert_refused("is in a file that is a link");
    put_weight(&g, "w", 36, "model.onnx.data");
    put_node(&g, "MatMul", "x w", "y");
    put_model(&g);
    assert_refused("that is not there");
    write_file("model.onnx.data", "too short", 9);
    assert_refused("behind the end of the file");
    write_file("model.onnx.data", (float[9]){1, 2, 3, 4, 5, 6, 7, 8, 9}, 36);
    tarn_module *model = load("model.onnx");
    cr_assert_eq(tarn_values(parameter(model, "0.weight"))[5], 6);
    tarn_nn_free(model);
    tarn__message_free(&g);
}

/* A field of 2^63 bytes. */
Test(from_onnx, lengths_that_are_none)
{
    static const uint8_t bytes[] = {0x3a, 0x80, 0x80, 0x80, 0x80, 0x80,
                                    0x80, 0x80, 0x80, 0x80, 0x01, 0x00};
    write_file("model.onnx", bytes, sizeof bytes);
    assert_refused("more bytes than its message: 9223372036854775808");
    write_file("model.onnx", bytes, 7);
    assert_refused("it ends within field 7");
    write_file("model.onnx", "\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff", 12);
    assert_refused("a field without a right number");
    write_file("model.onnx", "\x0b\x0c", 2);
    assert_refused("written in no known way");
    write_file("model.onnx", "\x08\x08", 2);
    assert_refused("it has no graph");
}

static size_t read_golden(const char *path, uint8_t *bytes, size_t most)
{
    FILE *file = fopen(path, "rb");
    cr_assert(file);
    const size_t size = fread(bytes, 1, most, file);
    cr_assert(size > 0 && size < most);
    fclose(file);
    return size;
}

Test(from_onnx, truncations)
{
    static uint8_t bytes[1 << 15];
    static const char *const names[] = {GOLDEN "chain_old.onnx", GOLDEN "branches_dynamo.onnx"};
    for (int i = 0; i < 2; i++) {
        const size_t size = read_golden(names[i], bytes, sizeof bytes);
        for (size_t cut = 1; cut < size; cut++) {
            write_file("model.onnx", bytes, cut);
            cr_assert_null(tarn_nn_from_onnx("model.onnx"), "%zu of %zu bytes", cut, size);
            cr_assert(strncmp(tarn_error(), "model.onnx: ", 12) == 0, "%s", tarn_error());
        }
    }
}

#ifdef TARN_TESTS_HEAP_IS_WATCHED
/* A sentence, or a module; it may be a graph where memory for layers has run out. */
Test(from_onnx, survives_the_failure_of_each_allocation)
{
    static const char *const names[] = {GOLDEN "chain_old.onnx", GOLDEN "branches_dynamo.onnx",
                                        GOLDEN "pieces_old.onnx"};
    tarn_nn_free(load(names[0]));
    for (int i = 0; i < 3; i++) {
        bool done = false;
        for (long calls = 0; !done; calls++) {
            heap_calls_left = calls;
            tarn_module *model = tarn_nn_from_onnx(names[i]);
            done = heap_calls_left > 0;
            heap_calls_left = -1;
            cr_assert(model || strstr(tarn_error(), "emory"), "%s", tarn_error());
            tarn_nn_free(model);
        }
    }
}

static long before;

static void begin_to_watch(void)
{
    heap_peak = before = heap_live;
}

static void assert_little_memory(size_t size)
{
    cr_assert(heap_peak - before < 100 * (long)size + (1 << 16), "%ld bytes of a file of %zu",
              heap_peak - before, size);
}
#else
static void begin_to_watch(void)
{
}

static void assert_little_memory(size_t size)
{
    (void)size;
}
#endif

/* Each is refused with a sentence, or is another network. */
Test(from_onnx, corruptions)
{
    static uint8_t bytes[1 << 15], wrong[sizeof bytes];
    static const char *const names[] = {GOLDEN "chain_dynamo.onnx", GOLDEN "branches_old.onnx"};
    uint32_t random = 1;
    for (int i = 0; i < 6000; i++) {
        const size_t size = read_golden(names[i % 2], bytes, sizeof bytes);
        memcpy(wrong, bytes, size);
        for (int k = 0; k <= i % 3; k++) {
            random = random * 1664525u + 1013904223u;
            uint8_t *at = &wrong[(random >> 8) % size];
            *at = (uint8_t)(k % 2 ? random >> 3 : *at ^ 1u << random % 8);
        }
        write_file("model.onnx", wrong, size);
        begin_to_watch();
        tarn_module *model = tarn_nn_from_onnx("model.onnx");
        assert_little_memory(size);
        cr_assert(model || strncmp(tarn_error(), "model.onnx", 10) == 0, "%s", tarn_error());
        tarn_nn_free(model);
    }
}

Test(from_onnx, mistakes)
{
    assert_mistake(tarn_nn_from_onnx(NULL), "nn_from_onnx: the path is NULL");
    cr_assert_null(tarn_nn_from_onnx("no.onnx"));
    assert_says("no.onnx");
}
