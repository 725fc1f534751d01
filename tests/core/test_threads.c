/* The same bits from every operation at any number of threads. */
#define _GNU_SOURCE /* affinities */
#include <dirent.h>
#include <pthread.h>
#include <sched.h>
#include <stdlib.h>
#include <string.h>

#include "tests/support/golden.h"
#include "tests/support/mistakes.h"

/* An operation on one or two inputs of more elements than one thread takes alone. */
#define OPERATION(name, call)                                                                      \
    static tarn_tensor *name(tarn_tensor *const *x, void *context)                                 \
    {                                                                                              \
        (void)context;                                                                             \
        return call;                                                                               \
    }

OPERATION(add, tarn_add(x[0], x[1]))
OPERATION(sub, tarn_sub(x[0], x[1]))
OPERATION(mul, tarn_mul(x[0], x[1]))
OPERATION(divide, tarn_div(x[0], x[1]))
OPERATION(maximum, tarn_maximum(x[0], x[1]))
OPERATION(minimum, tarn_minimum(x[0], x[1]))
OPERATION(where, tarn_where(tarn_relu(x[0]), x[0], x[1]))
OPERATION(scale, tarn_scale(x[0], 0.3))
OPERATION(relu, tarn_relu(x[0]))
OPERATION(sigmoid, tarn_sigmoid(x[0]))
OPERATION(tanh_, tarn_tanh(x[0]))
OPERATION(gelu, tarn_gelu(x[0]))
OPERATION(exp_, tarn_exp(x[0]))
OPERATION(log_, tarn_log(x[0]))
OPERATION(sqrt_, tarn_sqrt(x[0]))
OPERATION(square, tarn_square(x[0]))
OPERATION(dropout, tarn_dropout(x[0], 0.3))
OPERATION(sum, tarn_sum(x[0]))
OPERATION(mean, tarn_mean(x[0]))
OPERATION(sum_axis, tarn_sum_axis(x[0], 0))
OPERATION(mean_axis, tarn_mean_axis(x[0], 1))
OPERATION(sum_axes, tarn_sum_axes(x[0], tarn_axes(0, 2)))
OPERATION(mean_axes, tarn_mean_axes(x[0], tarn_axes(1, 0), .keepdims = true))
OPERATION(var, tarn_var(x[0]))
OPERATION(var_axes, tarn_var_axes(x[0], tarn_axes(0, 1)))
OPERATION(max, tarn_max(x[0]))
OPERATION(max_axis, tarn_max_axis(x[0], 0))
OPERATION(min_axis, tarn_min_axis(x[0], 1))
OPERATION(flatten, tarn_flatten(x[0]))
OPERATION(permute, tarn_permute(tarn_reshape(x[0], tarn_shape(11, 3, 2017)), tarn_axes(1, 2, 0)))
OPERATION(transpose, tarn_transpose(x[0], 0, 1))
OPERATION(narrow_transpose, tarn_transpose(tarn_reshape(x[0], tarn_shape(3, 22187)), 0, 1))
OPERATION(concat, tarn_concat(1, x[0], x[1], x[0]))
OPERATION(narrow_concat, tarn_concat(1, tarn_reshape(x[0], tarn_shape(22187, 3)),
                                     tarn_reshape(x[1], tarn_shape(22187, 3))))
OPERATION(stack, tarn_stack(0, x[0], x[1]))
OPERATION(slice, tarn_slice(x[0], 1, 5, 2000))
OPERATION(pad, tarn_pad(x[0], tarn_shape(1, 2), tarn_shape(3, 0), .value = 0.5))
OPERATION(matmul, tarn_matmul(x[0], x[1]))
OPERATION(conv2d, tarn_conv2d(x[0], x[1], NULL, .padding = 1))
OPERATION(conv_transpose2d, tarn_conv_transpose2d(x[0], x[1], NULL, .stride = 2, .padding = 1))
OPERATION(max_pool2d, tarn_max_pool2d(x[0], 3, .stride = 2))
OPERATION(avg_pool2d, tarn_avg_pool2d(x[0], 3, .stride = 2))
OPERATION(adaptive_avg_pool2d, tarn_adaptive_avg_pool2d(x[0], 7, 4))
OPERATION(upsample_nearest2d, tarn_upsample_nearest2d(x[0], 50, 27))
OPERATION(upsample_bilinear2d, tarn_upsample_bilinear2d(x[0], 50, 27))
OPERATION(upsample_bicubic2d, tarn_upsample_bicubic2d(x[0], 50, 27))
OPERATION(softmax, tarn_softmax(x[0]))
OPERATION(log_softmax, tarn_log_softmax(x[0]))
OPERATION(mse, tarn_mse(x[0], x[1]))
OPERATION(mse_each, tarn_mse(x[0], x[1], .reduction = TARN_NONE))
OPERATION(l1, tarn_l1(x[0], x[1]))
OPERATION(huber, tarn_huber(x[0], x[1], .delta = 0.3))
OPERATION(binary_cross_entropy, tarn_binary_cross_entropy(x[0], x[1]))
OPERATION(cross_entropy_soft, tarn_cross_entropy_soft(x[0], x[1]))
OPERATION(kl_div, tarn_kl_div(x[0], x[1]))

