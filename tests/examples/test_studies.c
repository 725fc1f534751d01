/* The studies on the sample: what each claims holds in its tables. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include <tarn.h>

#include "tests/examples/support.h"

TestSuite(studies, .init = make_folder, .fini = remove_folder, .timeout = 600);

static void study(const char *name, char *output, size_t size)
{
    char command[128];
    snprintf(command, sizeof command, "lab/study --dataset sample %s", name);
    cr_assert_eq(run(command, output, size), 0, "%s: %s", name, output);
}

Test(studies, one_is_asked_for_by_name)
{
    char output[8192];
    cr_expect_eq(run("lab/study --help", output, sizeof output), 0);
    cr_expect(strstr(output, "  rate  "), "%s", output);
    assert_refused("lab/study", "which study? --help lists them");
    assert_refused("lab/study rate none", "none: no study has that name; --help lists them");
    cr_expect(folder_is_empty());
}

static double parabola(const char *part, int step)
{
    char words[32];
    snprintf(words, sizeof words, "%s,%d,", part, step);
    return column(line_of("pictures/study_rate_parabola.csv", words), 2);
}

/* By (1 - eta h)^t. */
Test(studies, rate_meets_the_edge_where_it_is)
{
    char output[8192];
    study("rate", output, sizeof output);
    assert_csv("pictures/study_rate_parabola.csv", "part_of_edge,step,w,f");
    cr_expect_eq(parabola("0.5", 1), 0);
    cr_expect_float_eq(parabola("0.95", 20), pow(0.9, 20), 1e-6);
    cr_expect_eq(parabola("1", 19), -1);
    cr_expect_float_eq(parabola("1.05", 20), pow(1.1, 20), 1e-4);

    const char *table = "pictures/study_rate.csv";
    cr_expect_eq(assert_csv(table, "rate,test_loss,test_accuracy,verdict"), 7);
    const double right = column(line_of(table, "0.1,"), 2);
    cr_expect_gt(right, 0.8);
    cr_expect_lt(column(line_of(table, "0.001,"), 2), right - 0.3, "too small");
    const double edge = column(line_of(table, "1,"), 2);
    cr_expect(edge < right - 0.3, "too large: %g", edge);
    assert_picture("pictures/study_rate", 800, 450);
}

static double of_row(const char *table, const char *words, int at)
{
    return column(line_of(table, words), at);
}

/* What it shows on the sample is seen in the large effects alone. */
Test(studies, recipe_is_compared_with_itself)
{
    char output[8192];
    study("recipe", output, sizeof output);
    const char *table = "pictures/study_recipe.csv";
    cr_expect_eq(assert_csv(table, "left_out,accuracy,accuracy_error,seconds,difference,"
                                   "difference_error"),
                 7);
    cr_expect_gt(column(line_of(table, "all,"), 1), 90);
    cr_expect(of_row(table, "all,", 4) == 0 && of_row(table, "all,", 5) == 0);
    const double lost = of_row(table, "muon,", 4);
    cr_expect(lost < -2 * of_row(table, "muon,", 5), "%g", lost);
    assert_picture("pictures/study_recipe", 900, 420);
}

/* By (1 - beta1^t) / sqrt(1 - beta2^t). */
Test(studies, bias_correction_shortens_the_first_steps)
{
    char output[8192];
    study("bias-correction", output, sizeof output);
    const char *weight = "pictures/study_bias-correction_weight.csv";
    cr_expect_eq(assert_csv(weight, "step,with,without"), 100);
    for (int step = 1; step <= 100; step++) {
        char words[16];
        snprintf(words, sizeof words, "%d,", step);
        const double without = (1 - pow(0.9, step)) / sqrt(1 - pow(0.999, step));
        cr_expect_float_eq(of_row(weight, words, 1), 1, 1e-4);
        cr_expect_float_eq(of_row(weight, words, 2), without, 1e-3);
    }
    cr_expect_float_eq(of_row(weight, "1,", 2), 3.1623, 1e-4);
    cr_expect_float_eq(of_row(weight, "13,", 2), 6.56, 0.01);

    const char *steps = "pictures/study_bias-correction_steps.csv";
    cr_expect_eq(assert_csv(steps, "correction,rate,step,loss,moved"), 600);
    cr_expect_float_eq(of_row(steps, "without,0.001,1,", 4) / of_row(steps, "with,0.001,1,", 4),
                       3.1623, 0.05);
    const char *ends = "pictures/study_bias-correction.csv";
    assert_csv(ends, "correction,rate,first_step,longest_step,worst_loss,test_accuracy");
    cr_expect_gt(of_row(ends, "with,0.01,", 5), 0.8);
    cr_expect_lt(of_row(ends, "without,0.01,", 5), of_row(ends, "with,0.01,", 5) - 0.1);
    assert_picture("pictures/study_bias-correction", 1100, 400);
}

