/* The room Backprop of the playground, without its page: tests/wasm/rooms/backprop.mjs has that. */
#include <math.h>
#include <string.h>

#include <criterion/criterion.h>

#include "examples/playground/graph.h"

TestSuite(room_backprop, .timeout = 60);

const char *pg_network(void);
const char *pg_formula(const char *text);
const char *pg_graph(void);
void pg_set(int i, int element, double number);
const double *pg_run(void);
bool pg_agrees(void);
void pg_curve(int i, int element, double low, double high, int count, double *results);
const char *pg_problem(void);
const char *pg_program(void);

static int value_named(const char *name)
{
    for (int i = 0; i < g.count; i++)
        if (strcmp(g.values[i].name, name) == 0)
            return i;
    cr_assert_fail("there is no value %s", name);
    return 0;
}

/* After all operations backward. */
static double gradient(const double *run, const char *name, int element)
{
    return run[MOST * (2 + g.count - g.given) + g.values[value_named(name)].at + element];
}

static double numeric(const double *run, const char *name, int element)
{
    return run[MOST + g.values[value_named(name)].at + element];
}

Test(room_backprop, has_the_numbers_of_the_chapter)
{
    cr_assert_str_empty(pg_network());
    const double *run = pg_run();
    cr_assert(run);
    cr_expect(fabs(run[g.values[value_named("loss")].at] - 0.23141726) < 1e-6);
    cr_expect(fabs(gradient(run, "W1", 2) + 0.96211716) < 1e-6);
    cr_expect(fabs(gradient(run, "b1", 1) - 0.18916412) < 1e-6);
    cr_expect(isnan(gradient(run, "x", 0)), "data has no gradient");
    cr_expect(fabs(numeric(run, "W1", 2) + 0.96211716) < 0.02); /* in float */
    cr_expect(pg_agrees());
    cr_expect(strstr(pg_graph(), "{\"name\":\"a\",\"operation\":\"matmul\",\"inputs\":[0,2],"));
    cr_expect(strstr(pg_program(), "tarn_tensor *loss = tarn_mse(y, t);"));
    cr_expect(strstr(pg_program(), "(const tarn_real[]){0.5, -1, 0.25, 0.75}), true);"));
}

Test(room_backprop, shows_gradients_as_they_arrive)
{
    cr_assert_str_empty(pg_formula("x y + sin(x)"));
    pg_set(0, 0, 0.5);
    pg_set(1, 0, 2);
    const double *run = pg_run(), *gradients = run + 2 * MOST;
    const int x = g.values[0].at;
    cr_assert(run);
    cr_expect(isnan(gradients[x]) && isnan(gradients[MOST + x]), "not before an operation on x");
    cr_expect(fabs(gradients[2 * MOST + x] - cos(0.5)) < 1e-6, "the share of the sine first");
    cr_expect(fabs(gradients[3 * MOST + x] - cos(0.5) - 2) < 1e-6, "and then both");
    cr_expect(pg_agrees());
    double curve[3];
    pg_curve(1, 0, 0, 4, 3, curve);
    for (int i = 0; i < 3; i++)
        cr_expect(fabs(curve[i] - sin(0.5) - i) < 1e-6);
    cr_expect_eq((double)tarn_item(tensor_of(1)), 2, "the curve leaves the number as it was");
}

Test(room_backprop, keeps_what_there_is_where_a_formula_is_wrong)
{
    cr_assert_str_empty(pg_formula("a b"));
    cr_expect(strstr(pg_formula("a +"), "it ends where"));
    char text[1000] = "a";
    for (int i = 0; i < 40; i++)
        snprintf(text + strlen(text), sizeof text - strlen(text), "+sin(%da)", i + 2);
    cr_expect(strstr(pg_formula(text), "too long to be drawn"));
    cr_expect_eq(g.count, 3);
    cr_expect(pg_run());
}
