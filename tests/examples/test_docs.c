/* What the documents quote is what there is, and the numbers in them are right.

   Of a document in docs/ or docs/book/, each line of a block that begins with "```c FILE" stands in
   that file, and each line of one that begins with "```text COMMAND" in what the example prints, in
   the same order. A line may be the beginning of one. */
#include <glob.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tarn.h"
#include "tests/examples/support.h"

TestSuite(test_docs, .init = make_folder, .fini = remove_folder);

/* The file of that path in the source tree; the caller frees it. */
static char *read_source(const char *path)
{
    char full[1024];
    snprintf(full, sizeof full, "%s/%s", TARN_SOURCE_DIR, path);
    FILE *file = fopen(full, "rb");
    cr_assert(file, "%s is not there", full);
    enum { MOST = 1 << 20 };
    char *text = malloc(MOST + 1);
    cr_assert(text);
    text[fread(text, 1, MOST, file)] = '\0';
    fclose(file);
    return text;
}

/* ---- Quotations */

/* Behind the next line of the text that begins with these words; NULL if there is none. */
static const char *find_line(const char *text, const char *line, size_t length)
{
    while (*text) {
        if (strncmp(text, line, length) == 0)
            return text + length;
        text += strcspn(text, "\n");
        text += *text == '\n';
    }
    return NULL;
}

/* Looks for each line of the block, and returns its end. */
static const char *check_block(const char *document, const char *block, const char *quoted)
{
    for (const char *line = block; *line; line += strcspn(line, "\n") + 1) {
        size_t length = strcspn(line, "\n");
        if (strncmp(line, "```", 3) == 0)
            return line + length;
        while (length > 0 && line[length - 1] == ' ')
            length--;
        quoted = find_line(quoted, line, length);
        cr_assert(quoted, "%s quotes what is not there, or not in this order: %.*s", document,
                  (int)length, line);
    }
    cr_assert(false, "%s has a block without end", document);
    return "";
}

/* Of the block that begins there. */
static const char *check_quotation(const char *document, const char *block)
{
    static char output[65536];
    char kind[16] = "", source[128] = "";
    const char *first = block + strcspn(block, "\n") + 1;
    const int words = sscanf(block, "```%15[a-z] %127[^\n]", kind, source);
    if (words == 2 && strcmp(kind, "c") == 0) {
        char *text = read_source(source);
        const char *end = check_block(document, first, text);
        free(text);
        return end;
    }
    if (words == 2 && strcmp(kind, "text") == 0) {
        cr_assert_eq(run(source, output, sizeof output), 0, "%s: %s", source, output);
        return check_block(document, first, output);
    }
    return strstr(first, "\n```") + 4;
}

/* Returns how many blocks it has. */
static int check_document(const char *path)
{
    int count = 0;
    char *text = read_source(path);
    for (const char *at = text; (at = strstr(at, "\n```")); count++)
        at = check_quotation(path, at + 1);
    free(text);
    return count;
}

Test(test_docs, quotations)
{
    cr_expect_geq(check_document("docs/book/2-backprop.md"), 15);
    glob_t documents;
    cr_assert_eq(glob(TARN_SOURCE_DIR "/docs/*.md", 0, NULL, &documents), 0);
    cr_assert_eq(glob(TARN_SOURCE_DIR "/docs/book/*.md", GLOB_APPEND, NULL, &documents), 0);
    for (size_t i = 0; i < documents.gl_pathc; i++)
        check_document(documents.gl_pathv[i] + strlen(TARN_SOURCE_DIR "/"));
    globfree(&documents);
}