Test(studies, sparse_moves_rare_weights_further_with_adagrad)
{
    char output[8192];
    study("sparse", output, sizeof output);
    const char *table = "pictures/study_sparse.csv";
    cr_expect_eq(assert_csv(table, "share,sgd,adagrad,adam"), 6);
    cr_expect_gt(of_row(table, "0.01,", 2), 1.5 * of_row(table, "0.01,", 1));
    cr_expect_gt(of_row(table, "0.02,", 2), 1.5 * of_row(table, "0.02,", 1));
    cr_expect_float_eq(of_row(table, "0.5,", 2), of_row(table, "0.5,", 1), 0.1, "common");
    assert_picture("pictures/study_sparse", 1000, 420);
}

Test(studies, objective_moves_weights_as_penalties_say)
{
    char output[8192];
    study("objective", output, sizeof output);
    const char *ends = line_of("pictures/study_objective_ends.csv", "0");
    cr_expect_float_eq(column(ends, 0), 0.4, 1e-3);
    cr_expect_float_eq(column(ends, 1), 0.4 / 1.5, 1e-3);
    cr_expect_float_eq(column(ends, 2), 0, 0.01);

    enum { NORM = 6, NEAR_ZERO, TRAINING, TEST };
    const char *table = "pictures/study_objective.csv";
    cr_expect_eq(assert_csv(table, "optimizer,penalty,strength,cost,penalty_value,objective,norm,"
                                   "near_zero,training_accuracy,test_accuracy"),
                 9);
    cr_expect_gt(of_row(table, "sgd,L1,", NEAR_ZERO), 0.5);
    cr_expect_gt(of_row(table, "adam,L1,", NEAR_ZERO), 0.5);
    cr_expect_lt(of_row(table, "sgd,none,", NEAR_ZERO), 0.05);
    cr_expect_lt(of_row(table, "sgd,L2,", NEAR_ZERO), 0.2);

    const double coupled = of_row(table, "sgd,L2,0.06", NORM);
    cr_expect_float_eq(of_row(table, "sgd,decoupled,0.06", NORM), coupled, 0.03 * coupled);
    cr_expect_gt(of_row(table, "adam,decoupled,0.03", NORM),
                 1.5 * of_row(table, "adam,L2,0.03", NORM));

    cr_expect_gt(of_row(table, "sgd,none,", TRAINING), 0.9, "by heart, wrong labels and all");
    cr_expect_gt(of_row(table, "sgd,L2,", TEST), of_row(table, "sgd,none,", TEST) + 0.02);
    cr_expect_gt(of_row(table, "adam,decoupled,3", TEST), of_row(table, "adam,none,", TEST) + 0.02);
    assert_picture("pictures/study_objective", 1200, 480);
    assert_picture("pictures/study_objective_curve", 800, 420);
}

/* ---- Three ways to search */

static void write_big_endian(FILE *file, int count, const int *numbers)
{
    for (int i = 0; i < count; i++)
        for (int shift = 24; shift >= 0; shift -= 8)
            fputc(numbers[i] >> shift & 255, file);
}

/* The first of the sample as a data set in the form of MNIST, so that many trainings are short. */
static void write_few(const char *part, tarn_split split, int count)
{
    enum { SIDE = 28 };
    char images[128], labels[128];
    tarn_dataset *digits = tarn_data_samples(TARN_SOURCE_DIR "/data/samples", split);
    tarn_loader *loader = tarn_loader_new(digits, count);
    tarn_batch batch;
    cr_assert(tarn_loader_next(loader, &batch), "%s", tarn_error());
    snprintf(images, sizeof images, "%s/few/%s-images-idx3-ubyte", folder, part);
    snprintf(labels, sizeof labels, "%s/few/%s-labels-idx1-ubyte", folder, part);
    FILE *to = fopen(images, "wb"), *classes = fopen(labels, "wb");
    cr_assert(to && classes);
    write_big_endian(to, 4, (const int[]){0x803, count, SIDE, SIDE});
    for (int i = 0; i < count * SIDE * SIDE; i++)
        fputc((int)lround(255 * (double)tarn_values(batch.images)[i]), to);
    write_big_endian(classes, 2, (const int[]){0x801, count});
    for (int i = 0; i < count; i++)
        fputc(batch.labels.ids[i], classes);
    cr_assert(fclose(to) == 0 && fclose(classes) == 0);
    tarn_loader_free(loader);
    tarn_dataset_free(digits);
}

/* The mean of the best so far, after that many whole trainings. */
static double best_after(const char *method, int cost)
{
    char words[64];
    snprintf(words, sizeof words, "mnist,%s,%d.0000,", method, cost);
    return of_row("pictures/tune_compare.csv", words, 3);
}

