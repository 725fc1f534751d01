/*
 * Backpropagation, to be checked by hand: a network of two inputs, two hidden units and one output.
 *
 *     a = x W1,  z = a + b1,  h = sigmoid(z)           x (1,2), W1 (2,2), b1 (2)
 *     c = h W2,  y = c + b2,  loss = mean((y - t)^2)   W2 (2,1), b2 (1)
 *
 * docs/book/2-backprop.md tells the story along this file: forward, then for each operation the
 * rule and the gradients beside the numeric derivative, the loss's change when one number is moved.
 */
#include <err.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include <tarn.h>

/* The network. First what is given, then what is computed. */
enum { X, T, W1, B1, W2, B2, GIVEN, A = GIVEN, Z, H, C, Y, LOSS, ALL };
static const char *names[ALL] = {"x", "t", "W1", "b1", "W2", "b2", "a", "z", "h", "c", "y", "loss"};
static tarn_tensor *v[ALL];

/* What computes each result, and how the gradients of its two inputs come from its own. */
static const struct {
    const char *operation, *rule;
    int inputs[2];
} steps[ALL] = {
    [A] = {"matmul(x, W1)", "dx = da W1^T, dW1 = x^T da", {X, W1}},
    [Z] = {"add(a, b1)", "da = dz, db1 = dz", {A, B1}},
    [H] = {"sigmoid(z)", "dz = dh h (1 - h)", {Z, ALL}},
    [C] = {"matmul(h, W2)", "dh = dc W2^T, dW2 = h^T dc", {H, W2}},
    [Y] = {"add(c, b2)", "dc = dy, db2 = dy", {C, B2}},
    [LOSS] = {"mse(y, t)", "dy = dloss 2 (y - t) / n, n being 1 here", {Y, T}},
};

/* One number of the network, and by how much it is moved. */
typedef struct push {
    int tensor, element;
    double by;
} push;

/* Pushes the result, if it is its turn; what is computed from it later sees that. */
static tarn_tensor *pushed(tarn_tensor *result, int tensor, push p)
{
    if (tensor == p.tensor)
        tarn_values(result)[p.element] += (tarn_real)p.by;
    return result;
}

static void forward(push p)
{
    for (int i = 0; i < GIVEN; i++)
        pushed(v[i], i, p);
    v[A] = pushed(tarn_matmul(v[X], v[W1]), A, p);
    v[Z] = pushed(tarn_add(v[A], v[B1]), Z, p);
    v[H] = pushed(tarn_sigmoid(v[Z]), H, p);
    v[C] = pushed(tarn_matmul(v[H], v[W2]), C, p);
    v[Y] = pushed(tarn_add(v[C], v[B2]), Y, p);
    v[LOSS] = pushed(tarn_mse(v[Y], v[T]), LOSS, p);
}

/* (loss(v + s) - loss(v - s)) / 2s, which is off by something of the order of s^2. */
static double numeric_derivative(int tensor, int element)
{
    double loss[2], s = 1e-5;
    tarn_tensor *before[ALL];
    memcpy(before, v, sizeof v);
    for (int down = 0; down < 2; down++) {
        const tarn_real value = tarn_values(v[tensor])[element];
        tarn_tape *tape = tarn_tape_begin_no_grad();
        forward((push){tensor, element, down ? -s : s});
        loss[down] = (double)tarn_item(v[LOSS]);
        tarn_tape_end(tape);
        memcpy(v, before, sizeof v);
        tarn_values(v[tensor])[element] = value;
    }
    return (loss[0] - loss[1]) / (2 * s);
}

/* In its rows, one below the other. */
static void print_values(int t)
{
    const int size = (int)tarn_size(v[t]), columns = size > 1 ? (int)tarn_dim(v[t], -1) : 1;
    for (int i = 0; i < size; i++)
        printf("%s%-*s %12.8f%s", i % columns ? "" : "    ", i % columns ? 0 : 6, i ? "" : names[t],
               (double)tarn_values(v[t])[i], (i + 1) % columns ? "" : "\n");
}

