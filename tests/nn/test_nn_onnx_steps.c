/* Graphs in ONNX: every operation, of images and of others, is read again as what it was. What
   onnxruntime says of the files is in tests/exchange/test_graph.py. */
#include <math.h>
#include <stdio.h>
#include <unistd.h>

#include "tests/nn/graph_cases.h"
#include "tests/nn/nn_test.h"
#include "tests/support/heap.h"

static char folder[] = "/tmp/tarn-test-XXXXXX";

static void enter_folder(void)
{
    cr_assert(mkdtemp(folder));
    cr_assert_eq(chdir(folder), 0);
    tarn_seed(1);
}

static void leave_folder(void)
{
    unlink("model.onnx");
    cr_assert_eq(rmdir(folder), 0, "files are left");
}

TestSuite(onnx_steps, .init = enter_folder, .fini = leave_folder);

static void assert_same(tarn_module *a, tarn_module *b, tarn_tensor *x, const char *which)
{
    tarn_nn_train(a, false);
    tarn_nn_train(b, false);
    tarn_tape *tape = tarn_tape_begin_no_grad();
    tarn_tensor *y = tarn_nn_forward(a, x), *z = tarn_nn_forward(b, x);
    cr_assert(y && z && tarn_shape_equal(tarn_shape_get(y), tarn_shape_get(z)), "%s", which);
    for (int64_t i = 0; i < tarn_size(y); i++) {
        const double one = (double)tarn_values(y)[i], other = (double)tarn_values(z)[i];
        cr_assert(fabs(one - other) <= 1e-5 * (1 + fabs(one)), "%s: %g and %g", which, one, other);
    }
    tarn_tape_end(tape);
}

Test(onnx_steps, every_operation)
{
    static const char *const names[] = {
#define NAME(name, ...) "'" #name "'",
        TARN__GRAPH_OPS(NAME)};
    for (size_t k = 0; k < sizeof names / sizeof *names; k++) {
        bool there = false;
        for (int i = 0; i < GRAPH_CASES; i++)
            there |= strstr(graph_cases[i].steps, names[k]) != NULL;
        cr_assert(there, "no case has %s", names[k]);
    }
    for (int i = 0; i < GRAPH_CASES; i++) {
        tarn_module *model =
            graph_case_build(graph_cases[i].held, graph_cases[i].steps, graph_cases[i].output);
        cr_assert(tarn_nn_export_onnx(model, graph_cases[i].sample, "model.onnx"), "%s: %s",
                  graph_cases[i].steps, tarn_error());
        tarn_module *other = tarn_nn_from_onnx("model.onnx");
        cr_assert(other, "%s: %s", graph_cases[i].steps, tarn_error());
        for (int count = 2; count < 5; count += 2) {
            tarn_tensor *x = graph_case_batch(graph_cases[i].sample, count);
            for (int64_t k = 0; strstr(graph_cases[i].steps, "gather") && k < tarn_size(x); k++)
                tarn_values(x)[k] = (tarn_real)(k * 3 % 5); /* ids, which come as floats */
            assert_same(model, other, x, graph_cases[i].steps);
            tarn_free(x);
        }
        tarn_nn_free(other);
        tarn_nn_free(model);
    }
}

#define NORM(n) VECTOR("g", n) "," VECTOR("s", n) "," BUFFER("m", n) "," BUFFER("v", n)
#define WINDOWS "'stride':1,'stride_w':1,'padding':0,'padding_w':0,'dilation':1,'dilation_w':1"

/* Normalization in the step before it, where that gives nothing else what it gives, and shares no
   weight. The norm's tensors are held first, its numbers 0 to 3. */
