/* Graphs as C files: what another program's operators say step by step. */
#include <unistd.h>

#include "tests/nn/compiled.h"
#include "tests/nn/graph_cases.h"
#include "tests/nn/nn_test.h"
#include "tests/support/heap.h"

static tarn_module *built(int i)
{
    return graph_case_build(graph_cases[i].held, graph_cases[i].steps, graph_cases[i].output);
}

static void write_to(compiled *c, tarn_module *model, tarn_shape sample, const char *name)
{
    FILE *stream = compiled_file(c, name);
    cr_assert(tarn_nn_export_c(model, sample, stream, .name = name), "%s: %s", name, tarn_error());
    fclose(stream);
}

/* Names of rows begin at 0 and are whole. */
static tarn_tensor *batch(int i)
{
    tarn_tensor *x = graph_case_batch(graph_cases[i].sample, 3);
    for (int64_t k = 0; strstr(graph_cases[i].steps, "gather") && k < tarn_size(x); k++)
        tarn_values(x)[k] = (tarn_real)(k % 5);
    return x;
}

Test(export_c_graph, every_operation)
{
    compiled c = compiled_begin();
    char name[32];
    tarn_seed(1);
    for (int i = 0; i < GRAPH_CASES; i++) {
        tarn_module *model = built(i);
        snprintf(name, sizeof name, "predict_%d", i);
        write_to(&c, model, graph_cases[i].sample, name);
        tarn_nn_free(model);
    }
    compiled_load(&c);
    for (int i = 0; i < GRAPH_CASES; i++) {
        tarn_module *model = built(i);
        tarn_tensor *x = batch(i);
        snprintf(name, sizeof name, "predict_%d", i);
        compiled_compare(model, x, compiled_function(&c, name), graph_cases[i].steps);
        tarn_free(x);
        tarn_nn_free(model);
    }
    compiled_end(&c);
}

#define CONVOLUTION                                                                                \
    "'stride':1,'stride_w':1,'padding':1,'padding_w':1,'dilation':1,'dilation_w':1,'groups':1"

/* The channels of an image, each times what all of them say of it: squeeze and excitation with the
   hard sigmoid of MobileNetV3, behind a convolution that has its ReLU and maxima with it. */
static tarn_module *squeeze_and_excitation(void)
{
    return graph_case_build(
        KERNEL(2, 6) "," VECTOR("b", 6) ",{'name':'down','shape':[6,2],'trained':true},"
                                        "{'name':'up','shape':[2,6],'trained':true},"
                                        "{'name':'half','shape':[]}",
        "{'op':'conv2d','in':[5,0,1]," CONVOLUTION ",'relu':true,'max_pool':2},"
        "{'op':'mean','in':[6],'axes':[1,2],'keepdims':true},{'op':'flatten','in':[7]},"
        "{'op':'linear','in':[8,2],'relu':true},{'op':'linear','in':[9,3]},"
        "{'op':'scale','in':[10],'a':0.16667},{'op':'add','in':[11,4]},"
        "{'op':'clamp','in':[12],'a':0,'b':1},{'op':'reshape','in':[13],'shape':[-2,1,1,6]},"
        "{'op':'mul','in':[14,6]},{'op':'mul','in':[15,15]},{'op':'sub','in':[16,6]}",
        17);
}

/* Of six rows, in two heads, with the batch as the second axis of the queries, keys and values. */
static tarn_module *attention(void)
{
    return graph_case_build(
        VECTOR("g", 4) "," VECTOR("b", 4) ",{'name':'qkv','shape':[4,12],'trained':true},"
                                          "{'name':'place','shape':[1,6,4],'trained':true},"
                                          "{'name':'first','shape':[1,1,4],'trained':true}",
        "{'op':'add','in':[5,3]},{'op':'layer_norm','in':[6,0,1],'a':0.01},"
        "{'op':'linear','in':[7,2]},{'op':'reshape','in':[8],'shape':[-2,6,3,2,2]},"
        "{'op':'permute','in':[9],'axes':[2,0,3,1,4]},"
        "{'op':'slice','in':[10],'axis':0,'from':0,'to':1},"
        "{'op':'slice','in':[10],'axis':0,'from':1,'to':2},"
        "{'op':'slice','in':[10],'axis':0,'from':-1,'to':3},"
        "{'op':'reshape','in':[11],'shape':[-2,2,6,2]},"
        "{'op':'permute','in':[12],'axes':[0,1,2,4,3]},"
        "{'op':'reshape','in':[15],'shape':[-2,2,2,6]},{'op':'matmul','in':[14,16]},"
        "{'op':'scale','in':[17],'a':0.7},{'op':'softmax','in':[18]},"
        "{'op':'matmul','in':[19,13]},{'op':'permute','in':[20],'axes':[0,1,3,2,4]},"
        "{'op':'reshape','in':[21],'shape':[-2,6,4]},{'op':'add','in':[22,6]},"
        "{'op':'mean','in':[23],'axes':[1]},{'op':'relu','in':[24]}",
        25);
}