/* "    out  dW1[1,0]  -0.96211716" and the numeric derivative. Returns the largest difference. */
static double print_gradients(const char *way, int t, bool numeric_too)
{
    const int size = (int)tarn_size(v[t]), columns = size > 1 ? (int)tarn_dim(v[t], -1) : 1;
    double worst = 0;
    if (!tarn_gradients(v[t])) /* data */
        printf("    %-4s d%-7s %12s\n", way, names[t], "not needed");
    for (int i = 0; i < size && tarn_gradients(v[t]); i++) {
        const double exact = (double)tarn_gradients(v[t])[i], numeric = numeric_derivative(t, i);
        char place[32] = "";
        if (size > 1)
            snprintf(place, sizeof place, size > columns ? "[%d,%d]" : "[%d]",
                     size > columns ? i / columns : i, i % columns);
        printf("    %-4s d%s%-*s %12.8f", way, names[t], 7 - (int)strlen(names[t]), place, exact);
        printf(numeric_too ? "   numeric %12.8f\n" : "\n", numeric);
        worst = fmax(worst, fabs(exact - numeric));
    }
    return worst;
}

int main(int argc, char **argv)
{
    FILE *dot = argc == 3 && strcmp(argv[1], "--dot") == 0 ? fopen(argv[2], "w") : NULL;
    if (argc > 1 && !dot)
        err(1, "expects --dot FILE.dot or nothing: %s %s", argv[1], argv[2] ? argv[2] : "");
    /* Numbers that are easy to calculate with. */
    v[X] = tarn_from_array(tarn_shape(1, 2), (const tarn_real[]){1, 2});
    v[T] = tarn_from_array(tarn_shape(1, 1), (const tarn_real[]){1});
    v[W1] = tarn_from_array(tarn_shape(2, 2), (const tarn_real[]){0.5, -1, 0.25, 0.75});
    v[B1] = tarn_from_array(tarn_shape(2), (const tarn_real[]){-1, 0.5});
    v[W2] = tarn_from_array(tarn_shape(2, 1), (const tarn_real[]){2, -1});
    v[B2] = tarn_from_array(tarn_shape(1), (const tarn_real[]){0.25});
    for (int i = W1; i <= B2; i++)
        tarn_requires_grad(v[i], true);
    tarn_tape *tape = tarn_tape_begin();
    forward((push){.tensor = ALL});
    tarn_backward(v[LOSS]);
    puts("GIVEN");
    for (int i = 0; i <= LOSS; i++) {
        if (i >= A)
            printf("%s%s = %s\n", i == A ? "\nFORWARD\n" : "", names[i], steps[i].operation);
        print_values(i);
    }
    puts("\nBACKWARD, from the loss, whose own gradient is 1");
    double worst = 0;
    for (int i = LOSS; i >= A; i--) {
        printf("%s = %s\n    rule %s\n", names[i], steps[i].operation, steps[i].rule);
        print_gradients("in", i, false);
        for (int k = 0; k < 2 && steps[i].inputs[k] < ALL; k++)
            worst = fmax(worst, print_gradients("out", steps[i].inputs[k], true));
    }
    puts("\nTHE TAPE");
    tarn_tape_print(tape, stdout, .params = {ALL, v, names});
    printf("\nthe gradients %s with the numeric derivatives: largest difference %.1e\n",
           worst < 1e-8 ? "agree" : "do not agree", worst);
    if (fflush(stdout) != 0 || ferror(stdout))
        errx(1, "standard output cannot be written");
    const tarn_params all = {ALL, v, names};
    if (dot && (!tarn_tape_dot(tape, dot, .params = all, .values = 4) || fclose(dot) != 0))
        errx(1, "--dot %s: %s", argv[2], tarn_error());
    tarn_tape_end(tape);
    return worst < 1e-8 ? 0 : 1;
}