static const struct {
    const char *held, *steps;
    int output;
    bool folds;
    tarn_shape sample;
} norms[] = {
    {NORM(6) "," KERNEL(2, 6) "," VECTOR("b", 6),
     "{'op':'conv2d','in':[6,4,5]," WINDOWS ",'groups':2},"
     "{'op':'batch_norm2d','in':[7,0,1,2,3],'a':0.01,'b':0.1,'relu':true}",
     8,
     true,
     {3, {5, 4, 4}}},
    {NORM(6) "," KERNEL(3, 4),
     "{'op':'conv_transpose2d','in':[5,4]," WINDOWS ",'groups':2},"
     "{'op':'batch_norm2d','in':[6,0,1,2,3],'a':0.01,'b':0.1}",
     7,
     true,
     {3, {3, 4, 4}}},
    {NORM(3) ",{'name':'w','shape':[4,3],'trained':true}",
     "{'op':'linear','in':[5,4,-1]},{'op':'batch_norm2d','in':[6,0,1,2,3],'a':0.01,'b':0.1},"
     "{'op':'tanh','in':[7]}",
     8,
     true,
     {1, {4}}},
    {NORM(6) "," KERNEL(4, 6),
     "{'op':'conv2d','in':[5,4]," WINDOWS ",'groups':1},"
     "{'op':'batch_norm2d','in':[6,0,1,2,3],'a':0.01,'b':0.1},{'op':'sub','in':[7,6]}",
     8,
     false,
     {3, {5, 4, 4}}},
    {NORM(6) "," KERNEL(4, 6),
     "{'op':'conv2d','in':[5,4]," WINDOWS ",'groups':1},"
     "{'op':'batch_norm2d','in':[6,0,1,2,3],'a':0.01,'b':0.1},"
     "{'op':'conv2d','in':[5,4]," WINDOWS ",'groups':1},{'op':'sub','in':[7,8]}",
     9,
     false,
     {3, {5, 4, 4}}},
    {NORM(6) "," KERNEL(4, 6),
     "{'op':'conv2d','in':[5,4]," WINDOWS ",'groups':1,'relu':true},"
     "{'op':'batch_norm2d','in':[6,0,1,2,3],'a':0.01,'b':0.1}",
     7,
     false,
     {3, {5, 4, 4}}},
    {NORM(6) "," KERNEL(4, 6),
     "{'op':'conv2d','in':[5,4,1]," WINDOWS ",'groups':1},"
     "{'op':'batch_norm2d','in':[6,0,1,2,3],'a':0.01,'b':0.1}",
     7,
     false,
     {3, {5, 4, 4}}},
};

/* How often the file holds the word. */
static int count_in_file(const char *word)
{
    static char text[1 << 16];
    FILE *file = fopen("model.onnx", "rb");
    cr_assert(file);
    const size_t size = fread(text, 1, sizeof text, file), length = strlen(word);
    fclose(file);
    int count = 0;
    for (size_t i = 0; i + length <= size; i++)
        count += !memcmp(text + i, word, length);
    return count;
}

Test(onnx_steps, folding)
{
    for (size_t i = 0; i < sizeof norms / sizeof *norms; i++) {
        tarn_module *graph = graph_case_build(norms[i].held, norms[i].steps, norms[i].output);
        tarn_module *models[] = {graph, tarn_nn_sequential(tarn_nn_recompute(graph))};
        tarn_tensor *x = graph_case_batch(norms[i].sample, 3);
        for (int k = 0; k < 2; k++) {
            for (int fold = 0; fold < 2; fold++) {
                cr_assert(
                    tarn_nn_export_onnx(models[k], norms[i].sample, "model.onnx", .fold = fold),
                    "%s", tarn_error());
                cr_assert_eq(count_in_file("BatchNormalization"), !(fold && norms[i].folds), "%s",
                             norms[i].steps);
                tarn_module *other = tarn_nn_from_onnx("model.onnx");
                cr_assert(other, "%s", tarn_error());
                assert_same(models[k], other, x, norms[i].steps);
                tarn_nn_free(other);
            }
        }
        tarn_free(x);
        tarn_nn_free(models[1]);
    }
}

