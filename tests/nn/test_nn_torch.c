/* Files in PyTorch's layout: those that PyTorch wrote, tests/golden/exchange.py, and our own. */
#include <math.h>
#include <stdio.h>
#include <unistd.h>

#include "nn/reader.h"
#include "tests/nn/nn_test.h"
#include "tests/support/heap.h"

#define GOLDEN TARN_SOURCE_DIR "/tests/golden/nn/exchange/"
static const char of_torch[] = GOLDEN "torch.safetensors";
static const char path[] = "file.safetensors";
static char folder[] = "/tmp/tarn-test-torch-XXXXXX";

static void enter(void)
{
    cr_assert(mkdtemp(folder));
    cr_assert_eq(chdir(folder), 0);
}

static void leave(void)
{
    remove(path);
    cr_assert_eq(rmdir(folder), 0, "files are left");
}

TestSuite(torch, .init = enter, .fini = leave);

static tarn_module *network(void)
{
    return tarn_nn_sequential(
        tarn_nn_conv2d(2, 4, 3, .groups = 2), tarn_nn_batch_norm2d(4), tarn_nn_relu(),
        tarn_nn_residual(
            tarn_nn_sequential(tarn_nn_conv2d(4, 4, 3, .padding = 1, .groups = 4), tarn_nn_relu())),
        tarn_nn_conv_transpose2d(4, 6, 2, .stride = 2, .groups = 2), tarn_nn_group_norm(3, 6),
        tarn_nn_max_pool2d(2), tarn_nn_flatten(), tarn_nn_layer_norm(120), tarn_nn_linear(120, 3),
        tarn_nn_tanh(), tarn_nn_linear(3, 3));
}

static bool load(tarn_module *model, const char *from)
{
    return tarn_nn_load(model, from, .layout = TARN_LAYOUT_TORCH);
}

static void assert_golden(tarn_module *model)
{
    golden *file = golden_open("nn/exchange/torch");
    const golden_case *c = golden_next(file, NULL);
    tarn_tensor *x = golden_tensor(c, "x0");
    tarn_nn_train(model, false);
    tarn_tape *tape = tarn_tape_begin_no_grad();
    tarn_tensor *y = tarn_nn_forward(model, x);
    assert_close(c, "y", tarn_shape_get(y), tarn_values(y));
    tarn_tape_end(tape);
    tarn_free(x);
    golden_close(file);
}

static bool equal(const tarn_module *a, const tarn_module *b)
{
    tarn_params p = tarn__nn_list(a, true), q = tarn__nn_list(b, true);
    bool same = p.count == q.count;
    for (int i = 0; same && i < p.count; i++)
        same = !memcmp(tarn_values(p.tensors[i]), tarn_values(q.tensors[i]),
                       (size_t)tarn_size(p.tensors[i]) * sizeof(tarn_real));
    free(p.tensors);
    free(q.tensors);
    return same;
}

static void assert_says(const char *words)
{
    cr_assert(strstr(tarn_error(), words), "\"%s\" does not hold \"%s\"", tarn_error(), words);
}

Test(torch, what_pytorch_wrote_gives_what_it_gives_there)
{
    tarn_module *model = network();
    cr_assert(load(model, of_torch), "%s", tarn_error());
    assert_golden(model);
    tarn_nn_free(model);
}

/* The entry of a header, and its data, which has been read. */
static const char *data_of(const tarn__reader *r, const char *name, json_t **entry)
{
    *entry = json_object_get(r->header, name);
    return r->data + json_integer_value(json_array_get(json_object_get(*entry, "data_offsets"), 0));
}

