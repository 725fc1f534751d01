/* Every operation on several tensors, or with sizes of its own, at every combination of dimensions
   of 0, 1 and 2: a result that can be differentiated, or one sentence, and never a signal. */
#include "tests/support/mistakes.h"

enum { OPERANDS = 5, LARGEST = 2 };

typedef tarn_tensor *operation(tarn_tensor *const *x);

static const int32_t ids[] = {0, 1};

/* As many labels as there are rows. */
static tarn_labels labels_for(const tarn_tensor *x)
{
    return tarn_labels(tarn_ndim(x) > 0 ? tarn_dim(x, 0) : 0, ids);
}

#define OPERATION(name, expression)                                                                \
    static tarn_tensor *name(tarn_tensor *const *x)                                                \
    {                                                                                              \
        return expression;                                                                         \
    }

OPERATION(add, tarn_add(x[0], x[1]))
OPERATION(maximum, tarn_maximum(x[0], x[1]))
OPERATION(where, tarn_where(x[0], x[1], x[2]))
OPERATION(add_relu, tarn_add_relu(x[0], x[1]))
OPERATION(softplus, tarn_softplus(x[0]))
OPERATION(dropout, tarn_dropout(x[0], 0.5))
OPERATION(dropout2d, tarn_dropout2d(x[0], 0.5))
OPERATION(mean, tarn_mean(x[0]))
OPERATION(sum_axis, tarn_sum_axis(x[0], 1))
OPERATION(var, tarn_var(x[0]))
OPERATION(var_axes, tarn_var_axes(x[0], tarn_axes(0, 2)))
OPERATION(max, tarn_max(x[0]))
OPERATION(max_axis, tarn_max_axis(x[0], 1))
OPERATION(slice, tarn_slice(x[0], 1, 0, 1))
OPERATION(permute, tarn_permute(x[0], tarn_axes(2, 0, 1)))
OPERATION(concat, tarn_concat(1, x[0], x[1]))
OPERATION(stack, tarn_stack(0, x[0], x[1]))
OPERATION(pad, tarn_pad(x[0], tarn_shape(0, 1, 0, 2), tarn_shape(1, 0, 0, 0)))
OPERATION(gather_rows, tarn_gather_rows(x[0], tarn_labels(2, ids)))
OPERATION(gather_no_rows, tarn_gather_rows(x[0], tarn_labels(0, NULL)))
OPERATION(matmul, tarn_matmul(x[0], x[1]))
OPERATION(linear, tarn_linear(x[0], x[1], x[2]))
OPERATION(conv2d, tarn_conv2d(x[0], x[1], NULL))
OPERATION(conv2d_padded, tarn_conv2d(x[0], x[1], NULL, .padding = 1, .stride = 2))
OPERATION(conv2d_pooled, tarn_conv2d(x[0], x[1], NULL, .padding = 1, .max_pool = 2))
OPERATION(conv2d_grouped, tarn_conv2d(x[0], x[1], NULL, .padding = 1, .groups = 2))
OPERATION(conv2d_bias, tarn_conv2d(x[0], x[1], x[2]))
OPERATION(conv_transpose2d, tarn_conv_transpose2d(x[0], x[1], NULL))
OPERATION(max_pool2d, tarn_max_pool2d(x[0], 1))
OPERATION(max_pool2d_padded, tarn_max_pool2d(x[0], 2, .padding = 1))
OPERATION(avg_pool2d, tarn_avg_pool2d(x[0], 2, .padding = 1))
OPERATION(global_avg_pool2d, tarn_global_avg_pool2d(x[0]))
OPERATION(adaptive_max_pool2d, tarn_adaptive_max_pool2d(x[0], 2, 1))
OPERATION(adaptive_avg_pool2d, tarn_adaptive_avg_pool2d(x[0], 2, 1))
OPERATION(upsample_nearest2d, tarn_upsample_nearest2d(x[0], 3, 1))
OPERATION(upsample_bilinear2d, tarn_upsample_bilinear2d(x[0], 3, 1))
OPERATION(upsample_bicubic2d, tarn_upsample_bicubic2d(x[0], 3, 1))
OPERATION(batch_norm2d, tarn_batch_norm2d(x[0], x[1], x[2], x[3], x[4]))
OPERATION(batch_norm2d_trained, tarn_batch_norm2d(x[0], x[1], x[2], x[3], x[4], .training = true))
OPERATION(layer_norm, tarn_layer_norm(x[0], x[1], x[2]))
OPERATION(group_norm, tarn_group_norm(x[0], 1, x[1], x[2]))
OPERATION(group_norm_by_two, tarn_group_norm(x[0], 2, x[1], x[2]))
OPERATION(softmax, tarn_softmax(x[0]))
OPERATION(log_softmax, tarn_log_softmax(x[0]))
OPERATION(cross_entropy, tarn_cross_entropy(x[0], labels_for(x[0])))
OPERATION(nll, tarn_nll(x[0], labels_for(x[0])))
OPERATION(binary_cross_entropy, tarn_binary_cross_entropy(x[0], x[1]))
OPERATION(mse, tarn_mse(x[0], x[1]))
OPERATION(cross_entropy_soft, tarn_cross_entropy_soft(x[0], x[1]))
OPERATION(kl_div, tarn_kl_div(x[0], x[1]))

