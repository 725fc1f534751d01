/* Graphs that are rebuilt from what their file says of them. */
#include <stdio.h>
#include <unistd.h>

#include "core/base/random.h"
#include "nn/network.h"
#include "tests/nn/nn_test.h"
#include "tests/support/heap.h"

#define GOLDEN TARN_SOURCE_DIR "/tests/golden/nn/exchange/"

static char folder[] = "/tmp/tarn-test-XXXXXX";

static void enter_folder(void)
{
    cr_assert(mkdtemp(folder));
    cr_assert_eq(chdir(folder), 0);
}

static void leave_folder(void)
{
    unlink("a.safetensors");
    unlink("b.safetensors");
    unlink("a.npz");
    cr_assert_eq(rmdir(folder), 0, "files are left");
}

TestSuite(graph_json, .init = enter_folder, .fini = leave_folder);

/* Where in onnx.txt the numbers of each file's network are. */
static const struct {
    const char *path;
    int number;
} networks[] = {{GOLDEN "branches_old.onnx", 1},
                {GOLDEN "branches_dynamo.onnx", 1},
                {GOLDEN "pieces_old.onnx", 2}};
enum { NETWORKS = sizeof networks / sizeof *networks };

static tarn_module *load(int i)
{
    tarn_module *model = tarn_nn_from_onnx(networks[i].path);
    cr_assert(model, "%s", tarn_error());
    cr_assert_str_eq(model->type->name, "Graph");
    return model;
}

static tarn_tensor *sample(int i)
{
    golden *file = golden_open("nn/exchange/onnx");
    const golden_case *c = NULL;
    for (int k = 0; k <= networks[i].number; k++)
        c = golden_next(file, c);
    tarn_tensor *x = golden_tensor(c, "x0");
    golden_close(file);
    return x;
}

/* To the bit. */
static void assert_same(tarn_module *a, tarn_module *b, tarn_tensor *x)
{
    tarn_tape *tape = tarn_tape_begin_no_grad();
    tarn_nn_train(a, false);
    tarn_nn_train(b, false);
    tarn_tensor *y = tarn_nn_forward(a, x), *z = tarn_nn_forward(b, x);
    cr_assert(y && tarn_shape_equal(tarn_shape_get(y), tarn_shape_get(z)));
    cr_assert_arr_eq(tarn_values(y), tarn_values(z), (size_t)tarn_size(y) * sizeof(tarn_real));
    tarn_tape_end(tape);
}

/* Of a rebuilt one too: it says of itself what the first said. */
static void check_rebuilt(tarn_module *model, tarn_tensor *x, const char *path)
{
    cr_assert(tarn_nn_save(model, path), "%s", tarn_error());
    tarn_module *rebuilt = tarn_nn_from_file(path);
    cr_assert(rebuilt, "%s", tarn_error());
    assert_same(model, rebuilt, x);
    const tarn_params a = tarn_nn_parameters(model), b = tarn_nn_parameters(rebuilt);
    cr_assert_eq(a.count, b.count);
    for (int i = 0; i < a.count; i++)
        cr_assert_str_eq(a.names[i], b.names[i]);
    tarn__json_watch();
    json_t *one = tarn__network_to_json(model);
    cr_assert(tarn__network_equals(path, one, rebuilt), "%s", tarn_error());
    json_decref(one);
    tarn_nn_free(rebuilt);
}

Test(graph_json, the_same_numbers)
{
    for (int i = 0; i < NETWORKS; i++) {
        tarn_module *model = load(i);
        tarn_tensor *x = sample(i);
        check_rebuilt(model, x, "a.safetensors");
        check_rebuilt(model, x, "a.npz");
        tarn_free(x);
        tarn_nn_free(model);
    }
}

Test(graph_json, below_others)
{
    tarn_tensor *x = sample(0);
    tarn_module *model = tarn_nn_sequential(load(0), tarn_nn_linear(3, 2));
    check_rebuilt(model, x, "a.safetensors");
    tarn_nn_free(model);
    tarn_free(x);
}