/* Each line of C beside one of the pseudo-code stands in the program, in this order. */
Test(test_docs, loop_beside_the_pseudo_code)
{
    char *text = read_source("docs/book/11-program.md"),
         *program = read_source("tests/install/loop.c");
    const char *row = strstr(text, "| pseudo-code | C |"), *at = program;
    cr_assert(row);
    int count = 0;
    for (row = strstr(row, "\n| "); row && strncmp(row, "\n| ", 3) == 0; count++) {
        char line[256] = "";
        const char *next = strchr(row + 1, '\n');
        cr_assert(next);
        const char *cell = next - strlen("` |");
        while (cell[-1] != '`')
            cell--;
        snprintf(line, sizeof line, "%.*s", (int)(next - strlen("` |") - cell), cell);
        const char *found = strstr(at, line);
        cr_assert(found, "tests/install/loop.c has no %s, or not in this order", line);
        at = found + strlen(line);
        row = next;
    }
    cr_expect_eq(count, 10);
    free(text);
    free(program);
}

/* Returns how many it shows; each must be there. */
static int count_pictures(const char *document)
{
    int count = 0;
    char *text = read_source(document);
    for (const char *at = text; (at = strstr(at, "pictures/")); at++, count++) {
        char path[128], head[8] = "";
        snprintf(path, sizeof path, "docs/%.*s", (int)strcspn(at, ")"), at);
        char *picture = read_source(path);
        memcpy(head, picture + 1, 3);
        cr_expect_str_eq(head, "PNG", "%s", path);
        free(picture);
    }
    free(text);
    return count;
}

Test(test_docs, pictures)
{
    cr_expect_eq(count_pictures("docs/book/2-backprop.md"), 2);
    cr_expect_eq(count_pictures("docs/optimizers.md"), 3);
}

/* ---- The numbers of chapters */

/* Expects "= VALUE" in the text behind these words, with so many digits. */
static void expect_number(const char *text, const char *behind, int digits, double value)
{
    char number[64];
    snprintf(number, sizeof number, "= %.*f", digits, value);
    const char *at = strstr(text, behind);
    cr_assert(at, "no \"%s\"", behind);
    const char *end = at + strcspn(at, "\n");
    const char *found = strstr(at, number);
    cr_expect(found && found < end, "behind \"%s\" there is no \"%s\"", behind, number);
}

Test(test_docs, losses_cost_and_objective)
{
    char *text = read_source("docs/book/1-objective.md");
    tarn_tensor *logits = tarn_from_array(tarn_shape(3, 2), (const tarn_real[]){2, 0, 0, 1, 0, 0});
    tarn_labels first = tarn_labels(3, (const int32_t[]){0, 0, 0});
    tarn_requires_grad(logits, true);
    tarn_tape *tape = tarn_tape_begin();
    const tarn_real *p = tarn_values(tarn_softmax(logits));
    const tarn_real *loss = tarn_values(tarn_cross_entropy(logits, first, .reduction = TARN_NONE));
    tarn_tensor *cost = tarn_cross_entropy(logits, first);
    cr_assert(tarn_backward(cost));
    expect_number(text, "    p₁", 4, (double)p[0]);
    expect_number(text, "    p₂", 5, (double)p[2]);
    expect_number(text, "L₁ = ", 4, (double)loss[0]);
    expect_number(text, "L₂ = ", 4, (double)loss[1]);
    expect_number(text, "L₃ = ", 4, (double)loss[2]);
    expect_number(text, "    C = ", 4, (double)tarn_item(cost));
    expect_number(text, "    J = ", 4, (double)tarn_item(cost) + 0.1 * (1 + 4) / 2);
    cr_expect_float_eq((double)tarn_gradients(logits)[4], (0.5 - 1) / 3, 1e-6);
    cr_expect_float_eq(3 * (double)tarn_gradients(logits)[0], -0.1192, 5e-5);
    tarn_tape_end(tape);
    tarn_free(logits);
    free(text);
}

