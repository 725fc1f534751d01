#include "tests/support/golden.h"

#include <ctype.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/support/larger.h"
#include "tests/support/mistakes.h"

enum { NAME = 64, MOST_NUMBERS = 16, MOST_TENSORS = 40, MOST_INPUTS = 5 };

typedef struct golden_array {
    char name[NAME];
    tarn_shape shape;
    double *values;
} golden_array;

struct golden_case {
    char name[NAME];
    int number_count, tensor_count;
    struct {
        char name[NAME];
        double value;
    } numbers[MOST_NUMBERS];
    golden_array tensors[MOST_TENSORS];
    golden_case *next;
};

struct golden {
    golden_case *first;
};

#ifdef TARN_DOUBLE
double golden_tolerance = 1e-11;
#else
double golden_tolerance = 1e-5;
#endif

/* ---- Reading */

/* The rest of a file, and where it came from. */
typedef struct reader {
    const char *path, *at;
} reader;

static void expect(const reader *r, bool ok, const char *what)
{
    cr_assert(ok, "%s: %s expected before \"%.30s\"", r->path, what, r->at);
}

static void skip(reader *r, char c)
{
    const char what[] = {'\'', c, '\'', 0};
    expect(r, *r->at == c, c == '\n' ? "the end of the line" : what);
    r->at++;
}

static double read_number(reader *r)
{
    char *end;
    const double value = strtod(r->at, &end);
    expect(r, end > r->at && !isspace((unsigned char)*r->at), "a number");
    r->at = end;
    return value;
}

static void read_name(reader *r, char name[NAME])
{
    const size_t length = strcspn(r->at, " =[\n");
    expect(r, length > 0 && length < NAME, "a name");
    snprintf(name, NAME, "%.*s", (int)length, r->at);
    r->at += length;
}

/* "2,3]/64 12 -8 0 1 -1 5": dimensions, the unit, if it is not 1, and the values. */
static void read_tensor(reader *r, golden_array *t)
{
    int64_t dims[TARN_MAX_NDIM];
    int ndim = 0;
    while (*r->at != ']') {
        if (ndim > 0)
            skip(r, ',');
        expect(r, ndim < TARN_MAX_NDIM, "']'");
        dims[ndim++] = (int64_t)read_number(r);
    }
    skip(r, ']');
    double unit = 1;
    if (*r->at == '/') {
        skip(r, '/');
        unit = read_number(r);
    }
    t->shape = tarn_shape_of(ndim, dims);
    const int64_t size = tarn_shape_size(t->shape);
    t->values = malloc((size_t)(size + 1) * sizeof *t->values);
    for (int64_t i = 0; i < size; i++) {
        skip(r, ' ');
        t->values[i] = read_number(r) / unit;
    }
}

static golden_case *read_case(reader *r)
{
    golden_case *c = calloc(1, sizeof *c);
    read_name(r, c->name);
    while (*r->at == ' ') {
        char name[NAME];
        skip(r, ' ');
        read_name(r, name);
        if (*r->at == '=') {
            skip(r, '=');
            expect(r, c->number_count < MOST_NUMBERS, "not so many numbers");
            memcpy(c->numbers[c->number_count].name, name, NAME);
            c->numbers[c->number_count++].value = read_number(r);
        } else {
            skip(r, '[');
            expect(r, c->tensor_count < MOST_TENSORS, "not so many tensors");
            memcpy(c->tensors[c->tensor_count].name, name, NAME);
            read_tensor(r, &c->tensors[c->tensor_count++]);
        }
    }
    skip(r, '\n');
    return c;
}

/* The whole file with a zero behind it. */
static char *content_of(const char *path)
{
    FILE *stream = fopen(path, "r");
    cr_assert(stream, "%s cannot be read", path);
    fseek(stream, 0, SEEK_END);
    const size_t size = (size_t)ftell(stream);
    rewind(stream);
    char *content = malloc(size + 1);
    cr_assert_eq(fread(content, 1, size, stream), size, "%s cannot be read", path);
    content[size] = 0;
    fclose(stream);
    return content;
}