/* Its convolutions lie in Tarn's order, whatever the name of a layout says. */
Test(graph_json, not_in_the_layout_of_pytorch)
{
    tarn_module *model = tarn_nn_sequential(load(0));
    cr_assert_not(tarn_nn_save(model, "a.safetensors", .layout = TARN_LAYOUT_TORCH));
    cr_assert(strstr(tarn_error(), "layout of the Graph at \"0\" is not known"), "%s",
              tarn_error());
    tarn_nn_free(model);
}

/* A rebuilt network goes on as the first would. */
Test(graph_json, trains_on)
{
    const int32_t labels[] = {0, 2};
    tarn_tensor *x = sample(0);
    tarn_module *first = load(0);
    cr_assert(tarn_nn_save(first, "a.safetensors"));
    tarn_module *models[] = {first, tarn_nn_from_file("a.safetensors")};
    tarn_real losses[2];
    for (int k = 0; k < 2; k++) {
        tarn_optim *optimizer = tarn_optim_adam(tarn_nn_parameters(models[k]), .lr = 0.01);
        tarn_seed(1);
        for (int i = 0; i < 5; i++) {
            tarn_tape *tape = tarn_tape_begin();
            tarn_tensor *y = tarn_nn_forward(models[k], x);
            tarn_tensor *loss = tarn_cross_entropy(y, tarn_labels(2, labels));
            tarn_optim_zero_grad(optimizer);
            tarn_backward(loss);
            tarn_optim_step(optimizer);
            losses[k] = tarn_item(loss);
            tarn_tape_end(tape);
        }
        tarn_optim_free(optimizer);
    }
    cr_assert_eq(losses[0], losses[1]);
    assert_same(models[0], models[1], x);
    tarn_nn_free(models[0]);
    tarn_nn_free(models[1]);
    tarn_free(x);
}

/* ---- Descriptions that are wrong */

static tarn_module *build(const char *description)
{
    char text[4000], *to = text;
    for (const char *from = description; *from; from++)
        *to++ = *from == '\'' ? '"' : *from;
    json_t *json = tarn__json_parse("file", "it", text, (size_t)(to - text));
    cr_assert(json, "%s", tarn_error());
    tarn_module *module = tarn__network_from_json("file", json, 4096);
    json_decref(json);
    return module;
}

static void refused(const char *description, const char *words)
{
    record_mistakes();
    tarn_module *module = build(description);
    cr_assert_not(module, "%s was accepted", description);
    cr_assert_eq(mistakes(), 0);
    cr_assert(strstr(tarn_error(), words), "\"%s\" does not hold \"%s\"", tarn_error(), words);
    cr_assert_eq(strncmp(tarn_error(), "file: its network has a Graph: ", 31), 0, "%s",
                 tarn_error());
}

#define HELD "{'name':'w.a','shape':[2,2],'trained':true},{'name':'b','shape':[2]}"
#define GRAPH(steps, output)                                                                       \
    "{'type':'Graph','held':[" HELD "],'steps':[" steps "],'output':" output "}"
#define ONE(step) GRAPH(step, "3")

Test(graph_json, a_small_one)
{
    tarn_module *model =
        build(GRAPH("{'op':'linear','in':[2,0,1],'relu':true},{'op':'clamp','in':[3],'a':'-inf',"
                    "'b':1},{'op':'concat','in':[3,4,2],'axis':1}",
                    "5"));
    cr_assert(model, "%s", tarn_error());
    const tarn_params all = tarn_nn_tensors(model);
    cr_assert_eq(all.count, 2);
    cr_assert_str_eq(all.names[0], "w.a");
    tarn_values(all.tensors[0])[0] = 3;
    tarn_tensor *x = tarn_full(tarn_shape(1, 2), 1);
    tarn_tape *tape = tarn_tape_begin_no_grad();
    const tarn_real expected[] = {3, 0, 1, 0, 1, 1};
    tarn_tensor *y = tarn_nn_forward(model, x);
    cr_assert(tarn_shape_equal(tarn_shape_get(y), tarn_shape(1, 6)));
    cr_assert_arr_eq(tarn_values(y), expected, sizeof expected);
    tarn_tape_end(tape);
    tarn_free(x);
    tarn_nn_free(model);
}

