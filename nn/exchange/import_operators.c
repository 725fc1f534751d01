/* The operators of ONNX that Tarn has: docs/exchange.md lists them for its users. */
#include "nn/exchange/import_internal.h"

#define ANY_NUMBER 100000
#define ONE(type, op)                                                                              \
    {                                                                                              \
        type, 1, 1, tarn__import_unary, "", &tarn__graph_##op                                      \
    }
#define TWO(type, op)                                                                              \
    {                                                                                              \
        type, 2, 2, tarn__import_binary, "", &tarn__graph_##op                                     \
    }
#define WINDOW " auto_pad dilations kernel_shape pads strides "

static const tarn__import_operator table[] = {
    ONE("Abs", abs),
    TWO("Add", add),
    {"AveragePool", 1, 1, tarn__import_pool, WINDOW " ceil_mode count_include_pad ", NULL},
    {"BatchNormalization", 5, 5, tarn__import_batch_norm,
     " epsilon momentum spatial training_mode ", NULL},
    {"Cast", 1, 1, tarn__import_cast, " to saturate round_mode ", NULL},
    {"Celu", 1, 1, tarn__import_composed, " alpha ", NULL},
    {"Clip", 1, 3, tarn__import_clip, " min max ", NULL},
    {"Concat", 1, ANY_NUMBER, tarn__import_concat, " axis ", NULL},
    {"Constant", 0, 0, tarn__import_constant, " value value_int value_ints value_float ", NULL},
    {"ConstantOfShape", 1, 1, tarn__import_whole_only, " value ", NULL},
    {"Conv", 2, 3, tarn__import_conv, WINDOW " group ", NULL},
    {"ConvTranspose", 2, 3, tarn__import_conv_transpose,
     WINDOW " group output_padding output_shape ", NULL},
    {"DepthToSpace", 1, 1, tarn__import_blocks, " blocksize mode ", NULL},
    TWO("Div", div),
    {"Dropout", 1, 3, tarn__import_dropout, " ratio seed ", NULL},
    {"Elu", 1, 1, tarn__import_numbered, " alpha ", &tarn__graph_elu},
    ONE("Erf", erf),
    ONE("Exp", exp),
    {"Flatten", 1, 1, tarn__import_flatten, " axis ", NULL},
    {"Gather", 2, 2, tarn__import_gather, " axis ", NULL},
    {"Gelu", 1, 1, tarn__import_gelu, " approximate ", NULL},
    {"Gemm", 2, 3, tarn__import_gemm, " alpha beta transA transB ", NULL},
    {"GlobalAveragePool", 1, 1, tarn__import_global_pool, "", NULL},
    {"GlobalMaxPool", 1, 1, tarn__import_global_pool, "", NULL},
    {"GroupNormalization", 3, 3, tarn__import_group_norm, " epsilon num_groups stash_type ", NULL},
    {"HardSigmoid", 1, 1, tarn__import_composed, " alpha beta ", NULL},
    {"HardSwish", 1, 1, tarn__import_composed, "", NULL},
    {"Identity", 1, 1, tarn__import_identity, "", NULL},
    {"InstanceNormalization", 3, 3, tarn__import_instance_norm, " epsilon ", NULL},
    {"LayerNormalization", 2, 3, tarn__import_layer_norm, " axis epsilon stash_type ", NULL},
    {"LeakyRelu", 1, 1, tarn__import_numbered, " alpha ", &tarn__graph_leaky_relu},
    {"LRN", 1, 1, tarn__import_local_response_norm, " alpha beta bias size ", NULL},
    ONE("Log", log),
    {"LogSoftmax", 1, 1, tarn__import_softmax, " axis ", &tarn__graph_log_softmax},
    {"MatMul", 2, 2, tarn__import_matmul, "", NULL},
    {"Max", 1, ANY_NUMBER, tarn__import_binary, "", &tarn__graph_maximum},
    {"MaxPool", 1, 1, tarn__import_pool, WINDOW " ceil_mode storage_order ", NULL},
    {"Mean", 1, ANY_NUMBER, tarn__import_binary, "", &tarn__graph_add},
    {"Min", 1, ANY_NUMBER, tarn__import_binary, "", &tarn__graph_minimum},
    {"Mish", 1, 1, tarn__import_composed, "", NULL},
    TWO("Mul", mul),
    ONE("Neg", neg),
    {"PRelu", 2, 2, tarn__import_prelu, "", NULL},
    {"Pad", 1, 4, tarn__import_pad, " mode pads value ", NULL},
    {"Pow", 2, 2, tarn__import_pow, "", NULL},
    {"Reciprocal", 1, 1, tarn__import_composed, "", NULL},
    {"ReduceMax", 1, 2, tarn__import_reduce, " axes keepdims noop_with_empty_axes ", NULL},
    {"ReduceMean", 1, 2, tarn__import_reduce, " axes keepdims noop_with_empty_axes ", NULL},
    {"ReduceMin", 1, 2, tarn__import_reduce, " axes keepdims noop_with_empty_axes ", NULL},
    {"ReduceSum", 1, 2, tarn__import_reduce, " axes keepdims noop_with_empty_axes ", NULL},
    ONE("Relu", relu),
    {"Reshape", 2, 2, tarn__import_reshape, " allowzero ", NULL},
    {"Resize", 1, 4, tarn__import_resize,
     " antialias axes coordinate_transformation_mode cubic_coeff_a exclude_outside "
     "extrapolation_value keep_aspect_ratio_policy mode nearest_mode ",
     NULL},
    {"Selu", 1, 1, tarn__import_composed, " alpha gamma ", NULL},
    {"Shape", 1, 1, tarn__import_whole_only, " start end ", NULL},
    ONE("Sigmoid", sigmoid),
    {"Slice", 1, 5, tarn__import_slice, " axes ends starts ", NULL},
    {"Softmax", 1, 1, tarn__import_softmax, " axis ", &tarn__graph_softmax},
    ONE("Softplus", softplus),
    {"Softsign", 1, 1, tarn__import_composed, "", NULL},
    {"SpaceToDepth", 1, 1, tarn__import_blocks, " blocksize ", NULL},
    {"Split", 1, 2, tarn__import_split, " axis num_outputs split ", NULL},
    ONE("Sqrt", sqrt),
    {"Squeeze", 1, 2, tarn__import_squeeze, " axes ", NULL},
    TWO("Sub", sub),
    {"Sum", 1, ANY_NUMBER, tarn__import_binary, "", &tarn__graph_add},
    {"Swish", 1, 1, tarn__import_composed, " alpha ", NULL},
    ONE("Tanh", tanh),
    {"Transpose", 1, 1, tarn__import_transpose, " perm ", NULL},
    {"Unsqueeze", 1, 2, tarn__import_unsqueeze, " axes ", NULL},
    {"Upsample", 1, 2, tarn__import_resize, " mode ", NULL},
};

const tarn__import_operator *tarn__import_operator_of(const tarn__onnx_node *node)
{
    const bool own = node->domain.size == 0 || tarn__bytes_are(node->domain, "ai.onnx");
    for (size_t i = 0; own && i < sizeof table / sizeof *table; i++)
        if (tarn__bytes_are(node->type, table[i].type))
            return &table[i];
    return NULL;
}