Test(torch, what_is_saved_is_what_pytorch_wrote)
{
    tarn_module *model = network();
    cr_assert(load(model, of_torch));
    cr_assert(tarn_nn_save(model, path, .layout = TARN_LAYOUT_TORCH), "%s", tarn_error());
    tarn__reader theirs, ours;
    cr_assert(tarn__reader_open(&theirs, of_torch, -1) && tarn__reader_read(&theirs));
    cr_assert(tarn__reader_open(&ours, path, -1) && tarn__reader_read(&ours));
    cr_assert_eq(json_object_size(theirs.header), json_object_size(ours.header));
    const char *key;
    json_t *entry, *other;
    json_object_foreach(theirs.header, key, entry)
    {
        if (!strcmp(key, "__metadata__"))
            continue;
        const char *expected = data_of(&theirs, key, &entry), *found = data_of(&ours, key, &other);
        cr_assert(json_equal(json_object_get(entry, "shape"), json_object_get(other, "shape")),
                  "%s", key);
        json_t *offsets = json_object_get(entry, "data_offsets");
        const json_int_t bytes = json_integer_value(json_array_get(offsets, 1)) -
                                 json_integer_value(json_array_get(offsets, 0));
        if (sizeof(tarn_real) == sizeof(float))
            cr_assert_arr_eq(found, expected, (size_t)bytes, "%s", key);
    }
    tarn__reader_close(&theirs);
    tarn__reader_close(&ours);
    tarn_nn_free(model);
}

Test(torch, round_trips)
{
    tarn_module *model = network(), *other = network();
    cr_assert(tarn_nn_save(model, path, .layout = TARN_LAYOUT_TORCH));
    cr_assert(tarn_nn_load(other, path), "%s", tarn_error()); /* the file says its layout */
    cr_assert(equal(model, other));
    tarn_module *rebuilt = tarn_nn_from_file(path);
    cr_assert(rebuilt, "%s", tarn_error());
    cr_assert(equal(model, rebuilt));
    tarn_nn_free(rebuilt);
    tarn_nn_free(other);
    tarn_nn_free(model);
}

Test(torch, a_layout_is_never_guessed)
{
    tarn_module *model = network(), *untouched = network();
    cr_assert(tarn_nn_load(untouched, of_torch, .layout = TARN_LAYOUT_TORCH));
    cr_assert(tarn_nn_load(model, of_torch, .layout = TARN_LAYOUT_TORCH));
    cr_assert_not(tarn_nn_load(model, of_torch));
    assert_says(
        "torch.safetensors: its metadata say no layout, only that PyTorch wrote it: load it "
        "with .layout = TARN_LAYOUT_TORCH");
    cr_assert_not(tarn_nn_load(model, GOLDEN "f16.safetensors"));
    assert_says("its metadata say no layout: load it");
    cr_assert_not(tarn_nn_load_partial(model, of_torch));
    cr_assert(tarn_nn_save(model, path, .layout = TARN_LAYOUT_TORCH));
    cr_assert_not(tarn_nn_load(model, path, .layout = TARN_LAYOUT_TARN));
    assert_says("say the layout \"images NCHW");
    assert_says("and .layout asks for \"images NHWC");
    cr_assert(tarn_nn_save(model, path));
    cr_assert_not(load(model, path));
    assert_says("say the layout \"images NHWC");
    cr_assert_not(tarn_nn_from_file(path, .layout = TARN_LAYOUT_TORCH));
    cr_assert(equal(model, untouched));
    tarn_nn_free(model);
    tarn_nn_free(untouched);
}

/* A square layer would fit in both. */
Test(torch, square_weights_are_transposed)
{
    tarn_module *model = tarn_nn_linear(2, 2, .bias = false),
                *other = tarn_nn_linear(2, 2, .bias = false);
    const tarn_real values[] = {1, 2, 3, 4};
    memcpy(tarn_values(parameter(model, "weight")), values, sizeof values);
    cr_assert(tarn_nn_save(model, path, .layout = TARN_LAYOUT_TORCH));
    tarn__reader r;
    cr_assert(tarn__reader_open(&r, path, -1) && tarn__reader_read(&r));
    const tarn_real turned[] = {1, 3, 2, 4};
    cr_assert_arr_eq(r.data, turned, sizeof turned);
    tarn__reader_close(&r);
    cr_assert(tarn_nn_load(other, path));
    cr_assert(equal(model, other));
    tarn_nn_free(model);
    tarn_nn_free(other);
}

Test(torch, other_floats_are_converted)
{
    const char *const files[] = {GOLDEN "f64.safetensors", GOLDEN "f16.safetensors",
                                 GOLDEN "bf16.safetensors"};
    for (int i = 0; i < 3; i++) {
        tarn_module *model = tarn_nn_linear(2, 3);
        cr_assert(load(model, files[i]), "%s", tarn_error());
        const tarn_real *w = tarn_values(parameter(model, "weight"));
        const tarn_real expected[] = {1, 3, 0.25, -0.5, (tarn_real)0x1p-14, -8};
        cr_assert_arr_eq(w, expected, sizeof expected);
        const tarn_real *b = tarn_values(parameter(model, "bias"));
        cr_assert(isinf(b[0]) && b[0] > 0 && b[1] == 0 && b[2] == (tarn_real)-0x1p-24);
        tarn_nn_free(model);
    }
}