Test(graph_json, wrong_steps)
{
    refused(ONE("{'op':'lineal','in':[2,0,1]}"), "its step 0 is \"lineal\", which is no operation");
    refused(ONE("{'in':[2,0,1]}"), "its step 0 is \"\", which is no operation");
    refused(ONE("3"), "its step 0 is \"\"");
    refused(ONE("{'op':'linear','in':[2]}"), "(linear) reads 1 values, expects at least 2");
    refused(ONE("{'op':'relu','in':[2,2]}"), "(relu) reads 2 values, expects 1");
    refused(ONE("{'op':'relu'}"), "(relu) reads 0 values, expects 1");
    refused(ONE("{'op':'relu','in':[3]}"), "one of the values before it, 0 to 2");
    refused(ONE("{'op':'relu','in':[-1]}"), "one of the values before it");
    refused(ONE("{'op':'relu','in':[1.5]}"), "one of the values before it");
    refused(ONE("{'op':'concat','in':[2,-1],'axis':1}"), "one of the values before it");
    refused(GRAPH("{'op':'relu','in':[4]},{'op':'relu','in':[3]}", "4"), "step 0 (relu) reads");
    refused(ONE("{'op':'max_pool2d','in':[2],'kernel':2}"), "stride is not a whole");
    refused(ONE("{'op':'max_pool2d','in':[2],'kernel':2.5,'stride':1}"), "kernel is not");
    refused(ONE("{'op':'max_pool2d','in':[2],'kernel':3000000000,'stride':1}"), "kernel is not");
    refused(ONE("{'op':'concat','in':[2,2],'axis':8}"), "axis is not a whole number");
    refused(ONE("{'op':'linear','in':[2,0],'relu':1}"), "relu is not true or false");
    refused(ONE("{'op':'scale','in':[2],'a':'infinite'}"), "a is not a number");
    refused(ONE("{'op':'reshape','in':[2]}"), "shape is not a list of sizes");
    refused(ONE("{'op':'reshape','in':[2],'shape':[-3]}"), "shape is not");
    refused(ONE("{'op':'reshape','in':[2],'shape':[1,1,1,1,1,1,1,1,1]}"), "shape is not");
    refused(ONE("{'op':'permute','in':[2],'axes':[0,-1]}"), "axes is not a list");
    refused(ONE("{'op':'relu','in':[2],'stride':1}"), "says more than the operation needs");
    refused(ONE("{'op':'batch_norm2d','in':[2,1,1,1,2]}"), "for running statistics, expects");
    refused(ONE("{'op':'batch_norm2d','in':[2,1,1,0,1]}"), "for running statistics, expects");
}

Test(graph_json, wrong_values)
{
    refused(GRAPH("{'op':'relu','in':[2]}", "4"), "it gives none of its values, 0 to 3");
    refused(GRAPH("{'op':'relu','in':[2]}", "-1"), "it gives none of its values");
    refused(GRAPH("", "'0'"), "it gives none of its values");
    refused("{'type':'Graph','steps':[],'output':0}", "it has no list of what it holds");
    refused("{'type':'Graph','held':[],'steps':{},'output':0}", "or of steps");
#define HOLDS(held) "{'type':'Graph','held':[" held "],'steps':[],'output':0}"
    refused(HOLDS("{'shape':[2]}"), "its tensor 0 has no name, or no shape");
    refused(HOLDS("{'name':'a'}"), "its tensor 0 has no name, or no shape");
    refused(HOLDS("{'name':'a','shape':[-1]}"), "no shape of whole sizes");
    refused(HOLDS("{'name':'a','shape':[2],'trained':false}"), "its tensor 0");
    refused(HOLDS("{'name':'','shape':[2]}"), "name");
    refused(HOLDS("{'name':'a b','shape':[2]}"), "a b");
    refused(HOLDS("{'name':'a..b','shape':[2]}"), "name");
    refused(HOLDS("{'name':'a','shape':[2]},{'name':'a','shape':[2]}"), "\"a\"");
    refused(HOLDS("{'name':'a','shape':[2]},{'name':'a.b','shape':[2]}"), "\"a\"");
    refused(HOLDS("{'name':'a','shape':[2147483647,2147483647,2147483647]}"), "too large");
}