/* Some elements of x, from number first on. */
static tarn_tensor *part(tarn_tensor *const *x, int64_t first, tarn_shape shape)
{
    tarn_tensor *flat = tarn_reshape(x[0], tarn_shape(tarn_size(x[0])));
    return tarn_reshape(tarn_slice(flat, 0, first, first + tarn_shape_size(shape)), shape);
}

/* The newest operation is the sum, whose gradient is there first: so the order in which y adds two
   others to it is seen in the bits. */
static tarn_tensor *plus_sum(tarn_tensor *y, tarn_tensor *const *x)
{
    return tarn_add(y, tarn_sum(x[0]));
}

/* On slices of one tensor that overlap, or on one twice. */
#define OF_SLICES(name, call) OPERATION(name##_of_slices, plus_sum(call, x))
#define A part(x, 0, tarn_shape(32, 3600))
#define B part(x, 3600, tarn_shape(32, 3600))
#define ROW part(x, 7300, tarn_shape(3600))
#define MATRICES part(x, 0, tarn_shape(32, 60, 60))

OF_SLICES(add_relu, tarn_add_relu(A, B))
OF_SLICES(mul, tarn_mul(A, B))
OF_SLICES(maximum, tarn_maximum(B, A))
OF_SLICES(where, tarn_where(B, A, B))
OF_SLICES(mse, tarn_mse(A, B))
OF_SLICES(binary_cross_entropy, tarn_binary_cross_entropy(A, B))
OF_SLICES(cross_entropy_soft, tarn_cross_entropy_soft(A, B, .reduction = TARN_SUM))
OF_SLICES(kl_div, tarn_kl_div(A, B, .reduction = TARN_SUM))
OF_SLICES(concat, tarn_concat(1, A, B, A))
OF_SLICES(matmul, tarn_matmul(MATRICES, part(x, 60, tarn_shape(32, 60, 60))))
OF_SLICES(matmul_twice, tarn_matmul(MATRICES, MATRICES))
OF_SLICES(linear, tarn_linear(part(x, 0, tarn_shape(1920, 60)), part(x, 30, tarn_shape(60, 60)),
                              part(x, 90, tarn_shape(60))))
OF_SLICES(layer_norm, tarn_layer_norm(A, ROW, ROW))
OF_SLICES(conv2d, tarn_conv2d(part(x, 0, tarn_shape(32, 15, 15, 16)),
                              part(x, 99, tarn_shape(3, 3, 16, 25)), part(x, 9, tarn_shape(25))))

static tarn_tensor *cross_entropy(tarn_tensor *const *x, void *context)
{
    (void)context;
    int64_t rows = tarn_dim(x[0], 0);
    int32_t *ids = calloc((size_t)rows, sizeof *ids);
    tarn_tensor *loss = tarn_cross_entropy(x[0], tarn_labels(rows, ids), .label_smoothing = 0.1);
    free(ids);
    return loss;
}

static tarn_tensor *nll(tarn_tensor *const *x, void *context)
{
    (void)context;
    int64_t rows = tarn_dim(x[0], 0);
    int32_t *ids = calloc((size_t)rows, sizeof *ids);
    tarn_tensor *loss = tarn_nll(x[0], tarn_labels(rows, ids));
    free(ids);
    return loss;
}

static tarn_tensor *gather_rows(tarn_tensor *const *x, void *context)
{
    (void)context;
    int32_t ids[100];
    for (int i = 0; i < 100; i++)
        ids[i] = i * i % 33;
    return tarn_gather_rows(x[0], tarn_labels(100, ids));
}

/* What one run gives: the values of the result, and the gradients of both inputs. */
typedef struct outcome {
    tarn_tensor *y, *dx[2];
} outcome;