static void write_bytes(const void *bytes, size_t size)
{
    FILE *file = fopen(path, "wb");
    cr_assert(file && fwrite(bytes, 1, size, file) == size && fclose(file) == 0);
}

/* A file of one tensor "weight" (1,1). */
static void write_one(const char *dtype, const void *number, size_t size)
{
    char bytes[200] = "";
    const int length = snprintf(bytes + 8, sizeof bytes - 8,
                                "{\"weight\":{\"dtype\":\"%s\",\"shape\":[1,1],"
                                "\"data_offsets\":[0,%zu]}}",
                                dtype, size);
    bytes[0] = (char)length;
    memcpy(bytes + 8 + length, number, size);
    write_bytes(bytes, 8 + (size_t)length + size);
}

Test(torch, a_number_too_large_is_refused)
{
    tarn_module *model = tarn_nn_linear(1, 1, .bias = false);
    const tarn_real before = tarn_values(parameter(model, "weight"))[0];
    write_one("F64", &(double){1e300}, sizeof(double));
    const bool loaded = load(model, path);
    cr_assert_eq(loaded, sizeof(tarn_real) == sizeof(double));
    if (!loaded) {
        assert_says("file.safetensors: tensor weight holds 1e+300, which float cannot hold");
        cr_assert_eq(tarn_values(parameter(model, "weight"))[0], before);
    }
    write_one("F64", &(double){-INFINITY}, sizeof(double));
    cr_assert(load(model, path), "%s", tarn_error());
    cr_assert_eq(tarn_values(parameter(model, "weight"))[0], (tarn_real)-INFINITY);
    write_one("F64", &(double){NAN}, sizeof(double));
    cr_assert(load(model, path));
    cr_assert(isnan(tarn_values(parameter(model, "weight"))[0]));
    write_one("I64", &(int64_t){1}, sizeof(int64_t));
    cr_assert_not(load(model, path));
    assert_says("tensor weight has dtype I64, expects F");
    assert_says("or another of F64, F32, F16 and BF16");
    tarn_nn_free(model);
}

/* ---- Names */

static const tarn_nn_name names[] = {
    {"", "model"}, {"0", "features.0"}, {"0.bias", "b"}, {"1", ""}, {NULL, NULL}};

static tarn_module *named(void)
{
    return tarn_nn_sequential(tarn_nn_linear(2, 2),
                              tarn_nn_sequential(tarn_nn_relu(), tarn_nn_linear(2, 1)),
                              tarn_nn_linear(1, 1, .bias = false));
}

Test(torch, names_are_mapped_by_the_longest)
{
    tarn_module *model = named(), *other = named();
    cr_assert(tarn_nn_save(model, path, .names = names), "%s", tarn_error());
    tarn__reader r;
    cr_assert(tarn__reader_open(&r, path, -1));
    const char *const expected[] = {"features.0.weight", "b", "1.weight", "1.bias",
                                    "model.2.weight"};
    for (size_t i = 0; i < 5; i++)
        cr_assert(json_object_get(r.header, expected[i]), "%s", expected[i]);
    tarn__reader_close(&r);
    cr_assert(tarn_nn_load(other, path, .names = names), "%s", tarn_error());
    cr_assert(equal(model, other));
    cr_assert_not(tarn_nn_load(other, path));
    assert_says("has no tensor 0.weight");
    cr_assert_not(tarn_nn_from_file(path));
    tarn_module *rebuilt = tarn_nn_from_file(path, .names = names);
    cr_assert(rebuilt, "%s", tarn_error());
    cr_assert(equal(model, rebuilt));
    tarn_nn_free(rebuilt);
    tarn_nn_free(model);
    tarn_nn_free(other);
}