/* Operands that do not depend on the input: held ones before and behind, and computed ones. */
static tarn_module *constants(void)
{
    return graph_case_build(
        "{'name':'a','shape':[3,1],'trained':true},{'name':'m','shape':[4,4],'trained':true}",
        "{'op':'exp','in':[0]},{'op':'sub','in':[3,2]},{'op':'div','in':[4,0]},"
        "{'op':'matmul','in':[5,1]},{'op':'permute','in':[1],'axes':[1,0]},"
        "{'op':'slice','in':[7],'axis':0,'from':0,'to':3},{'op':'mul','in':[6,8]},"
        "{'op':'permute','in':[9],'axes':[0,2,1]},{'op':'matmul','in':[1,10]}",
        11);
}

Test(export_c_graph, of_many_steps)
{
    tarn_module *(*const kinds[])(void) = {squeeze_and_excitation, attention, constants};
    const tarn_shape samples[] = {tarn_shape(7, 5, 2), tarn_shape(6, 4), tarn_shape(3, 4)};
    compiled c = compiled_begin();
    char name[32];
    for (int i = 0; i < 3; i++) {
        tarn_module *model = kinds[i]();
        snprintf(name, sizeof name, "predict_%d", i);
        write_to(&c, model, samples[i], name);
        tarn_nn_free(model);
    }
    compiled_load(&c);
    for (int i = 0; i < 3; i++) {
        tarn_module *model = kinds[i]();
        tarn_tensor *x = graph_case_batch(samples[i], 3);
        snprintf(name, sizeof name, "predict_%d", i);
        compiled_compare(model, x, compiled_function(&c, name), name);
        tarn_free(x);
        tarn_nn_free(model);
    }
    compiled_end(&c);
}

/* In eight bits no Graph, and in float no step that depends on more than a sample, or reads what is
   no number. */
Test(export_c_graph, refusals)
{
    tarn_module *model = tarn_nn_sequential(squeeze_and_excitation());
    tarn_tensor *samples = tarn_randn(tarn_shape(2, 7, 5, 2));
    FILE *stream = tmpfile();
    cr_assert_not(tarn_nn_export_c(model, tarn_shape(7, 5, 2), stream, .type = TARN_C_INT8,
                                   .calibration = samples));
    cr_assert(strstr(tarn_error(), "\"0\" is a Graph, which can be written as TARN_C_FLOAT only"));
    tarn_nn_free(model);
    tarn_free(samples);

    model = tarn_nn_sequential(
        graph_case_build("", "{'op':'pad','in':[0],'shape':[0,1,0],'after':[0,0,0],'mode':1}", 1));
    cr_assert_not(tarn_nn_export_c(model, tarn_shape(3, 4), stream));
    cr_assert(strstr(tarn_error(), "cannot be expressed: \"0\" (Graph: pad)"), "%s", tarn_error());
    tarn_nn_free(model);
    model = graph_case_build(
        "", "{'op':'resize','in':[0],'shape':[9,3],'bicubic':true,'antialias':true}", 1);
    cr_assert_not(tarn_nn_export_c(model, tarn_shape(3, 4, 2), stream));
    cr_assert(strstr(tarn_error(), "(Graph: resize)"), "%s", tarn_error());
    tarn_nn_free(model);

    model = constants();
    tarn_values(parameter(model, "a"))[1] = (tarn_real)INFINITY;
    cr_assert_not(tarn_nn_export_c(model, tarn_shape(3, 4), stream));
    cr_assert(strstr(tarn_error(), "expects finite numbers of float"), "%s", tarn_error());
    tarn_nn_free(model);
    cr_assert_eq(ftell(stream), 0, "nothing is written");
    fclose(stream);
}

#ifdef TARN_TESTS_HEAP_IS_WATCHED
Test(export_c_graph, survives_the_failure_of_each_allocation)
{
    tarn_module *model = squeeze_and_excitation();
    FILE *stream = tmpfile();
    bool done = false;
    for (long calls = 0; !done; calls++) {
        rewind(stream);
        fputs("to have its buffer", stream);
        heap_calls_left = calls;
        done = tarn_nn_export_c(model, tarn_shape(7, 5, 2), stream);
        heap_calls_left = -1;
        /* A layer for which there is no memory is a step that no layer does. */
        cr_assert(done || strstr(tarn_error(), "memory") ||
                      strstr(tarn_error(), "cannot be expressed"),
                  "%s", tarn_error());
    }
    fclose(stream);
    tarn_nn_free(model);
}
#endif
