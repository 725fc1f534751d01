/* The room Classify of the playground, without its page: tests/wasm/rooms/classify.mjs has that. */
#include <math.h>
#include <string.h>

#include <criterion/criterion.h>

#include "examples/playground/network.h"
#include "examples/playground/points.h"

TestSuite(room_classify, .timeout = 60);

const char *pg_set(const char *set, int count, double noise, int seed);
const char *pg_draw(const float *numbers, int count);
const char *pg_begin(const char *layers, const char *activation, const char *init, double dropout,
                     const char *optimizer, const char *options, const char *schedule, int total,
                     int batch, int seed);
double pg_train(int steps);
const char *pg_problem(void);
const double *pg_score(void);
const double *pg_layers(void);
const float *pg_maps(int side);
const char *pg_lists(void);

Test(room_classify, makes_sets_of_two_equal_classes_in_both_parts)
{
    const char *const sets[] = {"spirals", "circles", "xor", "gauss"};
    for (int s = 0; s < 4; s++) {
        cr_assert_str_empty(pg_set(sets[s], 400, 0.02, 1));
        for (int part = 0; part < 2; part++) {
            int ones = 0, right = 0;
            cr_expect_eq(data.counts[part], 200);
            for (int i = 0; i < data.counts[part]; i++) {
                ones += data.labels[part][i];
                right += data.places[part][2 * i] > 0;
            }
            cr_expect_eq(ones, 100, "%s", sets[s]);
            cr_expect(right > 70 && right < 130, "%s: %d of 200 are right of the middle", sets[s],
                      right);
        }
    }
}

Test(room_classify, learns_and_tells_what_it_does)
{
    cr_assert_str_empty(pg_set("circles", 200, 0.02, 1));
    cr_assert_str_empty(
        pg_begin("8,4", "tanh", "xavier", 0, "adam", "lr=0.02", "cosine", 400, 16, 1));
    const double before = pg_score()[0];
    cr_expect(isnan(pg_layers()[1]), "no gradient before the first step");
    for (int i = 0; i < 10; i++)
        cr_assert(isfinite(pg_train(30)));
    cr_expect(pg_score()[0] < 0.3 * before && pg_score()[3] > 0.9);
    const double *layers = pg_layers();
    double weights = 0;
    for (int i = 0; i < 25; i++)
        weights += layers[5 + i];
    cr_expect_eq(weights, 2 * 8, "the histogram counts all weights of the first layer");
    cr_expect(layers[0] > 0 && layers[1] > 0 && layers[2] > 0);
    const float *maps = pg_maps(10), *said = maps + 12 * 96 * 96;
    cr_expect(said[0] > 0.5F && said[55] < 0.5F, "the ring outside, the disc within");
    for (int i = 0; i < 100; i++)
        cr_expect(fabsf(maps[i]) <= 1 && said[i] >= 0 && said[i] <= 1);
    cr_assert_str_empty(pg_begin("8,4", "tanh", "xavier", 0, "adam", "lr=0.02", "", 400, 16, 1));
    layers = pg_layers();
    for (int i = 0; i < 25; i++)
        cr_expect_eq(layers[5 + 25 + i], 0, "gradients are those of this network, which has none");
}

Test(room_classify, says_what_is_wrong)
{
    cr_expect(strstr(pg_set("squares", 100, 0, 1), "there are the sets"));
    cr_expect(strstr(pg_set("xor", 2000, 0, 1), "expects 8 to 1000"));
    cr_expect(strstr(pg_draw((const float[]){0, 0, 1}, 1), "at least four points"));
    const float drawn[] = {0, 0, 1, 0.5F, 0, 0, 0, 0.5F, 1, 0.5F, 0.5F, 0};
    cr_assert_str_empty(pg_draw(drawn, 4));
    cr_expect_eq(data.counts[0], 3);
    cr_expect_eq(data.counts[1], 1);
    cr_expect(
        strstr(pg_begin("8,17", "tanh", "default", 0, "sgd", "", "", 1, 4, 1), "1 to 16 units"));
    cr_expect(strstr(pg_begin("1,1,1,1,1,1,1", "tanh", "default", 0, "sgd", "", "", 1, 4, 1),
                     "6 layers"));
    cr_expect(strstr(pg_begin("8", "tan", "default", 0, "sgd", "", "", 1, 4, 1), "activation"));
    cr_expect(strstr(pg_begin("8", "tanh", "none", 0, "sgd", "", "", 1, 4, 1), "initialization"));
    cr_expect(strstr(pg_begin("8", "tanh", "default", 0, "sgd", "rate=1", "", 1, 4, 1), "rate"));
    cr_expect(isnan(pg_train(1)), "nothing trains after that");
    cr_assert_str_empty(
        pg_begin("", "tanh", "zeros", 0, "sgd", "lr=1e30,weight_decay=1", "", 1, 4, 1));
    pg_train(20);
    cr_expect(isnan(pg_train(1)));
    cr_expect(strstr(pg_lists(), "{\"name\":\"schedule_free_adamw\","));
}