Test(torch, names_for_a_part)
{
    tarn_module *model = named(), *other = named();
    tarn_nn_fit fit;
    cr_assert(tarn_nn_save(model, path, .layout = TARN_LAYOUT_TORCH, .names = names));
    cr_assert(tarn_nn_load_partial(other, path, .names = names, .skip = "0.*", .apply = true,
                                   .fit = &fit));
    cr_assert(fit.fitting == 3 && fit.missing == 0 && fit.unexpected == 0 && fit.different == 0);
    cr_assert_not(equal(model, other));
    cr_assert_eq(tarn_values(parameter(model, "2.weight"))[0],
                 tarn_values(parameter(other, "2.weight"))[0]);
    tarn_nn_free(model);
    tarn_nn_free(other);
}

Test(torch, names_that_cannot_be_are_mistakes)
{
    tarn_module *model = named();
    const tarn_nn_name none[] = {{"7", "x"}, {NULL, NULL}}, twice[] = {{"0", "2"}, {NULL, NULL}},
                       null[] = {{"0", NULL}, {NULL, NULL}}, bad[] = {{"0", "\xff"}, {NULL, NULL}};
    assert_mistake(tarn_nn_save(model, path, .names = none), "no part of that name");
    assert_mistake(tarn_nn_save(model, path, .names = twice), "the name \"2.weight\" twice");
    assert_mistake(tarn_nn_save(model, path, .names = null), "is NULL or not UTF-8");
    assert_mistake(tarn_nn_save(model, path, .names = bad), "is NULL or not UTF-8");
    assert_mistake(tarn_nn_save(model, path, .layout = TARN_LAYOUT_STATED), "the layout is 2");
    assert_mistake(tarn_nn_load(model, path, .layout = (tarn_layout)3), "the layout is 3");
    tarn_nn_free(model);
}

/* ---- What cannot be known */

static tarn_tensor *pass(tarn_module *module, tarn_tensor *x)
{
    (void)module;
    return x;
}

static const tarn_module_type own_type = {.name = "Own", .forward = pass};

/* A module of one's own with a vector, and with the child, unless that is NULL. */
static tarn_module *own(tarn_module *child)
{
    tarn_module *module = tarn_nn_new(&own_type, sizeof *module);
    cr_assert(tarn_nn_add_parameter(module, "scale", tarn_zeros(tarn_shape(3))));
    cr_assert(!child || tarn_nn_add_child(module, "inside", child));
    return module;
}

/* Saving the module, which it frees, is refused with the words; NULL: it is not. */
static void saves(tarn_module *module, const char *words)
{
    const bool saved = tarn_nn_save(module, path, .layout = TARN_LAYOUT_TORCH);
    cr_assert_eq(saved, !words, "%s", saved ? words : tarn_error());
    if (words) {
        assert_says(words);
        assert_says("file.safetensors: PyTorch's layout of the ");
        cr_assert_neq(access(path, F_OK), 0);
    }
    remove(path);
    tarn_nn_free(module);
}

Test(torch, modules_of_ones_own)
{
    saves(own(NULL), NULL);
    saves(own(tarn_nn_conv2d(1, 2, 3)), NULL);
    saves(own(tarn_nn_sequential(tarn_nn_conv2d(1, 2, 3), tarn_nn_flatten(), tarn_nn_linear(8, 2))),
          NULL);
    saves(own(own(NULL)), NULL);
    saves(own(tarn_nn_linear(2, 2)),
          "the Linear at \"inside\" is not known: it may take flattened images from the module of "
          "one's own Own");
    saves(own(tarn_nn_layer_norm(2)), "the LayerNorm at \"inside\"");
    saves(tarn_nn_sequential(own(NULL), tarn_nn_flatten(), tarn_nn_linear(2, 2)),
          "the Linear at \"2\"");
    saves(tarn_nn_sequential(own(NULL), tarn_nn_global_avg_pool2d(), tarn_nn_linear(2, 2)), NULL);
    saves(tarn_nn_sequential(tarn_nn_conv2d(1, 2, 3), tarn_nn_flatten(), own(NULL)),
          "the Own at \"2\" is not known: it takes flattened images");
    tarn_module *matrix = own(NULL);
    cr_assert(tarn_nn_add_parameter(matrix, "matrix", tarn_zeros(tarn_shape(3, 3))));
    saves(matrix, "it is not of the library, and has the parameter matrix");
}

