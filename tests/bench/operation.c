#include "tests/bench/operation.h"

/* ---- Labels: class ids for losses, rows for an embedding. */

enum { ROWS = 1024, CLASSES = 1000, IDS = 8192 };

static tarn_labels some_labels(int count)
{
    static int32_t ids[IDS];
    for (int i = 0; i < IDS && ids[1] == 0; i++)
        ids[i] = i * 7 % CLASSES;
    return tarn_labels(count, ids);
}

/* ---- What is called */

#define CALL(name, expression)                                                                     \
    static tarn_tensor *name(tarn_tensor *const *in)                                               \
    {                                                                                              \
        return expression;                                                                         \
    }

CALL(add, tarn_add(in[0], in[1]))
CALL(mul, tarn_mul(in[0], in[1]))
CALL(divide, tarn_div(in[0], in[1]))
CALL(maximum, tarn_maximum(in[0], in[1]))
CALL(relu, tarn_relu(in[0]))
CALL(leaky_relu, tarn_leaky_relu(in[0]))
CALL(elu, tarn_elu(in[0]))
CALL(sigmoid, tarn_sigmoid(in[0]))
CALL(hyperbolic, tarn_tanh(in[0]))
CALL(gelu, tarn_gelu(in[0]))
CALL(silu, tarn_silu(in[0]))
CALL(softplus, tarn_softplus(in[0]))
CALL(hardswish, tarn_hardswish(in[0]))
CALL(relu6, tarn_relu6(in[0]))
CALL(mish, tarn_mish(in[0]))
CALL(prelu, tarn_prelu(in[0], in[1]))
CALL(sine, tarn_sin(in[0]))
CALL(exponential, tarn_exp(in[0]))
CALL(logarithm, tarn_log(in[0]))
CALL(root, tarn_sqrt(in[0]))
CALL(square, tarn_square(in[0]))
CALL(power, tarn_pow(in[0], 1.7))
CALL(clamp, tarn_clamp(in[0], 0.2, 0.8))
CALL(dropout, tarn_dropout(in[0], 0.5))
CALL(sum, tarn_sum(in[0]))
CALL(mean_first, tarn_mean_axis(in[0], 0))
CALL(mean_last, tarn_mean_axis(in[0], -1))
CALL(mean_pixels, tarn_mean_axes(in[0], tarn_axes(1, 2)))
CALL(mean_outer, tarn_mean_axes(in[0], tarn_axes(0, 1, 2)))
CALL(spread, tarn_var_axes(in[0], tarn_axes(-1)))
CALL(max_all, tarn_max(in[0]))
CALL(max_first, tarn_max_axis(in[0], 0))
CALL(max_last, tarn_max_axis(in[0], -1))
CALL(softmax, tarn_softmax(in[0]))
CALL(log_softmax, tarn_log_softmax(in[0]))
CALL(logsumexp, tarn_logsumexp(in[0]))
CALL(cumsum, tarn_cumsum(in[0], -1))
CALL(flip, tarn_flip(in[0], -1))
CALL(cross_entropy, tarn_cross_entropy(in[0], some_labels(ROWS)))
CALL(binary_cross_entropy, tarn_binary_cross_entropy(in[0], in[1]))
CALL(mse, tarn_mse(in[0], in[1]))
CALL(huber, tarn_huber(in[0], in[1]))
CALL(layer_norm, tarn_layer_norm(in[0], in[1], in[2]))
CALL(rms_norm, tarn_rms_norm(in[0], in[1]))
CALL(group_norm, tarn_group_norm(in[0], 4, in[1], in[2]))
CALL(concat, tarn_concat(-1, in[0], in[1]))
CALL(slice, tarn_slice(in[0], 1, 8, 24))
CALL(transpose, tarn_transpose(in[0], 0, 1))
CALL(pad, tarn_pad(in[0], tarn_shape(0, 1, 1, 0), tarn_shape(0, 1, 1, 0)))
CALL(embedding, tarn_gather_rows(in[0], some_labels(IDS)))
CALL(linear, tarn_linear(in[0], in[1], in[2]))
CALL(matmul_stack, tarn_matmul(in[0], in[1]))
CALL(max_pool, tarn_max_pool2d(in[0], 2))
CALL(max_pool_3, tarn_max_pool2d(in[0], 3, .stride = 2, .padding = 1))
CALL(avg_pool, tarn_avg_pool2d(in[0], 2))
CALL(global_avg_pool, tarn_global_avg_pool2d(in[0]))
CALL(nearest, tarn_upsample_nearest2d(in[0], 32, 32))
CALL(bilinear, tarn_upsample_bilinear2d(in[0], 32, 32))
CALL(conv_transpose, tarn_conv_transpose2d(in[0], in[1], NULL, .stride = 2))

