/*
 * Backpropagation, to be checked by hand: a network of two inputs, two hidden units and one output.
 *
 *     a = x W1,  z = a + b1,  h = sigmoid(z)           x (1,2), W1 (2,2), b1 (2)
 *     c = h W2,  y = c + b2,  loss = mean((y - t)^2)   W2 (2,1), b2 (1)
 *
 * The program prints what forward computes, and then goes back over the tape as tarn_backward()
 * did. For each operation it prints the rule, the gradient that comes in, which is that of the
 * operation's result, and the gradients that go out to its inputs. Beside each of these stands the
 * numeric derivative: how much the loss changes when this one number is moved. It is compiled in
 * double, so that the two can agree.
 *
 * docs/backprop.md tells the story along this file.
 */
#include <err.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include <tarn.h>

/* ---- The network. First what is given, then what is computed. */

enum { X, T, W1, B1, W2, B2, GIVEN, A = GIVEN, Z, H, C, Y, LOSS, ALL };

static const char *names[ALL] = {"x", "t", "W1", "b1", "W2", "b2", "a", "z", "h", "c", "y", "loss"};

/* Numbers that are easy to calculate with. */
static void make_network(tarn_tensor **v)
{
    v[X] = tarn_from_array(tarn_shape(1, 2), (const tarn_real[]){1, 2});
    v[T] = tarn_from_array(tarn_shape(1, 1), (const tarn_real[]){1});
    v[W1] = tarn_from_array(tarn_shape(2, 2), (const tarn_real[]){0.5, -1, 0.25, 0.75});
    v[B1] = tarn_from_array(tarn_shape(2), (const tarn_real[]){-1, 0.5});
    v[W2] = tarn_from_array(tarn_shape(2, 1), (const tarn_real[]){2, -1});
    v[B2] = tarn_from_array(tarn_shape(1), (const tarn_real[]){0.25});
    for (int i = W1; i <= B2; i++)
        tarn_requires_grad(v[i], true);
}

/* One number of the network, and by how much it is moved. */
typedef struct push {
    int tensor;
    int64_t element;
    double by;
} push;

/* Pushes the result, if it is its turn. An operation has computed all its values when it returns,
   so what is computed from them later sees what they were pushed to. */
static tarn_tensor *pushed(tarn_tensor *result, int tensor, push p)
{
    if (tensor == p.tensor)
        tarn_values(result)[p.element] += (tarn_real)p.by;
    return result;
}

static void forward(tarn_tensor **v, push p)
{
    v[A] = pushed(tarn_matmul(v[X], v[W1]), A, p);
    v[Z] = pushed(tarn_add(v[A], v[B1]), Z, p);
    v[H] = pushed(tarn_sigmoid(v[Z]), H, p);
    v[C] = pushed(tarn_matmul(v[H], v[W2]), C, p);
    v[Y] = pushed(tarn_add(v[C], v[B2]), Y, p);
    v[LOSS] = pushed(tarn_mse(v[Y], v[T]), LOSS, p);
}

/* ---- The numeric derivative */

static double loss_after(tarn_tensor *const *network, push p)
{
    tarn_tensor *v[ALL];
    memcpy(v, network, sizeof v);
    tarn_real *given = p.tensor < GIVEN ? &tarn_values(v[p.tensor])[p.element] : NULL;
    const tarn_real before = given ? *given : 0;
    if (given)
        *given += (tarn_real)p.by;
    tarn_tape *tape = tarn_tape_begin_no_grad();
    forward(v, p);
    const double loss = (double)tarn_item(v[LOSS]);
    tarn_tape_end(tape);
    if (given)
        *given = before;
    return loss;
}

/* (loss(v + s) - loss(v - s)) / 2s, which is off by something of the order of s^2. */
static double numeric_derivative(tarn_tensor *const *network, int tensor, int64_t element)
{
    const double s = 1e-5;
    return (loss_after(network, (push){tensor, element, s}) -
            loss_after(network, (push){tensor, element, -s})) /
           (2 * s);
}

/* ---- What is printed */

static int number_of(tarn_tensor *const *v, const tarn_tensor *t)
{
    int i = 0;
    while (i < ALL - 1 && v[i] != t)
        i++;
    return i;
}

static int64_t columns_of(const tarn_tensor *t)
{
    return tarn_ndim(t) > 0 ? tarn_dim(t, -1) : 1;
}

/* A matrix in its rows. */
static void print_values(const char *name, tarn_tensor *t)
{
    const int64_t columns = columns_of(t);
    for (int64_t i = 0; i < tarn_size(t); i++) {
        if (i % columns == 0)
            printf("%s    %-6s", i ? "\n" : "", i ? "" : name);
        printf(" %12.8f", (double)tarn_values(t)[i]);
    }
    printf("\n");
}

/* "h = sigmoid(z)" */
static void print_operation(tarn_tensor *const *v, const tarn_node *node)
{
    printf("%s = %s(", names[number_of(v, node->output)], node->op->name);
    for (int i = 0; i < node->input_count; i++)
        printf("%s%s", i ? ", " : "", names[number_of(v, node->inputs[i])]);
    printf(")");
}