static tarn_module *flat(tarn_shape input)
{
    tarn_module *module = tarn_nn_sequential(tarn_nn_flatten(), tarn_nn_linear(12, 1));
    cr_assert(input.ndim < 0 || tarn_nn_describe(module, .input = input));
    return module;
}

Test(torch, flattened_images)
{
    saves(flat(tarn_nn_unknown_shape),
          "it takes flattened images, expects to be told the shape of a sample, tarn_nn_describe(");
    saves(flat(tarn_shape(2, 3, 2)), NULL);
    saves(flat(tarn_shape(12)), NULL);
    saves(flat(tarn_shape(4, 3)), NULL);
    saves(flat(tarn_shape(1, 1, 5)), "another number of channels");
    saves(tarn_nn_sequential(tarn_nn_flatten(), tarn_nn_residual(tarn_nn_linear(2, 2))),
          "expects to be told");
    saves(
        tarn_nn_sequential(tarn_nn_conv2d(1, 2, 3), tarn_nn_flatten(),
                           tarn_nn_residual(tarn_nn_linear(2, 2))),
        "the Residual at \"2\" is not known: it adds flattened images to what is in no such order");
    saves(tarn_nn_sequential(tarn_nn_conv2d(1, 2, 3), tarn_nn_flatten(),
                             tarn_nn_residual(tarn_nn_relu()), tarn_nn_linear(2, 2)),
          NULL);
    saves(tarn_nn_sequential(tarn_nn_embedding(5, 2), tarn_nn_flatten(), tarn_nn_linear(6, 2)),
          NULL);
    saves(tarn_nn_sequential(tarn_nn_conv2d(1, 2, 3), tarn_nn_flatten(), tarn_nn_group_norm(2, 8)),
          "the GroupNorm at \"2\" is not known: it takes groups of flattened images");
}

/* The file's input c P + p is our p C + c. */
Test(torch, inputs_behind_a_flatten_are_permuted)
{
    tarn_module *module = flat(tarn_shape(2, 3, 2));
    for (int i = 0; i < 12; i++)
        tarn_values(parameter(module, "1.weight"))[i] = (tarn_real)i;
    cr_assert(tarn_nn_save(module, path, .layout = TARN_LAYOUT_TORCH));
    tarn__reader r;
    json_t *entry;
    cr_assert(tarn__reader_open(&r, path, -1) && tarn__reader_read(&r));
    const char *data = data_of(&r, "1.weight", &entry);
    const tarn_real expected[] = {0, 2, 4, 6, 8, 10, 1, 3, 5, 7, 9, 11};
    cr_assert_arr_eq(data, expected, sizeof expected);
    tarn__reader_close(&r);
    tarn_nn_free(module);
}

/* The last layers of a network, alone, do not know what comes to them: they must be told. */
Test(torch, a_head_is_told_what_comes_to_it)
{
    tarn_module *whole = tarn_nn_sequential(tarn_nn_conv2d(1, 2, 1), tarn_nn_flatten(),
                                            tarn_nn_linear(8, 3)),
                *head = tarn_nn_linear(8, 3), *norm = tarn_nn_sequential(tarn_nn_batch_norm2d(8)),
                *holder = tarn_nn_sequential(tarn_nn_linear(8, 3));
    const size_t bytes = 24 * sizeof(tarn_real);
    const tarn_real *right = tarn_values(parameter(whole, "2.weight"));
    cr_assert(tarn_nn_save(whole, path, .layout = TARN_LAYOUT_TORCH));
    cr_assert_not(tarn_nn_load_partial(head, path, .from = "2.", .apply = true));
    assert_says("it may take images that were flattened before it, expects to be told of how many");
    cr_assert_not(tarn_nn_load_partial(norm, path, .from = "2.", .apply = true));
    assert_says("the BatchNorm2d at \"0\" is not known: it may take images that were flattened");
    cr_assert_not(
        tarn_nn_load_partial(head, path, .names = (tarn_nn_name[]){{"", "2"}, {NULL, NULL}}));
    assert_says(".flattened = 16, or .flattened = 0");
    cr_assert(tarn_nn_load_partial(head, path, .from = "2.", .apply = true, .flattened = 2), "%s",
              tarn_error());
    cr_assert_arr_eq(tarn_values(parameter(head, "weight")), right, bytes);
    cr_assert(tarn_nn_save(head, path, .layout = TARN_LAYOUT_TORCH, .flattened = 2));
    cr_assert(tarn_nn_load(head, path, .flattened = 0));
    cr_assert_neq(memcmp(tarn_values(parameter(head, "weight")), right, bytes), 0);
    cr_assert(tarn_nn_load(head, path, .flattened = 2));
    cr_assert_arr_eq(tarn_values(parameter(head, "weight")), right, bytes);
    cr_assert_not(tarn_nn_load(head, path, .flattened = 3));
    assert_says("another number of channels");
    assert_mistake(tarn_nn_load(head, path, .flattened = -2), "nn_load: flattened is -2, expects");
    assert_mistake(tarn_nn_save(head, path, .flattened = -2), "nn_save: flattened is -2, expects");
    tarn_nn_free(whole);
    tarn_nn_free(head);
    tarn_nn_free(norm);
    tarn_nn_free(holder);
}

