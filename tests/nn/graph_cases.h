/* Graphs of each operation, of images and of others, as a file tells of them. */
#ifndef TARN_TESTS_NN_GRAPH_CASES_H
#define TARN_TESTS_NN_GRAPH_CASES_H

#include <stdio.h>
#include <string.h>

#include "nn/exchange/graph.h"
#include "nn/network.h"
#include "tests/nn/nn_test.h"

#define KERNEL(i, o) "{'name':'w','shape':[3,2," #i "," #o "],'trained':true}"
#define VECTOR(name, n) "{'name':'" name "','shape':[" #n "],'trained':true}"
#define BUFFER(name, n) "{'name':'" name "','shape':[" #n "]}"

/* The input's value is numbered by what is held. */
static const struct graph_case {
    const char *held, *steps;
    int output;
    tarn_shape sample;
} graph_cases[] = {
    {KERNEL(2, 6) "," VECTOR("b", 6),
     "{'op':'conv2d','in':[2,0,1],'stride':2,'stride_w':2,'padding':1,'padding_w':1,'dilation':1,'"
     "dilation_w':1,'groups':2,'relu':true,"
     "'max_pool':2},{'op':'sigmoid','in':[3]}",
     4,
     {3, {9, 9, 4}}},
    {KERNEL(2, 4),
     "{'op':'conv2d','in':[1,0],'stride':1,'stride_w':1,'dilation':2,'dilation_w':2,'groups':1,'"
     "max_pool':2}",
     2,
     {3, {9, 9, 2}}},
    {KERNEL(3, 4) "," VECTOR("b", 6),
     "{'op':'conv_transpose2d','in':[2,0,1],'stride':2,'stride_w':2,'padding':1,'padding_w':1,'"
     "dilation':1,'dilation_w':1,'groups':2,"
     "'output_padding':1,'output_padding_w':1}",
     3,
     {3, {4, 5, 4}}},
    {"{'name':'w','shape':[4,3],'trained':true}," VECTOR("b", 3),
     "{'op':'linear','in':[2,0,1],'relu':true}",
     3,
     {1, {4}}},
    {"{'name':'w','shape':[4,3],'trained':true}," VECTOR("b", 3),
     "{'op':'linear','in':[2,0,1]}",
     3,
     {2, {5, 4}}},
    {"{'name':'w','shape':[4,3],'trained':true}",
     "{'op':'linear','in':[1,0,-1]}",
     2,
     {3, {2, 5, 4}}},
    {"",
     "{'op':'permute','in':[0],'axes':[0,1,3,2]},{'op':'matmul','in':[0,1]}",
     2,
     {3, {2, 3, 4}}},
    {"{'name':'table','shape':[5,2],'trained':true}",
     "{'op':'gather','in':[1,0]},{'op':'scale','in':[2],'a':3}",
     3,
     {1, {4}}},
    {"",
     "{'op':'max_pool2d','in':[0],'kernel':3,'kernel_w':3,'stride':2,'stride_w':2,'padding':1,'"
     "padding_w':1,'dilation':1,'dilation_w':1}",
     1,
     {3, {7, 6, 2}}},
    {"",
     "{'op':'avg_pool2d','in':[0],'kernel':3,'kernel_w':3,'stride':2,'stride_w':2,'padding':1,'"
     "padding_w':1}",
     1,
     {3, {7, 6, 2}}},
    {"",
     "{'op':'max_pool2d','in':[0],'kernel':2,'kernel_w':3,'stride':3,'stride_w':2,'padding':1,"
     "'padding_w':0,'dilation':1,'dilation_w':2,'ceil_mode':true}",
     1,
     {3, {7, 8, 2}}},
    {"",
     "{'op':'avg_pool2d','in':[0],'kernel':2,'kernel_w':3,'stride':2,'stride_w':3,'padding':0,"
     "'padding_w':1}",
     1,
     {3, {6, 7, 2}}},
    {"", "{'op':'adaptive_avg_pool2d','in':[0],'shape':[3,3]}", 1, {3, {6, 6, 2}}},
    {"", "{'op':'adaptive_avg_pool2d','in':[0],'shape':[3,4]}", 1, {3, {7, 5, 2}}},
    {"",
     "{'op':'adaptive_avg_pool2d','in':[0],'shape':[5,5]},"
     "{'op':'adaptive_avg_pool2d','in':[1],'shape':[3,5]},"
     "{'op':'adaptive_avg_pool2d','in':[2],'shape':[3,3]},"
     "{'op':'adaptive_avg_pool2d','in':[3],'shape':[3,2]}",
     4,
     {3, {7, 5, 2}}},
    {"", "{'op':'adaptive_max_pool2d','in':[0],'shape':[3,2]}", 1, {3, {6, 6, 2}}},
    {"", "{'op':'pixel_shuffle','in':[0],'kernel':2}", 1, {3, {2, 3, 8}}},
    {"", "{'op':'pixel_shuffle','in':[0],'kernel':2,'mode':1}", 1, {3, {2, 3, 8}}},
    {"", "{'op':'pixel_unshuffle','in':[0],'kernel':2,'mode':1}", 1, {3, {4, 6, 2}}},
    {KERNEL(2, 4),
     "{'op':'conv2d','in':[1,0],'stride':1,'stride_w':1,'dilation':2,'dilation_w':1,'groups':1,"
     "'same':true}",
     2,
     {3, {6, 5, 2}}},
    {"",
     "{'op':'adaptive_avg_pool2d','in':[0],'shape':[1,1]},{'op':'mul','in':[0,1]}",
     2,
     {3, {6, 5, 2}}},
    {"", "{'op':'global_avg_pool2d','in':[0]},{'op':'exp','in':[1]}", 2, {3, {3, 4, 5}}},
    {"", "{'op':'upsample','in':[0],'kernel':2}", 1, {3, {3, 4, 2}}},
    {"", "{'op':'upsample','in':[0],'kernel':2,'bilinear':true}", 1, {3, {3, 4, 2}}},
    {"", "{'op':'resize','in':[0],'shape':[6,8]}", 1, {3, {3, 4, 2}}},
    {"",
     "{'op':'resize','in':[0],'shape':[5,7],'bilinear':true,'align_corners':true}",
     1,
     {3, {3, 4, 2}}},
    {"", "{'op':'resize','in':[0],'shape':[5,2],'bicubic':true}", 1, {3, {3, 4, 2}}},
    {"",
     "{'op':'resize','in':[0],'shape':[2,7],'bicubic':true,'align_corners':true}",
     1,
     {3, {3, 4, 2}}},
    {"",
     "{'op':'resize','in':[0],'shape':[5,4],'bicubic':true,'antialias':true}",
     1,
     {3, {3, 4, 2}}},
    {"",
     "{'op':'upsample','in':[0],'kernel':2,'bilinear':true,'antialias':true}",
     1,
     {3, {3, 4, 2}}},
    {VECTOR("g", 2) "," VECTOR("b", 2) "," BUFFER("m", 2) "," BUFFER("v", 2),
     "{'op':'batch_norm2d','in':[4,0,1,2,3],'a':0.001,'b':0.25,'relu':true}",
     5,
     {3, {3, 4, 2}}},
    {VECTOR("g", 2) "," VECTOR("b", 2) "," BUFFER("m", 2) "," BUFFER("v", 2),
     "{'op':'batch_norm2d','in':[4,0,1,2,3],'a':0.001,'b':0.25}",
     5,
     {1, {2}}},
    {VECTOR("g", 4) "," VECTOR("b", 4),
     "{'op':'layer_norm','in':[2,0,1],'a':0.01}",
     3,
     {3, {2, 3, 4}}},
    {VECTOR("g", 4) "," VECTOR("b", 4),
     "{'op':'group_norm','in':[2,0,1],'groups':2,'a':0.01}",
     3,
     {3, {2, 3, 4}}},
    {VECTOR("g", 6) "," VECTOR("b", 6),
     "{'op':'group_norm','in':[2,0,1],'groups':2,'a':0.01}",
     3,
     {1, {6}}},
    {"", "{'op':'permute','in':[0],'axes':[0,2,3,1]},{'op':'softmax','in':[1]}", 2, {3, {2, 3, 4}}},
    {"",
     "{'op':'local_response_norm','in':[0],'kernel':3,'a':0.5,'b':0.75,'c':2}",
     1,
     {3, {2, 3, 5}}},
    {"", "{'op':'flatten','in':[0]},{'op':'tanh','in':[1]}", 2, {3, {2, 3, 4}}},
    {"",
     "{'op':'reshape','in':[0],'shape':[-2,6,2]},{'op':'log_softmax','in':[1]}",
     2,
     {3, {1, 3, 4}}},
    {"", "{'op':'reshape','in':[0],'shape':[-2,4,-1]}", 1, {3, {2, 3, 4}}},
    {"", "{'op':'permute','in':[0],'axes':[0,3,1,2]},{'op':'softmax','in':[1]}", 2, {3, {2, 3, 4}}},
    {"",
     "{'op':'max_pool2d','in':[0],'kernel':1,'kernel_w':1,'stride':1,'stride_w':1,'dilation':1,'"
     "dilation_w':1},{'op':'permute',"
     "'in':[1],"
     "'axes':[0,2,1,3]},{'op':'concat','in':[1,2,0],'axis':3}",
     3,
     {3, {3, 3, 2}}},
    {"", "{'op':'concat','in':[0,0],'axis':1},{'op':'softmax','in':[1]}", 2, {3, {2, 3, 4}}},
    {"", "{'op':'slice','in':[0],'axis':3,'from':-2,'to':9223372036854775807}", 1, {3, {2, 3, 4}}},
    {"", "{'op':'slice','in':[0],'axis':1,'from':1,'to':-1}", 1, {2, {4, 3}}},
    {"", "{'op':'pad','in':[0],'shape':[0,1,2,0],'after':[0,0,1,0],'a':0.5}", 1, {3, {2, 3, 4}}},
    {"", "{'op':'pad','in':[0],'shape':[0,1,2],'after':[0,3,0]}", 1, {2, {2, 3}}},
    {"",
     "{'op':'sum','in':[0],'axes':[1,3],'keepdims':true},{'op':'add','in':[0,1]}",
     2,
     {3, {2, 3, 4}}},
    {"", "{'op':'sum','in':[0],'axes':[1]}", 1, {3, {2, 3, 4}}},
    {"", "{'op':'mean','in':[0],'axes':[2,1]}", 1, {3, {2, 3, 4}}},
    {"", "{'op':'mean','in':[0],'axes':[3]},{'op':'neg','in':[1]}", 2, {3, {2, 3, 4}}},
    {"",
     "{'op':'max','in':[0],'axes':[1,3],'keepdims':true},{'op':'mul','in':[0,1]}",
     2,
     {3, {2, 3, 4}}},
    {"", "{'op':'max','in':[0],'axes':[2,1]}", 1, {3, {2, 3, 4}}},
    {"", "{'op':'min','in':[0],'axes':[1,2]}", 1, {3, {2, 3, 4}}},
    {"", "{'op':'min','in':[0],'axes':[2],'keepdims':true}", 1, {2, {3, 4}}},
    {"", "{'op':'dropout','in':[0],'a':0.5}", 1, {3, {2, 3, 4}}},
    /* What broadcasts has fewer dimensions, is computed or held, or is a number. */
    {VECTOR("s", 4), "{'op':'mul','in':[1,0]},{'op':'sub','in':[0,2]}", 3, {3, {2, 3, 4}}},
    {"{'name':'s','shape':[3,1],'trained':true}", "{'op':'mul','in':[1,0]}", 2, {3, {2, 3, 4}}},
    {"",
     "{'op':'reshape','in':[0],'shape':[-2,12]},{'op':'slice','in':[1],'axis':1,'from':0,'to':4},"
     "{'op':'reshape','in':[2],'shape':[-2,1,1,4]},{'op':'div','in':[0,3]}",
     4,
     {3, {1, 3, 4}}},
    {"{'name':'s','shape':[],'trained':true}",
     "{'op':'maximum','in':[1,0]},{'op':'minimum','in':[2,1]},{'op':'add','in':[3,0]}",
     4,
     {3, {2, 3, 4}}},
    {"",
     "{'op':'abs','in':[0]},{'op':'pow','in':[1],'a':3},{'op':'sqrt','in':[1]},"
     "{'op':'add','in':[2,3]}",
     4,
     {2, {3, 4}}},
    {"",
     "{'op':'scale','in':[0],'a':0.5},{'op':'clamp','in':[1],'a':'-inf','b':0.25}",
     2,
     {3, {2, 3, 4}}},
    {"",
     "{'op':'leaky_relu','in':[0],'a':0.2},{'op':'elu','in':[1],'a':0.7},{'op':'relu','in':[2]},"
     "{'op':'add','in':[3,1]}",
     4,
     {3, {2, 3, 4}}},
    {"",
     "{'op':'gelu','in':[0]},{'op':'gelu_tanh','in':[1]},{'op':'silu','in':[2]},"
     "{'op':'softplus','in':[3]},{'op':'log','in':[4]},{'op':'erf','in':[5]}",
     6,
     {3, {2, 3, 4}}},
};
enum { GRAPH_CASES = sizeof graph_cases / sizeof *graph_cases };

static inline tarn_module *graph_case_build(const char *held, const char *steps, int output)
{
    char text[2000];
    snprintf(text, sizeof text, "{'type':'Graph','held':[%s],'steps':[%s],'output':%d}", held,
             steps, output);
    for (char *at = text; *at; at++)
        *at = *at == '\'' ? '"' : *at;
    json_t *json = tarn__json_parse("file", "it", text, strlen(text));
    tarn_module *model = tarn__network_from_json("file", json, 4096);
    cr_assert(model, "%s", tarn_error());
    json_decref(json);
    const tarn_params all = tarn_nn_tensors(model);
    for (int i = 0; i < all.count; i++)
        for (int64_t k = 0; k < tarn_size(all.tensors[i]); k++)
            tarn_values(all.tensors[i])[k] = (tarn_real)(0.25 + (double)((k * 7 + i) % 11) / 8);
    return model;
}

static inline tarn_tensor *graph_case_batch(tarn_shape sample, int count)
{
    tarn_shape shape = {.ndim = sample.ndim + 1, .dim = {count}};
    memcpy(shape.dim + 1, sample.dim, (size_t)sample.ndim * sizeof *sample.dim);
    return tarn_randn(shape);
}

#endif