golden *golden_open(const char *name)
{
    char path[1024];
    snprintf(path, sizeof path, "%s/tests/golden/%s.txt", TARN_SOURCE_DIR, name);
    char *content = content_of(path);
    reader r = {path, content};
    golden *file = calloc(1, sizeof *file);
    int count = 0;
    for (golden_case **link = &file->first; strncmp(r.at, "end ", 4) != 0; link = &(*link)->next) {
        *link = read_case(&r);
        count++;
    }
    r.at += 4;
    cr_assert_eq(read_number(&r), count, "%s does not have %d cases", path, count);
    skip(&r, '\n');
    expect(&r, *r.at == 0 && count > 0, "cases and the end of the file");
    free(content);
    return file;
}

void golden_close(golden *file)
{
    while (file->first) {
        golden_case *c = file->first;
        file->first = c->next;
        for (int i = 0; i < c->tensor_count; i++)
            free(c->tensors[i].values);
        free(c);
    }
    free(file);
}

const golden_case *golden_next(const golden *file, const golden_case *previous)
{
    return previous ? previous->next : file->first;
}

const char *golden_name(const golden_case *c)
{
    return c->name;
}

double golden_number(const golden_case *c, const char *name, double fallback)
{
    for (int i = 0; c && i < c->number_count; i++)
        if (strcmp(c->numbers[i].name, name) == 0)
            return c->numbers[i].value;
    return fallback;
}

static const golden_array *find(const golden_case *c, const char *name)
{
    for (int i = 0; i < c->tensor_count; i++)
        if (strcmp(c->tensors[i].name, name) == 0)
            return &c->tensors[i];
    return NULL;
}

tarn_tensor *golden_tensor(const golden_case *c, const char *name)
{
    const golden_array *from = find(c, name);
    tarn_tensor *t = from ? tarn_zeros(from->shape) : NULL;
    for (int64_t i = 0; i < tarn_size(t); i++)
        tarn_values(t)[i] = (tarn_real)from->values[i];
    return t;
}

static double element_difference(double value, double expected)
{
    if (value == expected || (isnan(value) && isnan(expected)))
        return 0;
    double difference = fabs(value - expected) / fmax(1, fabs(expected));
    return isnan(difference) ? INFINITY : difference;
}

double golden_difference(const golden_case *c, const char *name, tarn_shape shape,
                         const tarn_real *values)
{
    const golden_array *expected = find(c, name);
    if (!expected || !values || !tarn_shape_equal(shape, expected->shape))
        return INFINITY;
    double largest = 0;
    for (int64_t i = 0; i < tarn_shape_size(shape); i++)
        largest = larger(largest, element_difference((double)values[i], expected->values[i]));
    return largest;
}

/* ---- Checking an operation */

/* The inputs of a case; NULL behind the last. */
typedef struct inputs {
    int count;
    tarn_tensor *x[MOST_INPUTS];
} inputs;

static void numbered(char name[NAME], const char *stem, int i)
{
    snprintf(name, NAME, "%s%d", stem, i);
}

static inputs open_inputs(const golden_case *c)
{
    inputs in = {0};
    char name[NAME];
    for (numbered(name, "x", 0); find(c, name); numbered(name, "x", in.count)) {
        cr_assert_lt(in.count, MOST_INPUTS, "case %s has too many inputs", c->name);
        tarn_tensor *x = golden_tensor(c, name);
        numbered(name, "dx", in.count);
        in.x[in.count++] = tarn_requires_grad(x, find(c, name));
    }
    return in;
}

static void close_inputs(inputs *in)
{
    for (int i = 0; i < in->count; i++)
        tarn_free(in->x[i]);
}

static void expect_close(const char *file, const golden_case *c, const char *name, tarn_shape shape,
                         const tarn_real *values)
{
    double difference = golden_difference(c, name, shape, values);
    cr_expect_leq(difference, golden_tolerance, "%s, case %s: %s differs by %g from PyTorch's",
                  file, c->name, name, difference);
}

/* Compares the gradients, divided by the number of times they were added up. */
static void expect_gradients(const char *file, const golden_case *c, const inputs *in, int times)
{
    for (int i = 0; i < in->count; i++) {
        char name[NAME];
        numbered(name, "dx", i);
        tarn_real *gradients = tarn_gradients(in->x[i]);
        if (!find(c, name)) {
            cr_expect_null(gradients, "%s, case %s: input %d needs no gradient", file, c->name, i);
            continue;
        }
        for (int64_t k = 0; gradients && k < tarn_size(in->x[i]); k++)
            gradients[k] /= (tarn_real)times;
        expect_close(file, c, name, tarn_shape_get(in->x[i]), gradients);
    }
}