static outcome run(tarn_function *function, tarn_tensor *const *x, int threads)
{
    outcome out;
    tarn_set_threads(threads);
    tarn_seed(7);
    tarn_tape *tape = tarn_tape_begin();
    tarn_tensor *y = function(x, NULL);
    out.y = tarn_clone(y);
    cr_assert(tarn_backward(tarn_sum(tarn_square(y))), "%s", tarn_error());
    tarn_tape_end(tape);
    for (int i = 0; i < 2; i++) {
        const tarn_real *gradients = tarn_gradients(x[i]);
        out.dx[i] = gradients ? tarn_from_array(tarn_shape_get(x[i]), gradients) : NULL;
        tarn_zero_grad(x[i]);
    }
    return out;
}

static void free_outcome(outcome out)
{
    tarn_free(out.y);
    tarn_free(out.dx[0]);
    tarn_free(out.dx[1]);
}

static bool same_bits(const tarn_tensor *a, const tarn_tensor *b)
{
    return tarn_size(a) == tarn_size(b) &&
           (!a ||
            memcmp(tarn_values(a), tarn_values(b), (size_t)tarn_size(a) * sizeof(tarn_real)) == 0);
}

static void compare(const char *name, tarn_function *function, tarn_shape a, tarn_shape b)
{
    tarn_seed(3);
    tarn_tensor *x[] = {tarn_requires_grad(tarn_rand(a), true),
                        tarn_requires_grad(tarn_rand(b), true)};
    outcome one = run(function, x, 1);
    for (int threads = 2; threads <= 4; threads++) {
        outcome many = run(function, x, threads);
        cr_expect(same_bits(many.y, one.y), "%s: values differ at %d threads", name, threads);
        for (int i = 0; i < 2; i++)
            cr_expect(same_bits(many.dx[i], one.dx[i]),
                      "%s: gradients of input %d differ at %d threads", name, i, threads);
        free_outcome(many);
    }
    free_outcome(one);
    tarn_free(x[0]);
    tarn_free(x[1]);
}

#define COMPARE(function, a, b) compare(#function, function, a, b)

Test(threads, elementwise)
{
    const tarn_shape large = tarn_shape(33, 2017), row = tarn_shape(2017);
    const tarn_shape column = tarn_shape(33, 1), longest = tarn_shape(66561);
    tarn_function *const functions[] = {add, sub, mul, divide, maximum, minimum, where};
    for (size_t i = 0; i < sizeof functions / sizeof *functions; i++) {
        COMPARE(functions[i], large, large);
        COMPARE(functions[i], large, row);
        COMPARE(functions[i], column, large);
        COMPARE(functions[i], longest, tarn_shape());
        COMPARE(functions[i], tarn_shape(3, 4001, 7), tarn_shape(3, 1, 7));
        COMPARE(functions[i], tarn_shape(1, 4001, 7), tarn_shape(3, 1, 7));
    }
    COMPARE(scale, large, row);
    COMPARE(relu, large, row);
    COMPARE(sigmoid, large, row);
    COMPARE(tanh_, large, row);
    COMPARE(gelu, large, row);
    COMPARE(exp_, large, row);
    COMPARE(log_, large, row);
    COMPARE(sqrt_, large, row);
    COMPARE(square, large, row);
    COMPARE(dropout, large, row);
}

Test(threads, reductions)
{
    const tarn_shape large = tarn_shape(33, 2017), row = tarn_shape(2017);
    COMPARE(sum, large, row);
    COMPARE(mean, large, row);
    COMPARE(sum_axis, large, row);
    COMPARE(mean_axis, large, row);
    const tarn_shape images = tarn_shape(17, 19, 211, 3), channels = tarn_shape(70, 20, 100);
    COMPARE(sum_axes, images, row);
    COMPARE(mean_axes, images, row);
    COMPARE(var, large, row);
    COMPARE(var_axes, images, row);
    COMPARE(sum_axes, channels, row);
    COMPARE(var_axes, channels, row);
    COMPARE(max, large, row);
    COMPARE(max_axis, large, row);
    COMPARE(min_axis, images, row);
    COMPARE(flatten, large, row);
    COMPARE(softmax, large, row);
    COMPARE(log_softmax, large, row);
    COMPARE(cross_entropy, large, row);
    COMPARE(mse, large, large);
    COMPARE(mse_each, large, large);
    COMPARE(l1, large, large);
    COMPARE(huber, large, large);
    COMPARE(nll, large, row);
    COMPARE(binary_cross_entropy, large, large);
    COMPARE(cross_entropy_soft, large, large);
    COMPARE(kl_div, large, large);
}

