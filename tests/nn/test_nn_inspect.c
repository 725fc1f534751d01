/* What is in files, as a table. */
#include <stdio.h>
#include <unistd.h>

#include "tests/nn/nn_test.h"

#define GOLDEN TARN_SOURCE_DIR "/tests/golden/nn/exchange/"

/* What is printed of the file; the caller frees it. */
static char *print(const char *path)
{
    char *text = NULL;
    size_t size;
    FILE *stream = open_memstream(&text, &size);
    cr_assert(tarn_nn_inspect(path, stream), "%s", tarn_error());
    fclose(stream);
    return text;
}

static void shows(const char *path, const char *words)
{
    char *text = print(path);
    cr_assert(strstr(text, words), "%s\ndoes not hold\n%s", text, words);
    free(text);
}

Test(inspect, files_of_others)
{
    shows(GOLDEN "f16.safetensors", "Name    Type  Shape  Bytes\n"
                                    "bias    F16   [3]        6\n"
                                    "weight  F16   [3,2]     12\n"
                                    "2 tensors, 18 bytes\n"
                                    "layout: the file says none\n");
    shows(GOLDEN "torch.safetensors", "1.num_batches_tracked  I64   []             8\n");
    shows(GOLDEN "torch.safetensors", "layout: the file says none\nformat: pt\n");
    shows(GOLDEN "deflated.npz", "long        F32   [100,20]  8,000\n");
    shows(GOLDEN "cube.npy", "F64 (2,3,4), Fortran's order of elements, big end first\n");
    shows(GOLDEN "adam_state.safetensors", "optimizer: Adam\n");
}

Test(inspect, onnx)
{
    shows(GOLDEN "chain_old.onnx", "0.weight  F32   [2,1,3,3]     72\n");
    shows(GOLDEN "chain_old.onnx", "6 tensors, 444 bytes\n");
    shows(GOLDEN "branches_dynamo.onnx",
          "input: x  F32  [?,1,8,8]\noutput: linear_1  F32  [?,3]\n");
    shows(GOLDEN "chain_old.onnx", "opset: ");
    shows(GOLDEN "chain_old.onnx", "producer: pytorch\n");
    shows(GOLDEN "chain_old.onnx", "operators: Conv, Flatten, Gemm (2), MaxPool, Relu, Tanh\n");
}

Test(inspect, files_of_tarns)
{
    char path[] = "/tmp/tarn-test-inspect-XXXXXX";
    close(mkstemp(path));
    tarn_module *model = tarn_nn_linear(3, 2);
    cr_assert(tarn_nn_save(model, path));
    shows(path, "layout: images NHWC, convolution weights HWIO, linear weights (in, out)\n");
    shows(path, "format: tarn\ntarn: {\"version\":1,\"network\":{\"type\":\"Linear\"");
    FILE *file = fopen(path, "rb");
    cr_assert(file && fseek(file, -1, SEEK_END) == 0);
    const long size = ftell(file);
    fclose(file);
    cr_assert_eq(truncate(path, size), 0);
    cr_assert_not(tarn_nn_inspect(path, stdout));
    cr_assert(strstr(tarn_error(), "cut off"), "%s", tarn_error());
    unlink(path);
    cr_assert_not(tarn_nn_inspect(path, stdout));
    cr_assert(strstr(tarn_error(), "cannot be read"));
    tarn_nn_free(model);
}

Test(inspect, mistakes)
{
    assert_mistake(tarn_nn_inspect(NULL, stdout), "nn_inspect: the path is NULL");
    assert_mistake(tarn_nn_inspect("file", NULL), "nn_inspect: the stream is NULL");
}