/* The operations, and how many dimensions each operand has. */
static const struct {
    const char *name;
    operation *run;
    int ndim[OPERANDS];
} all[] = {
#define ON(name, ...)                                                                              \
    {                                                                                              \
#name, name,                                                                               \
        {                                                                                          \
            __VA_ARGS__                                                                            \
        }                                                                                          \
    }
    ON(add, 3, 2),
    ON(maximum, 3, 2),
    ON(where, 2, 2, 2),
    ON(add_relu, 3, 3),
    ON(softplus, 2),
    ON(dropout, 2),
    ON(dropout2d, 4),
    ON(mean, 3),
    ON(sum_axis, 3),
    ON(var, 3),
    ON(var_axes, 3),
    ON(max, 3),
    ON(max_axis, 3),
    ON(slice, 3),
    ON(permute, 3),
    ON(concat, 3, 3),
    ON(stack, 2, 2),
    ON(pad, 4),
    ON(gather_rows, 2),
    ON(gather_no_rows, 2),
    ON(matmul, 2, 2),
    ON(matmul, 3, 3),
    ON(linear, 2, 2, 1),
    ON(conv2d, 4, 4),
    ON(conv2d_padded, 4, 4),
    ON(conv2d_pooled, 4, 4),
    ON(conv2d_grouped, 4, 4),
    ON(conv2d_bias, 4, 4, 1),
    ON(conv_transpose2d, 4, 4),
    ON(max_pool2d, 4),
    ON(max_pool2d_padded, 4),
    ON(avg_pool2d, 4),
    ON(global_avg_pool2d, 4),
    ON(adaptive_max_pool2d, 4),
    ON(adaptive_avg_pool2d, 4),
    ON(upsample_nearest2d, 4),
    ON(upsample_bilinear2d, 4),
    ON(upsample_bicubic2d, 4),
    ON(batch_norm2d, 4, 1, 1, 1, 1),
    ON(batch_norm2d_trained, 4, 1, 1, 1, 1),
    ON(layer_norm, 2, 1, 1),
    ON(layer_norm, 3, 2, 2),
    ON(group_norm, 4, 1, 1),
    ON(group_norm_by_two, 4, 1, 1),
    ON(softmax, 2),
    ON(log_softmax, 2),
    ON(cross_entropy, 2),
    ON(nll, 2),
    ON(binary_cross_entropy, 2, 2),
    ON(mse, 2, 2),
    ON(cross_entropy_soft, 2, 2),
    ON(kl_div, 2, 2),
};
enum { ALL = sizeof all / sizeof *all };

/* Reads the dimensions of all operands off the digits of number. Returns what is left of it. */
static int make_operands(int k, int number, tarn_tensor *x[OPERANDS])
{
    for (int i = 0; i < OPERANDS && all[k].ndim[i] > 0; i++) {
        int64_t dim[TARN_MAX_NDIM];
        for (int d = 0; d < all[k].ndim[i]; d++, number /= LARGEST + 1)
            dim[d] = number % (LARGEST + 1);
        x[i] = tarn_requires_grad(tarn_full(tarn_shape_of(all[k].ndim[i], dim), 0.5), true);
        cr_assert(x[i]);
    }
    return number;
}

/* Which operands these were, for a report. */
static const char *shapes_of(tarn_tensor *const *x)
{
    static char text[512];
    size_t used = 0;
    for (int i = 0; i < OPERANDS && x[i]; i++)
        used += (size_t)snprintf(text + used, sizeof text - used, "%s ",
                                 tarn_shape_to_text(tarn_shape_get(x[i])).text);
    return text;
}

Test(odd_sizes, give_a_result_or_a_sentence)
{
    for (int k = 0; k < ALL; k++)
        for (int number = 0, rest = 0; rest == 0; number++) {
            tarn_tensor *x[OPERANDS] = {NULL};
            rest = make_operands(k, number, x);
            record_mistakes();
            tarn_tape *tape = tarn_tape_begin();
            tarn_tensor *y = all[k].run(x);
            cr_expect_eq(mistakes(), y ? 0 : 1, "%s of %s", all[k].name, shapes_of(x));
            if (y)
                cr_expect(tarn_backward(tarn_sum(y)), "%s of %s", all[k].name, shapes_of(x));
            tarn_tape_end(tape);
            for (int i = 0; i < OPERANDS; i++)
                tarn_free(x[i]);
        }
}