/* What the file says of its network tells how it was flattened, if the module is all of it. */
Test(torch, load_partial_knows_the_input_of_the_file)
{
    tarn_module *module = flat(tarn_shape(2, 3, 2)), *copy = flat(tarn_nn_unknown_shape);
    cr_assert(tarn_nn_save(module, path, .layout = TARN_LAYOUT_TORCH));
    cr_assert(tarn_nn_load_partial(copy, path, .apply = true), "%s", tarn_error());
    cr_assert(equal(module, copy));
    cr_assert_not(tarn_nn_load_partial(copy, path, .from = "x.", .apply = true));
    assert_says("expects to be told the shape of a sample");
    tarn_nn_free(module);
    tarn_nn_free(copy);
}

/* Each of its numbers belongs to a channel of a pixel, and so do the inputs of what follows. */
Test(torch, batch_norm_behind_a_flatten_is_permuted)
{
    static const char *const parts[] = {"2.weight", "2.bias", "3.weight"};
    tarn_module *module = tarn_nn_sequential(tarn_nn_conv2d(1, 2, 1), tarn_nn_flatten(),
                                             tarn_nn_batch_norm2d(8), tarn_nn_linear(8, 1));
    tarn__reader r;
    json_t *entry;
    for (int k = 0; k < 3; k++)
        for (int i = 0; i < 8; i++)
            tarn_values(parameter(module, parts[k]))[i] = (tarn_real)i;
    cr_assert(tarn_nn_save(module, path, .layout = TARN_LAYOUT_TORCH));
    cr_assert(tarn__reader_open(&r, path, -1) && tarn__reader_read(&r));
    for (int k = 0; k < 3; k++) {
        const tarn_real expected[] = {0, 2, 4, 6, 1, 3, 5, 7};
        cr_assert_arr_eq(data_of(&r, parts[k], &entry), expected, sizeof expected, "%s", parts[k]);
    }
    tarn__reader_close(&r);
    tarn_nn_free(module);
}

/* A gate has other halves there, of flattened images; a slope for each number has other places. */
Test(torch, gates_and_slopes)
{
    saves(tarn_nn_sequential(tarn_nn_conv2d(1, 4, 3), tarn_nn_glu(), tarn_nn_flatten(),
                             tarn_nn_linear(2, 1)),
          NULL);
    saves(tarn_nn_sequential(tarn_nn_conv2d(1, 4, 3), tarn_nn_flatten(), tarn_nn_glu()),
          "the GLU at \"2\" is not known: it halves flattened images");
    saves(tarn_nn_sequential(tarn_nn_glu(), tarn_nn_flatten(), tarn_nn_linear(2, 1)),
          "the Linear at \"2\" is not known: it may take flattened images from the module of one's "
          "own GLU");
    saves(tarn_nn_sequential(tarn_nn_conv2d(1, 2, 3), tarn_nn_flatten(), tarn_nn_prelu(),
                             tarn_nn_prelu(.channels = 8), tarn_nn_rms_norm(8)),
          NULL);
    saves(own(tarn_nn_prelu(.channels = 2)), "the PReLU at \"inside\"");
    saves(own(tarn_nn_prelu()), NULL);
}

Test(torch, a_recomputed_body_has_its_names)
{
    tarn_module *model = tarn_nn_recompute(tarn_nn_linear(2, 3)),
                *other = tarn_nn_recompute(tarn_nn_linear(2, 3));
    cr_assert(tarn_nn_save(model, path, .layout = TARN_LAYOUT_TORCH));
    cr_assert(tarn_nn_load(other, path));
    cr_assert(equal(model, other));
    tarn_nn_free(model);
    tarn_nn_free(other);
}