/* The tape leads from the newest entry to the oldest. */
static void print_forward(tarn_tensor *const *v, const tarn_node *node)
{
    if (!node)
        return;
    print_forward(v, node->previous);
    print_operation(v, node);
    printf("\n");
    print_values(names[number_of(v, node->output)], node->output);
}

/* How the gradients of the inputs A and B come from that of the result Y. */
static const char *rule_of(const tarn_op *op)
{
    static const struct {
        const char *op, *rule;
    } rules[] = {
        {"matmul", "dA = dY B^T, dB = A^T dY"},
        {"add", "dA = dY, dB = dY"},
        {"sigmoid", "dA = dY Y (1 - Y)"},
        {"mse", "dA = dY 2 (A - B) / n, n being 1 here"},
    };
    for (size_t i = 0; i < sizeof rules / sizeof *rules; i++)
        if (strcmp(op->name, rules[i].op) == 0)
            return rules[i].rule;
    return "";
}

/* The rule in the names of the network. */
static void print_rule(tarn_tensor *const *v, const tarn_node *node)
{
    printf("    rule ");
    for (const char *at = rule_of(node->op); *at; at++)
        if (*at == 'Y')
            printf("%s", names[number_of(v, node->output)]);
        else if (*at == 'A' || *at == 'B')
            printf("%s", names[number_of(v, node->inputs[*at - 'A'])]);
        else
            putchar(*at);
    printf("\n");
}

/* "    out  dW1[1,0]  -0.96211716", of row 1 and column 0, without a line break. */
static void print_gradient(const char *way, tarn_tensor *const *v, int tensor, int64_t element)
{
    const long long size = tarn_size(v[tensor]), columns = columns_of(v[tensor]);
    char place[48] = "", label[64];
    if (size > columns)
        snprintf(place, sizeof place, "[%lld,%lld]", element / columns, element % columns);
    else if (size > 1)
        snprintf(place, sizeof place, "[%lld]", (long long)element);
    snprintf(label, sizeof label, "d%s%s", names[tensor], place);
    printf("    %-4s %-8s %12.8f", way, label, (double)tarn_gradients(v[tensor])[element]);
}

/* The gradient that goes out to one tensor. Returns the largest difference of the two columns. */
static double print_out(tarn_tensor *const *v, int tensor)
{
    double worst = 0;
    if (!tarn_gradients(v[tensor])) { /* data */
        printf("    out  d%-7s %12s\n", names[tensor], "not needed");
        return 0;
    }
    for (int64_t i = 0; i < tarn_size(v[tensor]); i++) {
        const double exact = (double)tarn_gradients(v[tensor])[i];
        const double numeric = numeric_derivative(v, tensor, i);
        print_gradient("out", v, tensor, i);
        printf("   numeric %12.8f\n", numeric);
        worst = fmax(worst, fabs(exact - numeric));
    }
    return worst;
}

static double print_backward(tarn_tensor *const *v, const tarn_node *last)
{
    double worst = 0;
    for (const tarn_node *node = last; node; node = node->previous) {
        const int output = number_of(v, node->output);
        print_operation(v, node);
        printf("\n");
        print_rule(v, node);
        for (int64_t i = 0; i < tarn_size(node->output); i++) {
            print_gradient("in", v, output, i);
            printf("\n");
        }
        for (int i = 0; i < node->input_count; i++)
            worst = fmax(worst, print_out(v, number_of(v, node->inputs[i])));
    }
    return worst;
}

static void write_dot(tarn_tape *tape, tarn_tensor **v, const char *path)
{
    FILE *file = fopen(path, "w");
    fflush(stdout); /* a complaint comes last */
    if (!file)
        err(1, "--dot %s", path);
    if (!tarn_tape_dot(tape, file, .params = {GIVEN, v, names}))
        errx(1, "--dot %s: %s", path, tarn_error());
    fclose(file);
}

int main(int argc, char **argv)
{
    const bool draw = argc == 3 && strcmp(argv[1], "--dot") == 0;
    if (argc > 1 && !draw)
        errx(1,
             "expects nothing, or --dot FILE.dot to write the graph; dot -Tsvg FILE.dot draws it");
    tarn_tensor *v[ALL];
    make_network(v);
    tarn_tape *tape = tarn_tape_begin();
    forward(v, (push){.tensor = ALL});
    tarn_backward(v[LOSS]);

    printf("GIVEN\n");
    for (int i = 0; i < GIVEN; i++)
        print_values(names[i], v[i]);
    printf("\nFORWARD\n");
    print_forward(v, tarn_tape_last(tape));
    printf("\nBACKWARD, from the loss, whose own gradient is 1\n");
    const double worst = print_backward(v, tarn_tape_last(tape));
    printf("\nTHE TAPE\n");
    tarn_tape_print(tape, stdout, .params = {GIVEN, v, names});
    const bool agree = worst < 1e-8;
    printf("\nthe gradients %s with the numeric derivatives: largest difference %.1e\n",
           agree ? "agree" : "do not agree", worst);

    if (draw)
        write_dot(tape, v, argv[2]);
    tarn_tape_end(tape);
    for (int i = 0; i < GIVEN; i++)
        tarn_free(v[i]);
    if (fflush(stdout) != 0 || ferror(stdout))
        errx(1, "standard output cannot be written");
    return agree ? 0 : 1;
}
