#include <math.h>

#include "tests/nn/nn_test.h"

static tarn_tensor *ids_of(tarn_shape shape, const int *ids)
{
    tarn_tensor *x = tarn_zeros(shape);
    for (int64_t i = 0; i < tarn_size(x); i++)
        tarn_values(x)[i] = (tarn_real)ids[i];
    return x;
}

/* y = the rows of the weight; the gradient of a row is the sum over its places. */
static void check(tarn_shape shape, const int *ids)
{
    enum { COUNT = 7, SIZE = 3 };
    tarn_module *layer = tarn_nn_embedding(COUNT, SIZE);
    tarn_tensor *x = ids_of(shape, ids), *weight = parameter(layer, "weight");
    double expected[COUNT * SIZE] = {0};
    tarn_tape *tape = tarn_tape_begin();
    tarn_tensor *y = tarn_nn_forward(layer, x);
    cr_assert_eq(tarn_ndim(y), shape.ndim + 1);
    for (int i = 0; i < shape.ndim; i++)
        cr_assert_eq(tarn_dim(y, i), shape.dim[i]);
    cr_assert_eq(tarn_dim(y, -1), SIZE);
    for (int64_t i = 0; i < tarn_size(y); i++) {
        const int64_t at = ids[i / SIZE] * SIZE + i % SIZE;
        cr_assert_eq(tarn_values(y)[i], tarn_values(weight)[at]);
        expected[at] += 2 * (double)tarn_values(weight)[at];
    }
    cr_assert(tarn_backward(tarn_sum(tarn_square(y))));
    for (int i = 0; i < COUNT * SIZE; i++)
        cr_assert_float_eq((double)tarn_gradients(weight)[i], expected[i], 1e-5);
    cr_assert_null(tarn_gradients(x));
    tarn_tape_end(tape);
    tarn_free(x);
    tarn_nn_free(layer);
}

Test(embedding, of_shapes)
{
    const int ids[] = {6, 0, 3, 3, 0, 3, 1, 1};
    check(tarn_shape(8), ids);
    check(tarn_shape(2, 4), ids);
    check(tarn_shape(2, 2, 2), ids);
    check(tarn_shape(), ids);
    check(tarn_shape(0), ids);
    check(tarn_shape(0, 5), ids);
    check(tarn_shape(1, 1, 2, 1, 2, 1, 2), ids);
}

/* The array of ids grows and is used again. */
Test(embedding, twice_on_one_tape)
{
    tarn_module *layer = tarn_nn_embedding(5, 2);
    tarn_tensor *weight = parameter(layer, "weight");
    tarn_tensor *a = ids_of(tarn_shape(2), (int[]){1, 4});
    tarn_tensor *b = ids_of(tarn_shape(3, 1), (int[]){4, 0, 4});
    tarn_tape *tape = tarn_tape_begin();
    tarn_tensor *first = tarn_sum(tarn_nn_forward(layer, a));
    tarn_tensor *second = tarn_sum(tarn_nn_forward(layer, b));
    cr_assert(tarn_backward(tarn_add(first, tarn_scale(second, 10))));
    const double expected[] = {10, 1, 0, 0, 21};
    for (int i = 0; i < 10; i++)
        cr_assert_eq((double)tarn_gradients(weight)[i], expected[i / 2]);
    tarn_tape_end(tape);
    tarn_free(a);
    tarn_free(b);
    tarn_nn_free(layer);
}

Test(embedding, starts_standard_normal)
{
    tarn_seed(1);
    tarn_module *layer = tarn_nn_embedding(100, 100);
    const tarn_real *w = tarn_values(parameter(layer, "weight"));
    double sum = 0, squares = 0;
    for (int i = 0; i < 10000; i++) {
        sum += (double)w[i];
        squares += (double)(w[i] * w[i]);
    }
    cr_assert_float_eq(sum / 10000, 0, 0.04);
    cr_assert_float_eq(squares / 10000, 1, 0.06);
    tarn_nn_free(layer);
}

Test(embedding, in_a_model)
{
    char text[1000] = "";
    FILE *stream = tmpfile();
    tarn_module *model =
        tarn_nn_sequential(tarn_nn_embedding(10, 4), tarn_nn_flatten(), tarn_nn_linear(12, 2));
    cr_assert(tarn_nn_summary(model, tarn_shape(2, 3), stream));
    rewind(stream);
    cr_assert(fread(text, 1, sizeof text - 1, stream));
    cr_assert(strstr(text, "Embedding(10, 4)") && strstr(text, "(2,3,4)"), "%s", text);
    cr_assert_eq(tarn_nn_parameter_count(model), 40 + 26);
    cr_assert_str_eq(tarn_nn_parameters(model).names[0], "0.weight");
    fclose(stream);
    tarn_nn_free(model);
}

Test(embedding, bad_input)
{
    assert_mistake(tarn_nn_embedding(0, 3), "nn_embedding: count is 0, expects at least 1");
    assert_mistake(tarn_nn_embedding(3, -1), "nn_embedding: size is -1, expects at least 1");
#ifndef TARN_DOUBLE
    assert_mistake(tarn_nn_embedding((1 << 24) + 1, 1),
                   "nn_embedding: count is 16777217, expects at most 16777216");
#endif
    const double bad[] = {10, -1, 2.5, NAN, INFINITY, -INFINITY, 1e30, -0.25};
    tarn_module *layer = tarn_nn_embedding(10, 2);
    tarn_tensor *x = tarn_zeros(tarn_shape(2, 3)),
                *full = tarn_zeros(tarn_shape(1, 1, 1, 1, 1, 1, 1, 1));
    tarn_tape *tape = tarn_tape_begin();
    for (int i = 0; i < 8; i++) {
        char words[200];
        snprintf(words, sizeof words,
                 "nn_embedding: input (2,3) holds %.9g at position 4, expects whole numbers from 0 "
                 "to 9",
                 (double)(tarn_real)bad[i]);
        tarn_values(x)[4] = (tarn_real)bad[i];
        assert_mistake(tarn_nn_forward(layer, x), words);
    }
    tarn_values(x)[4] = (tarn_real)-0.0;
    cr_assert(tarn_nn_forward(layer, x));
    assert_mistake(tarn_nn_forward(layer, full), "nn_embedding: input (1,1,1,1,1,1,1,1) has 8");
    cr_assert_null(tarn_nn_forward(layer, NULL));
    tarn_tape_end(tape);
    assert_mistake(tarn_nn_forward(layer, x), ": no tape is open");
    tarn_free(x);
    tarn_free(full);
    tarn_nn_free(layer);
}