Test(graph_json, holds_no_more_than_its_file)
{
    cr_assert_not(build(HOLDS("{'name':'a','shape':[1000000]}")));
    cr_assert(strstr(tarn_error(), "more parameters than its"), "%s", tarn_error());
}

/* What tells where a checkpoint's network is another one. */
Test(graph_json, differences_are_told)
{
    json_t *a;
    tarn_module *model = build(ONE("{'op':'relu','in':[2]}"));
    tarn_module *other = build(ONE("{'op':'exp','in':[2]}"));
    tarn__json_watch();
    a = tarn__network_to_json(other);
    cr_assert_not(tarn__network_equals("file", a, model));
    cr_assert(strstr(tarn_error(), "{\"op\": \"exp\", \"in\": [2]}, the model "
                                   "{\"op\": \"relu\", \"in\": [2]}"),
              "%s", tarn_error());
    json_decref(a);
    tarn_nn_free(model);
    tarn_nn_free(other);
}

/* ---- Damage: letters that are others, and ends. */

/* It is refused, or is a network, of which a forward gives something or a mistake. */
static int survives(const char *text, size_t size, tarn_tensor *x)
{
    json_t *json = tarn__json_parse("file", "it", text, size);
    tarn_module *model = json ? tarn__network_from_json("file", json, 1 << 16) : NULL;
    cr_assert(model || !strncmp(tarn_error(), "file: ", 6), "%s", tarn_error());
    json_decref(json);
    if (!model)
        return 0;
    record_mistakes();
    tarn_tape *tape = tarn_tape_begin_no_grad();
    tarn_tensor *y = tarn_nn_forward(model, x);
    const int reported = mistakes();
    cr_assert(y || reported == 1 || strstr(tarn_error(), "memory"), "%d mistakes, %s", reported,
              tarn_error());
    tarn_tape_end(tape);
    tarn_nn_free(model);
    return 1;
}

Test(graph_json, damage)
{
    static const char letters[] = "0123456789-,:[]{}\"abcefr. ";
    for (int i = 0; i < NETWORKS; i++) {
        tarn_module *model = load(i);
        tarn_tensor *x = sample(i);
        tarn__json_watch();
        json_t *json = tarn__network_to_json(model);
        char *text = json_dumps(json, JSON_COMPACT);
        const size_t size = strlen(text);
        int built = survives(text, size, x);
        cr_assert_eq(built, 1, "%s", tarn_error());
        for (size_t k = (size_t)i; k < size; k += 3) {
            const char was = text[k];
            cr_assert_eq(survives(text, k, x), 0);
            text[k] = letters[(k * 7 + (size_t)i) % (sizeof letters - 1)];
            built += survives(text, size, x);
            text[k] = was;
        }
        cr_assert(built > 10);
        free(text);
        json_decref(json);
        tarn_free(x);
        tarn_nn_free(model);
    }
}

/* Memory that runs out while a graph is rebuilt is one sentence. */
Test(graph_json, memory)
{
#ifdef TARN_TESTS_HEAP_IS_WATCHED
    tarn_module *model = load(0), *rebuilt = NULL;
    cr_assert(tarn_nn_save(model, "a.safetensors"));
    for (long calls = 0; !rebuilt && calls < 100000; calls++) {
        heap_calls_left = calls;
        rebuilt = tarn_nn_from_file("a.safetensors");
        heap_calls_left = -1;
        cr_assert(rebuilt || strstr(tarn_error(), "memory"), "%ld: %s", calls, tarn_error());
    }
    cr_assert(rebuilt);
    bool saved = false;
    for (long calls = 0; !saved && calls < 100000; calls++) {
        heap_calls_left = calls;
        saved = tarn_nn_save(rebuilt, "b.safetensors");
        heap_calls_left = -1;
    }
    tarn_module *again = tarn_nn_from_file("b.safetensors");
    tarn_tensor *x = sample(0);
    assert_same(model, again, x);
    tarn_free(x);
    tarn_nn_free(again);
    tarn_nn_free(rebuilt);
    tarn_nn_free(model);
#endif
}