/* The sum of dy function(x) on the innermost tape. */
static tarn_tensor *loss_of(const golden_case *c, tarn_function *function, tarn_tensor *const *x,
                            tarn_tensor *dy)
{
    return tarn_sum(tarn_mul(function(x, (void *)c), dy));
}

#define EACH_CASE(file, c)                                                                         \
    for (const golden_case *c = golden_next(file, NULL); c; c = golden_next(file, c))

void check_golden(const char *name, tarn_function *function)
{
    golden *file = golden_open(name);
    EACH_CASE(file, c)
    {
        inputs in = open_inputs(c);
        tarn_tensor *dy = golden_tensor(c, "dy");
        tarn_tape *tape = tarn_tape_begin();
        tarn_tensor *y = function(in.x, (void *)c);
        cr_assert(y, "%s, case %s: %s", name, c->name, tarn_error());
        expect_close(name, c, "y", tarn_shape_get(y), tarn_values(y));
        if (dy) {
            cr_assert(tarn_backward(tarn_sum(tarn_mul(y, dy))), "%s, case %s: %s", name, c->name,
                      tarn_error());
            expect_gradients(name, c, &in, 1);
        }
        tarn_tape_end(tape);
        tarn_free(dy);
        close_inputs(&in);
    }
    golden_close(file);
}

void check_gradients(const char *name, tarn_function *function)
{
    int checked = 0;
    golden *file = golden_open(name);
    EACH_CASE(file, c)
    {
        if (golden_number(c, "kink", 0) != 0 || !find(c, "dy"))
            continue;
        inputs in = open_inputs(c);
        tarn_params params = {in.count, in.x, NULL};
        cr_expect(tarn_gradcheck(function, params, .context = (void *)c), "%s, case %s: %s", name,
                  c->name, tarn_error());
        close_inputs(&in);
        checked++;
    }
    golden_close(file);
    cr_assert_gt(checked, 0, "%s: no case can be checked by numeric differences", name);
}

void check_reuse(const char *name, tarn_function *function)
{
    golden *file = golden_open(name);
    EACH_CASE(file, c)
    {
        tarn_tensor *dy = golden_tensor(c, "dy");
        if (!dy)
            continue;
        inputs in = open_inputs(c);
        inputs scaled = {.count = in.count};
        tarn_tape *tape = tarn_tape_begin();
        for (int i = 0; i < in.count; i++)
            scaled.x[i] = tarn_scale(in.x[i], 1);
        tarn_tensor *loss =
            tarn_add(loss_of(c, function, scaled.x, dy), loss_of(c, function, scaled.x, dy));
        cr_assert(tarn_backward(loss), "%s, case %s: %s", name, c->name, tarn_error());
        tarn_tape_end(tape);
        expect_gradients(name, c, &in, 2);

        for (int i = 0; i < in.count; i++)
            tarn_zero_grad(in.x[i]);
        for (int pass = 0; pass < 2; pass++) {
            tape = tarn_tape_begin();
            cr_assert(tarn_backward(loss_of(c, function, in.x, dy)));
            tarn_tape_end(tape);
        }
        expect_gradients(name, c, &in, 2);
        tarn_free(dy);
        close_inputs(&in);
    }
    golden_close(file);
}

void check_careless_use(const char *name, tarn_function *function)
{
    golden *file = golden_open(name);
    const golden_case *c = golden_next(file, NULL);
    inputs in = open_inputs(c);
    record_mistakes();
    tarn_tape *tape = tarn_tape_begin();
    for (int i = 0; i < in.count && i < 2; i++) {
        inputs with_null = in;
        with_null.x[i] = NULL;
        cr_expect_null(function(with_null.x, (void *)c), "%s: input %d is NULL", name, i);
        cr_expect_eq(mistakes(), 0, "%s: NULL was reported again: %s", name, last_mistake());
    }
    tarn_tape_end(tape);

    cr_expect_null(function(in.x, (void *)c), "%s: no tape is open", name);
    cr_expect_eq(mistakes(), 1, "%s: no tape is open", name);
    cr_expect(strstr(last_mistake(), ": no tape is open; call tarn_tape_begin() first"), "%s",
              last_mistake());
    cr_expect_eq(strncmp(last_mistake(), name, strlen(name)), 0, "%s", last_mistake());
    tarn_set_error_handler(NULL, NULL);
    close_inputs(&in);
    golden_close(file);
}

