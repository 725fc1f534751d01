/* The tape of LeNet, as a table and as a picture. */
#include <stdio.h>

#include "nn/module.h"
#include "tests/nn/nn_test.h"

enum { IMAGES = 3, CLASSES = 10 };

static tarn_module *model;
static tarn_tensor *images;
static tarn_tape *tape;

/* A training step, with the layers' own operations or those that do several in one pass. */
static void record(bool fusing)
{
    static const int32_t labels[IMAGES] = {0};
    model = tarn_nn_sequential(tarn_nn_conv2d(1, 6, 5, .padding = 2), tarn_nn_relu(),
                               tarn_nn_max_pool2d(2), tarn_nn_conv2d(6, 16, 5), tarn_nn_relu(),
                               tarn_nn_max_pool2d(2), tarn_nn_flatten(), tarn_nn_linear(400, 120),
                               tarn_nn_relu(), tarn_nn_linear(120, 84), tarn_nn_relu(),
                               tarn_nn_linear(84, CLASSES));
    images = tarn_randn(tarn_shape(IMAGES, 28, 28, 1));
    tape = tarn_tape_begin();
    set_fusing(fusing);
    tarn_tensor *y = tarn_nn_forward(model, images);
    set_fusing(true);
    cr_assert(tarn_backward(tarn_cross_entropy(y, tarn_labels_of(IMAGES, labels))));
}

static void end(void)
{
    tarn_tape_end(tape);
    tarn_nn_free(model);
    tarn_free(images);
}

/* Writes what the function says about the tape into text. */
static char text[65536];

#define write_to_text(function)                                                                    \
    do {                                                                                           \
        FILE *stream = fmemopen(text, sizeof text, "w");                                           \
        cr_assert(function(tape, stream, .params = tarn_nn_parameters(model)), "%s",               \
                  tarn_error());                                                                   \
        fclose(stream);                                                                            \
    } while (0)

static int count_of(const char *words)
{
    int count = 0;
    for (const char *at = text; (at = strstr(at, words)); at++)
        count++;
    return count;
}

/* By hand, for one image: 2 for each weight that a pixel or unit is computed with, 1 for its bias,
   1 for relu, 1 for being compared in a window of pixels. */
static double operations_of_lenet(void)
{
    const double conv1 = 28 * 28 * 6 * (2 * 25 + 1 + 1 + 1);
    const double conv2 = 10 * 10 * 16 * (2 * 150 + 1 + 1 + 1);
    const double linear1 = 120 * (2 * 400 + 1 + 1), linear2 = 84 * (2 * 120 + 1 + 1);
    const double linear3 = 10 * (2 * 84 + 1), cross_entropy = 10;
    return conv1 + conv2 + linear1 + linear2 + linear3 + cross_entropy; /* 852,380 */
}

Test(nn_graph, operations_are_those_counted_by_hand)
{
    for (int fusing = 0; fusing < 2; fusing++) {
        record(fusing);
        double sum = 0;
        for (const tarn_node *node = tarn_tape_last(tape); node; node = node->previous)
            sum += node->operations;
        cr_expect_eq(sum, IMAGES * operations_of_lenet(), "fused %d: %.0f", fusing, sum);
        cr_expect_eq(tarn_tape_last(tape)->number, fusing ? 7 : 13);
        write_to_text(tarn_tape_print);
        cr_expect(strstr(text, "61,706   2,557,140"), "%s", text);
        end();
    }
}

Test(nn_graph, table)
{
    record(true);
    write_to_text(tarn_tape_print);
    cr_expect(strstr(text, "1  conv2d+relu+max_pool  (3,28,28,1) 0.weight(5,5,1,6) 0.bias(6)"),
              "%s", text);
    cr_expect(strstr(text, "4  linear+relu           #3(3,400) 7.weight(400,120) 7.bias(120)"),
              "%s", text);
    end();
}

/* What is computed in one pass is counted as when it is not, and its name says it. */
Test(nn_graph, a_residual_network)
{
    double sums[2];
    for (int fusing = 0; fusing < 2; fusing++) {
        model = tarn_nn_sequential(
            tarn_nn_residual(tarn_nn_sequential(
                tarn_nn_conv2d(4, 4, 3, .padding = 1), tarn_nn_batch_norm2d(4), tarn_nn_relu(),
                tarn_nn_conv2d(4, 4, 3, .padding = 1), tarn_nn_batch_norm2d(4))),
            tarn_nn_relu());
        images = tarn_randn(tarn_shape(2, 6, 6, 4));
        tape = tarn_tape_begin();
        set_fusing(fusing);
        cr_assert(tarn_nn_forward(model, images));
        set_fusing(true);
        sums[fusing] = 0;
        for (const tarn_node *node = tarn_tape_last(tape); node; node = node->previous)
            sums[fusing] += node->operations;
        cr_expect_eq(tarn_tape_last(tape)->number, fusing ? 2 : 7);
        write_to_text(tarn_tape_print);
        cr_expect_eq(count_of("conv2d+batch_norm2d+add_relu  #1"), fusing, "%s", text);
        write_to_text(tarn_tape_dot);
        cr_expect_eq(count_of("label=\"0.body.3.weight\\n(3,3,4,4)\""), 1, "%s", text);
        /* The images are drawn once, and lead to the body and around it. */
        cr_expect_eq(count_of("label=\"constant"), 1);
        cr_expect_eq(count_of("\n  t1_0 -> "), 2);
        end();
    }
    cr_expect_eq(sums[0], sums[1], "%g, %g", sums[0], sums[1]);
}

/* One node for each entry, one for each parameter, one for the images. */
static void check_picture(int entries)
{
    write_to_text(tarn_tape_dot);
    cr_expect_eq(count_of("[shape=box, style=\"rounded"), entries);
    cr_expect_eq(count_of("[shape=box, style=filled"), 10 + 1);
    cr_expect_eq(count_of("label=\"0.weight\\n(5,5,1,6)\""), 1);
    cr_expect_eq(count_of("label=\"constant\\n(3,28,28,1)\""), 1);
}

Test(nn_graph, picture)
{
    for (int fusing = 0; fusing < 2; fusing++) {
        record(fusing);
        check_picture(fusing ? 7 : 13);
        end();
    }
}

/* Graphviz draws it, and sees the nodes and edges that were meant. */
Test(nn_graph, graphviz_reads_it)
{
    if (system("command -v dot >/dev/null") != 0)
        cr_skip_test("Graphviz is not installed");
    record(true);
    char path[] = "/tmp/tarn-test-XXXXXX", command[128], plain[65536];
    const int file = mkstemp(path);
    FILE *stream = file < 0 ? NULL : fdopen(file, "w");
    cr_assert(stream);
    cr_assert(tarn_tape_dot(tape, stream, .params = tarn_nn_parameters(model)));
    fclose(stream);
    snprintf(command, sizeof command, "dot -Tsvg %s >/dev/null && dot -Tplain %s", path, path);
    FILE *pipe = popen(command, "r");
    cr_assert(pipe);
    plain[fread(plain, 1, sizeof plain - 1, pipe)] = '\0';
    cr_expect_eq(pclose(pipe), 0);
    remove(path);
    strcpy(text, plain);
    cr_expect_eq(count_of("\nnode n"), 7, "%s", plain);
    cr_expect_eq(count_of("\nnode t"), 11);
    cr_expect_eq(count_of("\nedge "), 17);
    end();
}