Test(test_docs, first_steps_of_a_line)
{
    char *text = read_source("docs/book/11-program.md");
    tarn_tensor *x = tarn_from_array(tarn_shape(2), (const tarn_real[]){1, 2});
    tarn_tensor *y = tarn_from_array(tarn_shape(2), (const tarn_real[]){3, 5});
    tarn_tensor *w = tarn_requires_grad(tarn_zeros(tarn_shape()), true);
    tarn_tensor *b = tarn_requires_grad(tarn_zeros(tarn_shape()), true);
    tarn_optim *optimizer = tarn_optim_sgd(tarn_params_of(w, b), .lr = 0.1);
    const char *const costs[] = {"    cost        C = ", "    forward     C = "};
    for (int step = 0; step < 2; step++) {
        tarn_tape *tape = tarn_tape_begin();
        tarn_tensor *cost = tarn_mse(tarn_add(tarn_mul(w, x), b), y);
        expect_number(text, costs[step], step ? 3 : 0, (double)tarn_item(cost));
        tarn_optim_zero_grad(optimizer);
        cr_assert(tarn_backward(cost));
        tarn_optim_step(optimizer);
        tarn_tape_end(tape);
        expect_number(text, step ? "w = 1.3 −" : "w = 0 −", step ? 2 : 1, (double)tarn_item(w));
        expect_number(text, step ? "b = 0.8 −" : "b = 0 −", step ? 2 : 1, (double)tarn_item(b));
    }
    tarn_optim_free(optimizer);
    tarn_free(x), tarn_free(y), tarn_free(w), tarn_free(b);
    free(text);
}

/* The rates of the eighth, and its steps: w^2 / 2 from 1, eta 0.5. */
Test(test_docs, rates_of_schedules)
{
    char *text = read_source("docs/book/8-schedules.md");
    expect_number(text, "linear           t = 50", 2, 0.1 * tarn_schedule_linear(50, 100));
    expect_number(text, "linear           t = 75", 3, 0.1 * tarn_schedule_linear(75, 100));
    expect_number(text, "power 2          t = 75", 5,
                  0.1 * tarn_schedule_polynomial(75, 100, .power = 2));
    expect_number(text, "cosine           t = 50", 2, 0.1 * tarn_schedule_cosine(50, 100));
    expect_number(text, "cosine           t = 75", 5, 0.1 * tarn_schedule_cosine(75, 100));
    expect_number(text, "step, 3 stairs   t = 75", 3, 0.1 * tarn_schedule_step(75, 34, 0.1));
    const char *const steps[] = {"w₁ = ", "w₂ = ", "w₃ = "};
    const int digits[] = {1, 4, 6};
    double w = 1;
    for (int t = 0; t < 3; t++) {
        w -= 0.5 * tarn_schedule_linear(t, 4) * w;
        expect_number(text, steps[t], digits[t], w);
    }
    free(text);
}

/* The height and the slope of the ninth's valleys, and two steps off its saddle. */
Test(test_docs, steps_in_a_landscape)
{
    char *text = read_source("docs/book/9-landscape.md");
    tarn_tensor *w =
        tarn_from_array(tarn_shape(2), (const tarn_real[]){(tarn_real)-0.2, (tarn_real)-0.3});
    tarn_tensor *y = tarn_requires_grad(tarn_full(tarn_shape(), 0.001), true);
    tarn_tape *tape = tarn_tape_begin();
    tarn_tensor *square = tarn_square(tarn_requires_grad(w, true));
    tarn_tensor *f =
        tarn_sub(tarn_sub(tarn_scale(tarn_square(square), 0.25), tarn_scale(square, 0.42)),
                 tarn_scale(w, 0.16));
    cr_assert(tarn_backward(tarn_sum(f)));
    expect_number(text, "w = −0.2 ", 4, (double)tarn_values(f)[0]);
    expect_number(text, "    slope ", 3, (double)tarn_gradients(w)[1]);
    tarn_tape_end(tape);
    tarn_optim *optimizer = tarn_optim_sgd(tarn_params_of(y), .lr = 0.05);
    for (int step = 1; step <= 2; step++) {
        tape = tarn_tape_begin();
        tarn_tensor *y2 = tarn_square(y);
        tarn_optim_zero_grad(optimizer);
        cr_assert(tarn_backward(tarn_sub(tarn_scale(tarn_square(y2), 0.25), y2)));
        tarn_optim_step(optimizer);
        tarn_tape_end(tape);
        expect_number(text, step == 1 ? "y₁ = " : "y₂ = ", 3 + step, (double)tarn_item(y));
    }
    tarn_optim_free(optimizer);
    tarn_free(w), tarn_free(y);
    free(text);
}