/* Of layers, whatever holds them; but for what comes behind something else. */
Test(onnx_steps, folding_in_containers)
{
    tarn_module *one = tarn_nn_sequential(tarn_nn_conv2d(6, 6, 1, .bias = false),
                                          tarn_nn_batch_norm2d(6)),
                *two = tarn_nn_sequential(tarn_nn_conv2d(6, 4, 1),
                                          tarn_nn_batch_norm2d(4, .affine = false)),
                *three = tarn_nn_sequential(tarn_nn_linear(10, 5), tarn_nn_batch_norm2d(5)),
                *four = tarn_nn_sequential(tarn_nn_conv2d(10, 5, 1, .weight_norm = true),
                                           tarn_nn_batch_norm2d(5)),
                *five = tarn_nn_sequential(tarn_nn_conv2d(5, 3, 1), tarn_nn_batch_norm2d(3)),
                *six = tarn_nn_sequential(tarn_nn_conv2d(3, 3, 1), tarn_nn_batch_norm2d(3));
    tarn_module *model = tarn_nn_sequential(
        tarn_nn_conv_transpose2d(2, 6, 3, .groups = 2), tarn_nn_batch_norm2d(6),
        tarn_nn_residual(one), tarn_nn_concat(two, TARN_NN_IDENTITY), tarn_nn_sum(three, four),
        tarn_nn_recompute(five),
        tarn_nn_residual(tarn_nn_sequential(six, tarn_nn_stochastic_depth(0.5))), tarn_nn_relu(),
        tarn_nn_batch_norm2d(3), tarn_nn_flatten(), tarn_nn_linear(36, 4), tarn_nn_batch_norm2d(4));
    const tarn_shape sample = tarn_shape(1, 2, 2);
    tarn_tensor *x = graph_case_batch(sample, 3);
    const tarn_params all = tarn_nn_tensors(model);
    for (int i = 0; i < all.count; i++)
        for (int64_t k = 0; k < tarn_size(all.tensors[i]); k++)
            tarn_values(all.tensors[i])[k] = (tarn_real)(0.25 + (double)((k * 7 + i) % 11) / 8);
    for (int fold = 0; fold < 2; fold++) {
        cr_assert(tarn_nn_export_onnx(model, sample, "model.onnx", .fold = fold), "%s",
                  tarn_error());
        cr_assert_eq(count_in_file("BatchNormalization"), fold ? 1 : 9);
        tarn_module *other = tarn_nn_from_onnx("model.onnx");
        cr_assert(other, "%s", tarn_error());
        assert_same(model, other, x, "in containers");
        tarn_nn_free(other);
    }
    tarn_free(x);
    tarn_nn_free(model);
}

/* A variance below 0, and a scale that is too large. */
Test(onnx_steps, folding_to_no_number)
{
    tarn_module *model = graph_case_build(norms[0].held, norms[0].steps, norms[0].output);
    const tarn_params all = tarn_nn_tensors(model);
    cr_assert_str_eq(all.names[3], "v");
    tarn_values(all.tensors[3])[1] = -1;
    cr_assert_not(tarn_nn_export_onnx(model, norms[0].sample, "model.onnx", .fold = true));
    cr_assert(strstr(tarn_error(), "the weights of \"\" (Graph), with the batch normalization in "
                                   "them, are no finite numbers"),
              "%s", tarn_error());
    tarn_nn_free(model);
}

/* Between layers, twice, and in a network whose parameters are called as its ends. */
Test(onnx_steps, below_others)
{
    static const char held[] = VECTOR("input", 4), steps[] = "{'op':'mul','in':[1,0]},"
                                                             "{'op':'concat','in':[1,2],'axis':3}";
    tarn_module *model = tarn_nn_sequential(
        tarn_nn_conv2d(2, 4, 1), graph_case_build(held, steps, 3), tarn_nn_relu(),
        tarn_nn_conv2d(8, 4, 1), graph_case_build(held, steps, 3), tarn_nn_flatten(),
        tarn_nn_linear(48, 3));
    tarn_module *alone = graph_case_build(held, steps, 3);
    tarn_module *models[] = {model, alone};
    for (int i = 0; i < 2; i++) {
        const tarn_shape sample = tarn_shape(2, 3, i == 0 ? 2 : 4);
        tarn_tensor *x = graph_case_batch(sample, 3);
        cr_assert(tarn_nn_export_onnx(models[i], sample, "model.onnx"), "%s", tarn_error());
        tarn_module *other = tarn_nn_from_onnx("model.onnx");
        cr_assert(other, "%s", tarn_error());
        assert_same(models[i], other, x, "below others");
        tarn_nn_free(other);
        tarn_nn_free(models[i]);
        tarn_free(x);
    }
}