/* A file without the counters, as of PyTorch before 0.4, and one with counters of another type. */
Test(torch, counters_may_be_missing)
{
    tarn_module *model = tarn_nn_batch_norm2d(2), *other = tarn_nn_batch_norm2d(2);
    tarn_values(parameter(model, "weight"))[0] = 7;
    cr_assert(tarn_nn_save(model, path));
    cr_assert(load(other, path) == false); /* it says another layout */
    char bytes[2000];
    FILE *file = fopen(path, "rb");
    const size_t size = fread(bytes, 1, sizeof bytes, file);
    fclose(file);
    memcpy(strstr(bytes + 8, "layout"), "laiout", 6);
    write_bytes(bytes, size);
    cr_assert(load(other, path), "%s", tarn_error());
    cr_assert(equal(model, other));
    tarn_nn_free(model);
    tarn_nn_free(other);
}

/* ---- Damage and memory */

static size_t read_golden(unsigned char *bytes, size_t most)
{
    FILE *file = fopen(of_torch, "rb");
    cr_assert(file);
    const size_t size = fread(bytes, 1, most, file);
    fclose(file);
    return size;
}

/* Loaded or refused, never half. */
static void try_damaged(tarn_module *model, tarn_module *untouched, const unsigned char *bytes,
                        size_t size)
{
    write_bytes(bytes, size);
    if (load(model, path))
        cr_assert(load(model, of_torch), "%s", tarn_error());
    else
        cr_assert_eq(strncmp(tarn_error(), path, strlen(path)), 0, "%s", tarn_error());
    cr_assert(equal(model, untouched));
}

Test(torch, damage)
{
    static unsigned char bytes[5000];
    const size_t size = read_golden(bytes, sizeof bytes);
    const unsigned char damages[] = {0, '"', '9', '-', 0x80};
    tarn_module *model = network(), *untouched = network();
    cr_assert(load(model, of_torch) && load(untouched, of_torch));
    for (size_t length = 0; length < size; length += length < 2000 ? 1 : 7)
        try_damaged(model, untouched, bytes, length);
    for (size_t i = 0; i < 8 + bytes[0] + 256u * bytes[1]; i++) {
        const unsigned char was = bytes[i];
        bytes[i] = damages[i % sizeof damages];
        try_damaged(model, untouched, bytes, size);
        bytes[i] = was;
    }
    tarn_nn_free(model);
    tarn_nn_free(untouched);
}

#ifdef TARN_TESTS_HEAP_IS_WATCHED

Test(torch, memory_that_runs_out)
{
    tarn_module *model = network(), *other = network(), *before = network();
    const tarn_nn_name list[] = {{"3", "third"}, {NULL, NULL}};
    cr_assert(load(model, of_torch) && tarn_nn_save(other, path) && tarn_nn_load(before, path));
    bool failed = true;
    for (long calls = 0; failed; calls++) {
        heap_calls_left = calls;
        const bool saved = tarn_nn_save(model, path, .layout = TARN_LAYOUT_TORCH, .names = list);
        failed = heap_calls_left < 0;
        heap_calls_left = -1;
        cr_assert(saved || strstr(tarn_error(), "emory"), "%s", tarn_error());
    }
    for (long calls = 0; failed || calls == 0; calls++) {
        heap_calls_left = calls;
        const bool loaded = tarn_nn_load(other, path, .names = list);
        failed = heap_calls_left < 0;
        heap_calls_left = -1;
        cr_assert(loaded || strstr(tarn_error(), "emory"), "%s", tarn_error());
        cr_assert(equal(other, loaded ? model : before));
        tarn_params p = tarn__nn_list(other, true), q = tarn__nn_list(before, true);
        for (int i = 0; i < p.count; i++)
            memcpy(tarn_values(p.tensors[i]), tarn_values(q.tensors[i]),
                   (size_t)tarn_size(p.tensors[i]) * sizeof(tarn_real));
        free(p.tensors);
        free(q.tensors);
    }
    tarn_nn_free(model);
    tarn_nn_free(other);
    tarn_nn_free(before);
}

#endif