/* The running statistics are not read, but they are written. */
static tarn_tensor *batch_norm(tarn_tensor *const *in)
{
    static tarn_tensor *mean, *variance;
    mean = mean ? mean : tarn_zeros(tarn_shape_get(in[1]));
    variance = variance ? variance : tarn_full(tarn_shape_get(in[1]), 1);
    return tarn_batch_norm2d(in[0], in[1], in[2], mean, variance, .training = true);
}

/* clang-format off */
#define MAP {4, {64, 32, 32, 16}}
#define HALF_MAP {4, {64, 16, 16, 32}}
#define MATRIX {2, {ROWS, CLASSES}}
#define VECTOR(n) {1, {n}}
/* clang-format on */

const operation operations[] = {
    {"op-add", add, {MAP, MAP}},
    {"op-add-bias", add, {MAP, VECTOR(16)}},
    {"op-mul", mul, {MAP, MAP}},
    {"op-div", divide, {MAP, MAP}},
    {"op-maximum", maximum, {MAP, MAP}},
    {"op-relu", relu, {MAP}},
    {"op-leaky_relu", leaky_relu, {MAP}},
    {"op-elu", elu, {MAP}},
    {"op-elu-signs", elu, {MAP}},
    {"op-sigmoid", sigmoid, {MAP}},
    {"op-tanh", hyperbolic, {MAP}},
    {"op-gelu", gelu, {MAP}},
    {"op-gelu-signs", gelu, {MAP}},
    {"op-silu", silu, {MAP}},
    {"op-softplus", softplus, {MAP}},
    {"op-hardswish", hardswish, {MAP}},
    {"op-relu6", relu6, {MAP}},
    {"op-mish", mish, {MAP}},
    {"op-prelu", prelu, {MAP, VECTOR(16)}},
    {"op-sin", sine, {MAP}},
    {"op-exp", exponential, {MAP}},
    {"op-log", logarithm, {MAP}},
    {"op-sqrt", root, {MAP}},
    {"op-square", square, {MAP}},
    {"op-pow", power, {MAP}},
    {"op-clamp", clamp, {MAP}},
    {"op-dropout", dropout, {MAP}},
    {"op-sum", sum, {MAP}},
    {"op-mean-first-axis", mean_first, {MATRIX}},
    {"op-mean-last-axis", mean_last, {MATRIX}},
    {"op-mean-pixels", mean_pixels, {MAP}},
    {"op-mean-but-channels", mean_outer, {MAP}},
    {"op-var-last-axis", spread, {MATRIX}},
    {"op-max", max_all, {MAP}},
    {"op-max-first-axis", max_first, {MATRIX}},
    {"op-max-last-axis", max_last, {MATRIX}},
    {"op-softmax", softmax, {MATRIX}},
    {"op-log_softmax", log_softmax, {MATRIX}},
    {"op-logsumexp", logsumexp, {MATRIX}},
    {"op-cumsum-last-axis", cumsum, {MATRIX}},
    {"op-flip-last-axis", flip, {MATRIX}},
    {"op-cross_entropy", cross_entropy, {MATRIX}},
    {"op-binary_cross_entropy", binary_cross_entropy, {MATRIX, MATRIX}},
    {"op-mse", mse, {MATRIX, MATRIX}},
    {"op-huber", huber, {MATRIX, MATRIX}},
    {"op-batch_norm2d", batch_norm, {MAP, VECTOR(16), VECTOR(16)}},
    {"op-layer_norm", layer_norm, {MATRIX, VECTOR(CLASSES), VECTOR(CLASSES)}},
    {"op-rms_norm", rms_norm, {MATRIX, VECTOR(CLASSES)}},
    {"op-group_norm", group_norm, {MAP, VECTOR(16), VECTOR(16)}},
    {"op-concat-channels", concat, {MAP, MAP}},
    {"op-slice-rows", slice, {MAP}},
    {"op-transpose", transpose, {MATRIX}},
    {"op-pad", pad, {MAP}},
    {"op-embedding", embedding, {{2, {CLASSES, 64}}}},
    {"op-linear", linear, {{2, {128, 512}}, {2, {512, 512}}, VECTOR(512)}},
    {"op-matmul-stack", matmul_stack, {{3, {64, 64, 32}}, {3, {64, 32, 64}}}},
    {"op-max_pool2d-2", max_pool, {MAP}},
    {"op-max_pool2d-3", max_pool_3, {MAP}},
    {"op-avg_pool2d", avg_pool, {MAP}},
    {"op-global_avg_pool2d", global_avg_pool, {MAP}},
    {"op-upsample_nearest2d", nearest, {HALF_MAP}},
    {"op-upsample_bilinear2d", bilinear, {HALF_MAP}},
    {"op-conv_transpose2d", conv_transpose, {HALF_MAP, {4, {2, 2, 16, 32}}}},
    {"op-conv_transpose2d-1", conv_transpose, {{4, {1, 16, 16, 32}}, {4, {2, 2, 16, 32}}}},
    {0},
};