Test(threads, shapes)
{
    const tarn_shape large = tarn_shape(33, 2017), row = tarn_shape(2017);
    COMPARE(permute, large, row);
    COMPARE(transpose, large, row);
    COMPARE(narrow_transpose, large, row);
    COMPARE(concat, large, large);
    COMPARE(narrow_concat, large, large);
    COMPARE(stack, large, large);
    COMPARE(slice, large, row);
    COMPARE(pad, large, row);
    COMPARE(gather_rows, large, row);
}

Test(threads, products_and_images)
{
    const tarn_shape images = tarn_shape(7, 21, 19, 13);
    COMPARE(matmul, tarn_shape(131, 77), tarn_shape(77, 129));
    COMPARE(matmul, tarn_shape(33, 31, 37), tarn_shape(33, 37, 35));
    COMPARE(matmul, tarn_shape(5, 33, 47), tarn_shape(7, 1, 47, 45));
    COMPARE(matmul, tarn_shape(3, 131, 97), tarn_shape(3, 97, 129));
    COMPARE(matmul, tarn_shape(2, 131, 97), tarn_shape(97, 129));
    COMPARE(conv2d, images, tarn_shape(3, 3, 13, 17));
    COMPARE(conv_transpose2d, images, tarn_shape(3, 3, 17, 13));
    COMPARE(max_pool2d, images, tarn_shape(1));
    COMPARE(avg_pool2d, images, tarn_shape(1));
    COMPARE(adaptive_avg_pool2d, images, tarn_shape(1));
    COMPARE(upsample_nearest2d, images, tarn_shape(1));
    COMPARE(upsample_bilinear2d, images, tarn_shape(1));
    COMPARE(upsample_bicubic2d, images, tarn_shape(1));
}

Test(threads, slices_that_overlap)
{
    const tarn_shape slices = tarn_shape(33, 3600), none = tarn_shape(1);
    COMPARE(add_relu_of_slices, slices, none);
    COMPARE(mul_of_slices, slices, none);
    COMPARE(maximum_of_slices, slices, none);
    COMPARE(where_of_slices, slices, none);
    COMPARE(mse_of_slices, slices, none);
    COMPARE(binary_cross_entropy_of_slices, slices, none);
    COMPARE(cross_entropy_soft_of_slices, slices, none);
    COMPARE(kl_div_of_slices, slices, none);
    COMPARE(concat_of_slices, slices, none);
    COMPARE(matmul_of_slices, slices, none);
    COMPARE(matmul_twice_of_slices, slices, none);
    COMPARE(conv2d_of_slices, slices, none);
    COMPARE(linear_of_slices, slices, none);
    COMPARE(layer_norm_of_slices, slices, none);
}

Test(threads, number)
{
    tarn_set_threads(3);
    cr_assert_eq(tarn_threads(), 3);
    record_mistakes();
    tarn_set_threads(0);
    cr_assert_eq(mistakes(), 1);
    cr_assert_str_eq(last_mistake(), "set_threads: 0 threads, expects at least 1");
    cr_assert_eq(tarn_threads(), 3);
}

/* ---- Processors */

static int threads_of_the_program(void)
{
    int count = 0;
    DIR *tasks = opendir("/proc/self/task");
    for (const struct dirent *d; tasks && (d = readdir(tasks));)
        count += d->d_name[0] != '.';
    if (tasks)
        closedir(tasks);
    return count;
}

static void add_large(void)
{
    tarn_tensor *x = tarn_zeros(tarn_shape(1 << 17));
    tarn_tape *tape = tarn_tape_begin_no_grad();
    tarn_add(x, x);
    tarn_tape_end(tape);
    tarn_free(x);
}

static void *add_in_a_thread(void *unused)
{
    tarn_set_threads(2);
    add_large();
    return unused;
}

/* A program whose first thread was pinned to one processor when it began, and is not any more. */
Test(threads, a_caller_with_more_processors_than_the_first)
{
    cpu_set_t all, one;
    pthread_t other;
    cr_assert_eq(sched_getaffinity(0, sizeof all, &all), 0);
    if (CPU_COUNT(&all) < 2)
        cr_skip_test("this machine has one processor");
    CPU_ZERO(&one);
    CPU_SET((size_t)sched_getcpu(), &one);
    cr_assert_eq(sched_setaffinity(0, sizeof one, &one), 0);
    tarn_set_threads(2);
    add_large();
    cr_assert_eq(sched_setaffinity(0, sizeof all, &all), 0);
    const int before = threads_of_the_program();
    cr_assert_eq(pthread_create(&other, NULL, add_in_a_thread, NULL), 0);
    cr_assert_eq(pthread_join(other, NULL), 0);
    cr_assert_gt(threads_of_the_program(), before);
}