/* Backward of the mean of the squares of function(a, b). */
static void pass(tarn_function *function, tarn_tensor *a, tarn_tensor *b)
{
    tarn_tape *tape = tarn_tape_begin();
    tarn_tensor *y = function((tarn_tensor *[]){a, b}, NULL);
    cr_assert(tarn_backward(tarn_mean(tarn_square(y))), "%s", tarn_error());
    tarn_tape_end(tape);
}

void check_same_twice(tarn_function *function, tarn_shape shape)
{
    tarn_tensor *a = tarn_rand(shape);
    for (int64_t i = 0; i < tarn_size(a); i++)
        tarn_values(a)[i] += 1;
    tarn_tensor *b = tarn_requires_grad(tarn_clone(a), true);
    tarn_tensor *both = tarn_requires_grad(tarn_clone(a), true);
    pass(function, tarn_requires_grad(a, true), b);
    pass(function, both, both);
    for (int64_t i = 0; i < tarn_size(a); i++) {
        double expected = (double)tarn_gradients(a)[i] + (double)tarn_gradients(b)[i];
        double difference = element_difference((double)tarn_gradients(both)[i], expected);
        cr_expect_leq(difference, golden_tolerance, "element %lld: differs by %g", (long long)i,
                      difference);
    }
    tarn_free(a);
    tarn_free(b);
    tarn_free(both);
}

enum { MANY = 100003, FEW = 37 };

/* Values, gradients of both inputs: of MANY elements, or of FEW. */
typedef struct outcome {
    tarn_real y[MANY], dx[2][MANY];
} outcome;

/* Runs forward and backward twice, so that the second gradient is added to the first. */
static void run_twice(tarn_function *function, tarn_tensor *const *x, int count, outcome *to)
{
    const size_t bytes = (size_t)tarn_size(x[0]) * sizeof(tarn_real);
    for (int i = 0; i < count; i++)
        tarn_zero_grad(x[i]);
    for (int pass = 0; pass < 2; pass++) {
        tarn_tape *tape = tarn_tape_begin();
        tarn_tensor *y = function(x, NULL);
        cr_assert(y && tarn_backward(tarn_sum(tarn_mul(y, x[0]))), "%s", tarn_error());
        memcpy(to->y, tarn_values(y), bytes);
        tarn_tape_end(tape);
    }
    for (int i = 0; i < count; i++)
        memcpy(to->dx[i], tarn_gradients(x[i]), bytes);
}

static tarn_tensor *elements(const char *domain)
{
    tarn_tensor *x = tarn_requires_grad(tarn_randn(tarn_shape(MANY)), true);
    tarn_real *value = tarn_values(x);
    for (int64_t i = 0; i < MANY && strcmp(domain, "ANY") != 0; i++)
        value[i] = (value[i] < 0 && strcmp(domain, "NONZERO") == 0 ? -1 : 1) *
                   ((tarn_real)fabs((double)value[i]) + (tarn_real)0.25);
    return x;
}

/* Whether the last ones of `many` are the bits of `few`. */
static bool ends_with(const tarn_real *many, const tarn_real *few)
{
    return memcmp(many + MANY - FEW, few, FEW * sizeof *few) == 0;
}

void check_pieces(const char *name, tarn_function *function, int input_count, const char *domain)
{
    static outcome one, other;
    tarn_tensor *x[2], *end[2];
    for (int i = 0; i < input_count; i++) {
        x[i] = elements(i == input_count - 1 ? domain : "ANY");
        end[i] = tarn_requires_grad(
            tarn_from_array(tarn_shape(FEW), tarn_values(x[i]) + MANY - FEW), true);
    }
    tarn_set_threads(1);
    run_twice(function, x, input_count, &one);
    run_twice(function, end, input_count, &other);
    cr_expect(ends_with(one.y, other.y), "%s", name);
    for (int i = 0; i < input_count; i++)
        cr_expect(ends_with(one.dx[i], other.dx[i]), "%s, gradient %d", name, i);
    for (int threads = 2; threads <= 4; threads++) {
        tarn_set_threads(threads);
        run_twice(function, x, input_count, &other);
        cr_expect_arr_eq(other.y, one.y, sizeof one.y, "%s, %d threads", name, threads);
        for (int i = 0; i < input_count; i++)
            cr_expect_arr_eq(other.dx[i], one.dx[i], sizeof one.y, "%s, gradient %d, %d threads",
                             name, i, threads);
    }
    for (int i = 0; i < input_count; i++) {
        tarn_free(x[i]);
        tarn_free(end[i]);
    }
}