/* ---- The numbers of the convolutions */

static int whole(tarn_real value)
{
    const double nearest = round((double)value);
    cr_assert_float_eq((double)value, nearest, 1e-5);
    return (int)nearest;
}

/* Expects "dx =   1   2", and under the numbers those of the other rows. */
static void expect_matrix(const char *text, const char *name, int rows, int columns,
                          const tarn_real *numbers)
{
    char row[128];
    int length = snprintf(row, sizeof row, "%s =", name);
    const int indent = length;
    for (int j = 0; j < columns; j++)
        length += snprintf(row + length, sizeof row - (size_t)length, "%4d", whole(numbers[j]));
    const char *at = strstr(text, row);
    cr_assert(at, "no \"%s\"", row);
    const char *line = at;
    while (line[-1] != '\n')
        line--;
    const int column = (int)(at - line) + indent;
    for (int i = 1; i < rows; i++) {
        line += strcspn(line, "\n") + 1;
        cr_assert_geq((int)strcspn(line, "\n"), column + 4 * columns, "%s, row %d", name, i);
        for (int j = 0; j < columns; j++) {
            const int expected = whole(numbers[i * columns + j]);
            cr_expect_eq(atoi(line + column + 4 * j), expected, "%s[%d,%d], which is %d", name, i,
                         j, expected);
        }
    }
}

/* A convolution of one image and one channel, as the document has it from these words on. */
static void check_convolution(const char *from, int stride, tarn_shape x_shape,
                              const tarn_real *x_values, tarn_shape w_shape,
                              const tarn_real *w_values, tarn_shape y_shape,
                              const tarn_real *dy_values, int dbias)
{
    char *text = read_source("docs/book/2-backprop.md");
    const char *at = strstr(text, from);
    cr_assert(at);
    tarn_tensor *x = tarn_requires_grad(tarn_from_array(x_shape, x_values), true);
    tarn_tensor *w = tarn_requires_grad(tarn_from_array(w_shape, w_values), true);
    tarn_tensor *bias = tarn_requires_grad(tarn_zeros(tarn_shape(1)), true);
    tarn_tensor *dy = tarn_from_array(y_shape, dy_values);
    tarn_tape *tape = tarn_tape_begin();
    tarn_tensor *y = tarn_conv2d(x, w, bias, .stride = stride);
    cr_assert(tarn_backward(tarn_sum(tarn_mul(y, dy))));
    const struct {
        const char *name;
        tarn_tensor *of;
        const tarn_real *numbers;
    } matrices[] = {{"x", x, tarn_values(x)},     {"w", w, tarn_values(w)},
                    {"y", y, tarn_values(y)},     {"dy", y, tarn_gradients(y)},
                    {"dx", x, tarn_gradients(x)}, {"dw", w, tarn_gradients(w)}};
    for (size_t i = 0; i < sizeof matrices / sizeof *matrices; i++) {
        const bool is_weight = matrices[i].of == w;
        expect_matrix(at, matrices[i].name, (int)tarn_dim(matrices[i].of, is_weight ? 0 : 1),
                      (int)tarn_dim(matrices[i].of, is_weight ? 1 : 2), matrices[i].numbers);
    }
    cr_expect_eq(whole(tarn_gradients(bias)[0]), dbias);
    tarn_tape_end(tape);
    tarn_free(x);
    tarn_free(w);
    tarn_free(bias);
    tarn_free(dy);
    free(text);
}

Test(test_docs, convolution)
{
    check_convolution("## The two gradients of a convolution", 1, tarn_shape(1, 3, 3, 1),
                      (const tarn_real[]){1, 2, 0, 0, 1, 3, 2, 0, 1}, tarn_shape(2, 2, 1, 1),
                      (const tarn_real[]){1, 2, 3, -1}, tarn_shape(1, 2, 2, 1),
                      (const tarn_real[]){1, -1, 2, 0}, 2);
}