/* Names stay, so that a training finds its parameters again. */
/* Of what modules of the library cannot be, as of a product of two ways. */
Test(onnx_steps, names)
{
    tarn_module *model =
        graph_case_build(KERNEL(2, 6) "," VECTOR("b", 6),
                         "{'op':'conv2d','in':[2,0,1],'stride':2,'stride_w':2,'padding':1,"
                         "'padding_w':1,'dilation':1,'dilation_w':1,'groups':2},"
                         "{'op':'tanh','in':[3]},{'op':'mul','in':[3,4]}",
                         5);
    cr_assert(tarn_nn_export_onnx(model, graph_cases[0].sample, "model.onnx"), "%s", tarn_error());
    tarn_module *other = tarn_nn_from_onnx("model.onnx");
    cr_assert(other, "%s", tarn_error());
    cr_assert(tarn_shape_equal(tarn_shape_get(parameter(other, "w")), tarn_shape(3, 2, 2, 6)));
    cr_assert(parameter(other, "b"));
    tarn_nn_free(other);
    tarn_nn_free(model);
}

/* That graph, and the words that name its step. */
static void assert_cannot(const char *held, const char *step, int output, tarn_shape sample,
                          const char *words)
{
    char expected[200];
    snprintf(expected, sizeof expected, "what \"0\" (Graph) computes cannot be expressed: %s",
             words);
    tarn_module *model = tarn_nn_sequential(graph_case_build(held, step, output));
    cr_assert_not(tarn_nn_export_onnx(model, sample, "model.onnx"));
    cr_expect(strstr(tarn_error(), expected), "%s", tarn_error());
    tarn_nn_free(model);
}

Test(onnx_steps, what_cannot_be_said_is_named)
{
    assert_cannot(VECTOR("g", 4) "," VECTOR("b", 4),
                  "{'op':'group_norm','in':[2,0,1],'groups':2,'a':0.1}", 3, tarn_shape(3, 4),
                  "group_norm of (3,3,4)");
    assert_cannot("", "{'op':'local_response_norm','in':[0],'kernel':4,'a':1,'b':1,'c':1}", 1,
                  tarn_shape(2, 3, 4), "local_response_norm of (3,2,3,4)");
    assert_cannot("", "{'op':'local_response_norm','in':[0],'kernel':3,'a':1,'b':1,'c':1}", 1,
                  tarn_shape(3, 4), "local_response_norm of (3,3,4)");
    assert_cannot("", "{'op':'resize','in':[0],'shape':[2,9],'bilinear':true,'antialias':true}", 1,
                  tarn_shape(3, 4, 2), "resize of (3,3,4,2)");
}

Test(onnx_steps, memory)
{
#ifdef TARN_TESTS_HEAP_IS_WATCHED
    tarn_module *model = graph_case_build(norms[0].held, norms[0].steps, norms[0].output);
    bool done = false;
    for (long calls = 0; !done && calls < 100000; calls++) {
        heap_calls_left = calls;
        done = tarn_nn_export_onnx(model, norms[0].sample, "model.onnx", .fold = true);
        heap_calls_left = -1;
        cr_assert(done || strstr(tarn_error(), "memory"), "%ld: %s", calls, tarn_error());
        cr_assert_eq(access("model.onnx", F_OK), done ? 0 : -1);
    }
    cr_assert(done && model->training);
    tarn_nn_free(model);
#endif
}
