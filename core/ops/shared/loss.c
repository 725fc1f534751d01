/*
 * The loops of losses l_i = f(a_i, b_i) over n elements.
 *
 *     mean: L = sum of l_i / n    da_i = dL / n  df/da(a_i, b_i),  db_i likewise; NaN for n = 0
 *     sum: without the 1 / n;     none: the result is l itself, and dl_i takes the place of dL
 */
#include "core/ops/shared/loss.h"

#include "core/base/error.h"
#include "core/base/parallel.h"

typedef struct loss_state {
    tarn_reduction reduction;
    double parameter;
} loss_state;

bool tarn__check_reduction(const char *op, tarn_reduction reduction)
{
    if (reduction == TARN_MEAN || reduction == TARN_SUM || reduction == TARN_NONE)
        return true;
    return tarn_fail("%s: reduction is %d, expects TARN_MEAN, TARN_SUM or TARN_NONE", op,
                     (int)reduction);
}

bool tarn__check_same_shape(const char *op, const tarn_tensor *a, const tarn_tensor *b)
{
    if (tarn_shape_equal(a->shape, b->shape))
        return true;
    return tarn_fail("%s: shapes %s and %s differ, expects the same shape twice", op,
                     tarn_shape_to_text(a->shape).text, tarn_shape_to_text(b->shape).text);
}

bool tarn__check_range(const char *op, const char *what, const tarn_tensor *t, double low,
                       double high)
{
    if (!tarn__usable(op, what, t))
        return false;
    for (int64_t i = 0; i < t->size; i++)
        if (t->values[i] < low || t->values[i] > high)
            return tarn_fail("%s: %s is %g at element %lld, expects %g to %g", op, what,
                             (double)t->values[i], (long long)i, low, high);
    return true;
}

/* Pieces that are summed one by one and then together, whatever the number of threads. */
enum { PARTS = 16 };

static double sum_of_losses(const tarn__pair_loss *loss, const tarn_tensor *a, const tarn_tensor *b,
                            double parameter)
{
    const int64_t n = a->size;
    const int64_t part = (n / PARTS / TARN__CHUNK + 1) * TARN__CHUNK;
    double sums[PARTS] = {0}, total = 0;
#pragma omp parallel for schedule(static) if (n >= TARN__PARALLEL_MIN)
    for (int k = 0; k < PARTS; k++) {
        const int64_t end = (k + 1) * part < n ? (k + 1) * part : n;
        double losses[TARN__CHUNK], sum = 0;
        for (int64_t first = k * part; first < end; first += TARN__CHUNK) {
            const int64_t count = tarn__chunk(first, end);
            loss->value(count, a->values + first, b->values + first, parameter, losses);
            for (int64_t i = 0; i < count; i++)
                sum += losses[i];
        }
        sums[k] = sum;
    }
    for (int k = 0; k < PARTS; k++)
        total += sums[k];
    return total;
}

static void each_loss(const tarn__pair_loss *loss, const tarn_tensor *a, const tarn_tensor *b,
                      double parameter, tarn_real *y)
{
    TARN__EACH_CHUNK (first, a->size) {
        const int64_t count = tarn__chunk(first, a->size);
        double losses[TARN__CHUNK];
        loss->value(count, a->values + first, b->values + first, parameter, losses);
        for (int64_t i = 0; i < count; i++)
            y[first + i] = (tarn_real)losses[i];
    }
}

/* The gradient of one of the inputs; slope is the derivative by it, times sign. */
static void input_gradient(const tarn_node *node, tarn_tensor *input, tarn__loss_loop *slope,
                           double sign)
{
    const loss_state *s = node->saved;
    const tarn_real *a = node->inputs[0]->values, *b = node->inputs[1]->values;
    const tarn_real *dy = tarn_gradients(node->output);
    const bool each = s->reduction == TARN_NONE;
    const double share = s->reduction == TARN_MEAN ? sign / (double)input->size : sign;
    const double factor = each ? sign : share * dy[0];
    bool add;
    tarn_real *dx = tarn_op_gradient_to_write(input, &add);
    if (!dx)
        return;
    TARN__EACH_CHUNK (first, input->size) {
        const int64_t count = tarn__chunk(first, input->size);
        double slopes[TARN__CHUNK];
        slope(count, a + first, b + first, s->parameter, slopes);
        for (int64_t i = 0; each && i < count; i++)
            slopes[i] *= dy[first + i];
        for (int64_t i = 0; i < count; i++) {
            tarn_real passed = (tarn_real)(factor * slopes[i]);
            dx[first + i] = add ? dx[first + i] + passed : passed;
        }
    }
}

void tarn__loss_backward(const tarn_node *node)
{
    const tarn__pair_loss *loss = (const tarn__pair_loss *)node->op; /* its first member */
    input_gradient(node, node->inputs[0], loss->slope_of_a, 1);
    if (loss->slope_of_b)
        input_gradient(node, node->inputs[1], loss->slope_of_b, 1);
    else
        input_gradient(node, node->inputs[1], loss->slope_of_a, -1);
}

tarn_tensor *tarn__loss(const tarn__pair_loss *loss, tarn_tensor *a, tarn_tensor *b,
                        tarn_reduction reduction, double parameter)
{
    if (!a || !b || !tarn__check_same_shape(loss->op.name, a, b) ||
        !tarn__check_reduction(loss->op.name, reduction))
        return NULL;
    tarn_tensor *result =
        tarn_op_result(&loss->op, reduction == TARN_NONE ? a->shape : tarn_shape(), a, b);
    loss_state *s = result ? tarn_op_save(result, sizeof *s) : NULL;
    if (!s)
        return NULL;
    *s = (loss_state){reduction, parameter};
    if (reduction == TARN_NONE) {
        each_loss(loss, a, b, parameter, result->values);
        return result;
    }
    double total = sum_of_losses(loss, a, b, parameter);
    result->values[0] = (tarn_real)(reduction == TARN_MEAN ? total / (double)a->size : total);
    return result;
}
