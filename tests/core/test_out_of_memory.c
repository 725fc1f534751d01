/* Operations whose working memory is refused: each says so, gives back what it had taken, and the
   next step is as if nothing had happened. */
#include <string.h>

#include "core/op_internal.h"
#include "tests/support/mistakes.h"

/* ---- One operation */

/* How much of the tape's memory a product keeps, whose second operand has a copy in bfloat16. */
static size_t kept_by_product(tarn_tensor *a, tarn_tensor *b, size_t limit)
{
    const tarn__arena_position before = tarn__scratch_push();
    tarn__block_limit(limit);
    const bool complete = tarn_matmul(a, b);
    tarn__block_limit(SIZE_MAX);
    cr_assert_eq(complete, limit > 0);
    const tarn__arena_position after = tarn__scratch_push();
    cr_assert_eq(after.chunk, before.chunk);
    return after.used - before.used;
}

/* The copy of the first fits into what the tape has, that of the second does not. */
Test(out_of_memory, a_product_of_stacks_gives_back_what_it_had)
{
#ifdef __SANITIZE_ADDRESS__
    cr_skip_test("every block is a heap block of its own");
#endif
    tarn_tensor *a = tarn_rand(tarn_shape(2, 4, 64)), *b = tarn_rand(tarn_shape(2, 64, 256));
    tarn_tensor *small = tarn_zeros(tarn_shape(1));
    tarn_set_precision(TARN_BF16);
    tarn_tape *tape = tarn_tape_begin();
    tarn_relu(small); /* which makes the tape's first chunk */
    const size_t refused = kept_by_product(a, b, 0);
    cr_assert_eq(refused, kept_by_product(a, b, SIZE_MAX));
    tarn_tape_end(tape);
    tarn_free(a);
    tarn_free(b);
    tarn_free(small);
}

/* ---- All that take working memory */

typedef struct network {
    tarn_module *convolutions;
    tarn_tensor *x, *stack, *mask, *row;
} network;

static tarn_tensor *new_weights(tarn_shape shape)
{
    return tarn_requires_grad(tarn_rand(shape), true);
}

static tarn_tensor *loss_of(const network *n)
{
    tarn_tensor *y = tarn_nn_forward(n->convolutions, n->x); /* (2,8,8,4) */
    y = tarn_upsample_bilinear2d(y, 5, 6);
    y = tarn_matmul(y, n->stack); /* (2,5,6,4) (2,1,4,4) */
    return tarn_mean(tarn_square(tarn_where(n->mask, tarn_mul(y, n->row), n->row)));
}

/* The loss and, summed up, its gradients; false if it was refused memory. */
static bool step(const network *n, size_t limit, double result[2])
{
    tarn_tape *tape = tarn_tape_begin();
    tarn__block_limit(limit);
    tarn_tensor *loss = loss_of(n);
    const tarn_params all = tarn_nn_parameters(n->convolutions);
    for (int i = 0; i < all.count; i++)
        tarn_zero_grad(all.tensors[i]);
    tarn_zero_grad(n->stack);
    tarn_zero_grad(n->row);
    const bool complete = tarn_backward(loss);
    tarn__block_limit(SIZE_MAX);
    if (complete) {
        result[0] = tarn_item(loss);
        result[1] = 0;
        for (int i = 0; i < all.count; i++)
            for (int64_t k = 0; k < tarn_size(all.tensors[i]); k++)
                result[1] += (double)tarn_gradients(all.tensors[i])[k];
        for (int64_t k = 0; k < tarn_size(n->stack); k++)
            result[1] += (double)tarn_gradients(n->stack)[k];
        for (int64_t k = 0; k < tarn_size(n->row); k++)
            result[1] += (double)tarn_gradients(n->row)[k];
    }
    tarn_tape_end(tape);
    return complete;
}

/* The limit grows from nothing to what a step needs, so that each block is refused once where each
   is asked for by itself, as it is under a sanitizer. */
static void refuse_each(tarn_precision precision)
{
    network n = {
        .convolutions = tarn_nn_sequential(
            tarn_nn_conv2d(4, 8, 3, .padding = 1), tarn_nn_batch_norm2d(8), tarn_nn_relu(),
            tarn_nn_conv2d(8, 8, 3, .padding = 1), tarn_nn_relu(), tarn_nn_max_pool2d(2),
            tarn_nn_batch_norm2d(8), tarn_nn_conv_transpose2d(8, 4, 2, .stride = 2),
            tarn_nn_layer_norm(4), tarn_nn_rms_norm(4), tarn_nn_linear(4, 4), tarn_nn_relu(),
            tarn_nn_linear(4, 4)),
        .x = tarn_rand(tarn_shape(2, 8, 8, 4)),
        .stack = new_weights(tarn_shape(2, 1, 4, 4)),
        .row = new_weights(tarn_shape(1, 1, 1, 4)),
        .mask = tarn_rand(tarn_shape(2, 5, 6, 4)),
    };
    double expected[2], result[2];
    record_mistakes();
    tarn_set_precision(precision);
    for (int64_t i = 0; i < tarn_size(n.mask); i++)
        tarn_values(n.mask)[i] = i % 3 == 0;
    cr_assert_not(step(&n, 0, result)); /* which has no memory yet from steps before */
    cr_assert(step(&n, SIZE_MAX, expected), "%s", tarn_error());
    for (size_t limit = 0; !step(&n, limit, result); limit += 256) {
        cr_assert(strstr(tarn_error(), "out of memory"), "%s", tarn_error());
        cr_assert(step(&n, SIZE_MAX, result), "%s", tarn_error());
        cr_assert(result[0] == expected[0] && result[1] == expected[1]);
    }
    tarn_nn_free(n.convolutions);
    tarn_free(n.x);
    tarn_free(n.stack);
    tarn_free(n.row);
    tarn_free(n.mask);
}

Test(out_of_memory, each_operation_says_so)
{
    refuse_each(TARN_FLOAT);
}

Test(out_of_memory, each_operation_says_so_in_bfloat16)
{
    refuse_each(TARN_BF16);
}