Test(test_docs, convolution_with_stride)
{
    check_convolution("**Stride.**", 2, tarn_shape(1, 1, 5, 1), (const tarn_real[]){1, 2, 0, -1, 3},
                      tarn_shape(1, 3, 1, 1), (const tarn_real[]){2, -1, 1}, tarn_shape(1, 1, 2, 1),
                      (const tarn_real[]){1, -2}, -1);
}

/* ---- That both gradients are convolutions, of several images and channels */

enum { N = 2, H = 5, W = 6, C = 3, K = 3, O = 4, PADDING = 1 };

/* w'[p,q,o,c] = w[K-1-p,K-1-q,c,o] */
static tarn_tensor *turned(tarn_tensor *w)
{
    tarn_tensor *result = tarn_zeros(tarn_shape(K, K, O, C));
    for (int at = 0; at < K * K; at++)
        for (int c = 0; c < C; c++)
            for (int o = 0; o < O; o++)
                tarn_values(result)[(at * O + o) * C + c] =
                    tarn_values(w)[((K * K - 1 - at) * C + c) * O + o];
    return result;
}

/* As large as a result of stride 1, with zeros where stride left results out. */
static tarn_tensor *spread(tarn_tensor *y, const tarn_real *dy, int stride)
{
    enum { OH = H + 2 * PADDING - K + 1, OW = W + 2 * PADDING - K + 1 };
    tarn_tensor *result = tarn_zeros(tarn_shape(N, OH, OW, O));
    const int oh = (int)tarn_dim(y, 1), ow = (int)tarn_dim(y, 2);
    for (int n = 0; n < N; n++)
        for (int i = 0; i < oh; i++)
            for (int j = 0; j < ow; j++)
                memcpy(&tarn_values(result)[((n * OH + i * stride) * OW + j * stride) * O],
                       &dy[((n * oh + i) * ow + j) * O], O * sizeof *dy);
    return result;
}

static void expect_close(int64_t size, const tarn_real *a, const tarn_real *b)
{
    for (int64_t i = 0; i < size; i++)
        cr_assert_float_eq((double)a[i], (double)b[i], 1e-4, "element %lld", (long long)i);
}

Test(test_docs, gradients_of_a_convolution_are_convolutions)
{
    tarn_seed(1);
    for (int stride = 1; stride <= 2; stride++) {
        tarn_tensor *x = tarn_requires_grad(tarn_randn(tarn_shape(N, H, W, C)), true);
        tarn_tensor *w = tarn_requires_grad(tarn_randn(tarn_shape(K, K, C, O)), true);
        tarn_tape *tape = tarn_tape_begin();
        tarn_tensor *y = tarn_conv2d(x, w, NULL, .stride = stride, .padding = PADDING);
        cr_assert(tarn_backward(tarn_sum(tarn_square(y))));
        tarn_tensor *dy = spread(y, tarn_gradients(y), stride), *back = turned(w);
        tarn_tensor *dx = tarn_conv2d(dy, back, NULL, .padding = K - 1 - PADDING);
        tarn_tensor *dw =
            tarn_conv2d(tarn_permute(x, tarn_axes(3, 1, 2, 0)),
                        tarn_permute(dy, tarn_axes(1, 2, 0, 3)), NULL, .padding = PADDING);
        cr_assert_eq(tarn_size(dx), tarn_size(x));
        cr_assert_eq(tarn_size(dw), tarn_size(w));
        expect_close(tarn_size(x), tarn_values(dx), tarn_gradients(x));
        expect_close(tarn_size(w), tarn_values(tarn_permute(dw, tarn_axes(1, 2, 0, 3))),
                     tarn_gradients(w));
        tarn_tape_end(tape);
        tarn_free(x);
        tarn_free(w);
        tarn_free(dy);
        tarn_free(back);
    }
}