Test(studies, tune_pays_late_by_halving)
{
    char output[8192];
    in_folder("mkdir few");
    write_few("train", TARN_TRAIN, 500);
    write_few("t10k", TARN_TEST, 100);
    cr_assert_eq(run("lab/study --dataset mnist --data few tune", output, sizeof output), 0, "%s",
                 output);
    cr_expect(strstr(output, " validation images, 2 epochs, 3 seeds"), "%s", output);
    cr_expect_eq(
        assert_csv("pictures/tune_runs.csv", "method,seed,validation_accuracy,test_accuracy"), 9);
    cr_expect_lt(best_after("halving", 6), best_after("random", 6) - 0.05);
    cr_expect_lt(best_after("halving", 6), best_after("grid", 6) - 0.05);
    cr_expect_gt(best_after("halving", 24), best_after("random", 24) - 0.05);
    assert_picture("pictures/tune_compare", 800, 600);
}

/* ---- The edge of stability */

/* A run's sharpness beside its edge: at first, and its mean over the last third. */
static void assert_ends_at_the_edge(const char *rule, bool begins_below)
{
    char command[512], output[256];
    double first = 0, last = 0;
    snprintf(command, sizeof command,
             "awk -F, '$1 \",\" $2 == \"%s\" {if (!n++) first = $5 / $6; "
             "if ($3 > 667) {sum += $5 / $6; m++}} END {print first, sum / m, n}' "
             "pictures/study_edge.csv",
             rule);
    int rows = 0;
    cr_assert_eq(shell(command, output, sizeof output), 0, "%s", output);
    cr_assert_eq(sscanf(output, "%lf %lf %d", &first, &last, &rows), 3, "%s", output);
    cr_expect_geq(rows, 40, "%s", rule);
    cr_expect(begins_below == (first < 0.95), "%s begins at %g of its edge", rule, first);
    cr_expect(last > 0.85 && last < 1.15, "%s ends at %g of its edge", rule, last);
}

Test(studies, edge_is_where_the_sharpness_ends)
{
    char output[8192];
    study("edge", output, sizeof output);
    assert_csv("pictures/study_edge.csv", "optimizer,rate,step,loss,sharpness,edge");
    assert_ends_at_the_edge("sgd,0.2", false);
    assert_ends_at_the_edge("sgd,0.15", true);
    assert_ends_at_the_edge("sgd,0.1", true);
    assert_ends_at_the_edge("momentum,0.35", false);
    assert_ends_at_the_edge("momentum,0.3", true);
    assert_ends_at_the_edge("adam,0.003", true);
    assert_ends_at_the_edge("adam,0.001", true);
    assert_picture("pictures/study_edge", 900, 700);
}

/* The loss sum of c w^2 / 2, with the curvatures 3 and 40. */
typedef struct parabolas {
    tarn_tensor *w, *halves;
} parabolas;

static tarn_tensor *height(void *context)
{
    const parabolas *p = context;
    return tarn_sum(tarn_mul(tarn_square(p->w), p->halves));
}

/* The loss after 200 steps at that many times 1 / h, h being the sharpness. */
static double loss_at(double times, const char *options)
{
    parabolas p = {.w = tarn_requires_grad(tarn_full(tarn_shape(2), 1), true),
                   .halves = tarn_from_array(tarn_shape(2), (const tarn_real[]){1.5, 20})};
    tarn_optim *optimizer = tarn_optim_by_name("sgd", tarn_params_of(p.w), options);
    double h = 0, loss = 0;
    cr_assert(tarn_hessian_eigenvalues(height, tarn_params_of(p.w), 1, &h, .context = &p));
    cr_assert_float_eq(h, 40, 0.04);
    tarn_optim_set_lr(optimizer, times / h);
    for (int step = 0; step < 200; step++) {
        tarn_tape *tape = tarn_tape_begin();
        tarn_tensor *value = height(&p);
        loss = (double)tarn_item(value);
        tarn_optim_zero_grad(optimizer);
        tarn_backward(value);
        tarn_optim_step(optimizer);
        tarn_tape_end(tape);
    }
    tarn_optim_free(optimizer);
    tarn_free(p.w);
    tarn_free(p.halves);
    return loss;
}

Test(studies, edge_is_where_a_quadratic_flies_off)
{
    cr_expect_lt(loss_at(1.9, ""), 1e-6);
    cr_expect_gt(loss_at(2.1, ""), 1e6);
    cr_expect_lt(loss_at(3.7, "momentum=0.9"), 1);
    cr_expect_gt(loss_at(4, "momentum=0.9"), 1e4);
}
