/* The room Landscape of the playground, without its page: tests/wasm/rooms/landscape.mjs has that.
 */
#include <math.h>
#include <string.h>

#include <criterion/criterion.h>

#include <tarn.h>

TestSuite(room_landscape, .timeout = 60);

const char *pg_set(const char *set, int count, double noise, int seed);
const char *pg_begin(const char *layers, const char *activation, int seed);
const char *pg_walk(int i, const char *optimizer, const char *options, int every, int batch,
                    int seed);
bool pg_go(int steps);
const char *pg_arrive(void);
const char *pg_digits(const char *folder);
const double *pg_outcome(int i);
const double *pg_losses(int i);
const char *pg_plane(int centre, bool random, int seed);
const double *pg_shares(void);
const double *pg_path(int i);
double pg_at(double x, double y);
const float *pg_row(double x0, double x1, double y, int columns);

enum { COUNT, TRAIN, RIGHT, TEST, TEST_RIGHT, TRAVELLED, STRAIGHT };

static const char *walk(int i, const char *optimizer, const char *options, int steps, int every)
{
    const char *wrong = pg_walk(i, optimizer, options, every, 32, 1);
    if (*wrong)
        return wrong;
    pg_go(steps);
    return pg_arrive();
}

static void two_walks(void)
{
    cr_assert_str_empty(pg_set("circles", 200, 0.02, 1));
    cr_assert_str_empty(pg_begin("6", "tanh", 1));
    cr_assert_str_empty(walk(0, "adam", "lr=0.05", 100, 4));
    cr_assert_str_empty(walk(1, "sgd", "lr=0.5", 100, 4));
}

Test(room_landscape, walks_and_lays_a_plane_through_the_ends)
{
    two_walks();
    cr_expect_eq(pg_outcome(0)[COUNT], 26);
    cr_expect(pg_losses(0)[25] < 0.7 * pg_losses(0)[0]);
    cr_expect_eq(pg_losses(0)[0], pg_losses(1)[0], "both begin at the same weights");
    cr_expect(pg_outcome(1)[TRAVELLED] >= pg_outcome(1)[STRAIGHT] && pg_outcome(1)[STRAIGHT] > 0);
    for (int centre = 0; centre < 2; centre++) {
        cr_assert_str_empty(pg_plane(centre, false, 1));
        const double loss = pg_outcome(centre)[TRAIN];
        cr_expect(fabs(pg_at(0, 0) - loss) < 1e-6);
        cr_expect(fabs(pg_path(centre)[4 * 25]) < 1e-6 && fabs(pg_path(centre)[4 * 25 + 3]) < 1e-3);
        const double shares = pg_shares()[0] + pg_shares()[1];
        cr_expect(shares > 0.8 && shares < 1.0001, "two paths are nearly in a plane: %g", shares);
        /* Where a path is near the plane, the loss of the plane is that of the path. */
        const double *start = pg_path(centre);
        cr_expect(fabs(pg_at(start[0], start[1]) - start[2]) < 0.1 + start[3]);
    }
    cr_assert_str_empty(pg_plane(0, true, 5));
    cr_expect(fabs(pg_at(0, 0) - pg_outcome(0)[TRAIN]) < 1e-6);
    const float middle = pg_row(-1, 1, 0, 3)[1];
    cr_expect(fabs((double)middle - pg_at(0, 0)) < 1e-6);
}

Test(room_landscape, takes_lenet_too)
{
    cr_expect(strstr(pg_digits("nowhere"), "nowhere"));
    cr_assert_str_empty(pg_digits(TARN_SOURCE_DIR "/data/samples"));
    cr_assert_str_empty(pg_begin("lenet", "", 1));
    cr_assert_str_empty(walk(0, "adam", "lr=0.004", 20, 10));
    cr_assert_str_empty(walk(1, "sgd", "lr=0.1", 20, 10));
    cr_expect_eq(pg_outcome(0)[COUNT], 3);
    cr_expect(fabs(pg_losses(0)[0] - log(10)) < 0.1 && pg_losses(0)[2] < 1.5,
              "from guessing, %g, to %g", pg_losses(0)[0], pg_losses(0)[2]);
    cr_expect(pg_outcome(0)[TEST_RIGHT] > 0.5 && pg_outcome(0)[TEST_RIGHT] <= 1);
    cr_assert_str_empty(pg_plane(0, false, 1));
    cr_expect(fabs(pg_at(0, 0) - pg_outcome(0)[TRAIN]) < 1e-6);
    two_walks(); /* and back on points */
    cr_expect_eq(pg_outcome(0)[COUNT], 26);
}

Test(room_landscape, is_not_led_astray_by_who_looks_around_on_the_way)
{
    two_walks();
    const double end = pg_outcome(0)[TRAIN];
    cr_assert_str_empty(pg_plane(0, false, 1));
    cr_assert_str_empty(pg_begin("6", "tanh", 1));
    cr_expect(isnan(pg_at(0, 0)), "there is no plane");
    cr_assert_str_empty(pg_walk(0, "adam", "lr=0.05", 4, 32, 1));
    for (int i = 0; i < 100; i++) {
        cr_assert(pg_go(1));
        cr_expect(isnan(pg_at(1, 1)));
    }
    cr_assert_str_empty(pg_arrive());
    cr_expect_eq(pg_outcome(0)[TRAIN], end);
    cr_assert_str_empty(pg_plane(0, true, 1));
    cr_assert_str_empty(pg_walk(0, "sgd", "lr=0.5", 4, 32, 1));
    cr_assert(!pg_go(1000), "no more than a hundred places");
    cr_assert_str_empty(pg_arrive());
    cr_expect_eq(pg_outcome(0)[COUNT], 101);
    cr_expect(isnan(pg_at(0, 0)), "the plane was through another path's end");
}

Test(room_landscape, ends_a_path_where_its_numbers_do)
{
    two_walks();
    cr_assert_str_empty(walk(1, "sgd", "lr=1e30,weight_decay=1", 100, 1));
    cr_expect(pg_outcome(1)[COUNT] >= 1 && pg_outcome(1)[COUNT] < 10);
    cr_assert_str_empty(pg_plane(0, false, 1));
    cr_expect(isfinite(pg_at(0, 0)));
}

Test(room_landscape, says_what_is_wrong)
{
    cr_expect(strstr(pg_plane(0, false, 1), "there is no path"));
    cr_assert_str_empty(pg_set("xor", 100, 0, 1));
    cr_expect(strstr(pg_begin("99", "tanh", 1), "1 to 16 units"));
    cr_assert_str_empty(pg_begin("4", "relu", 1));
    cr_expect(strstr(walk(0, "best", "", 10, 1), "there is no optimizer"));
    cr_expect_eq(pg_outcome(0)[COUNT], 0);
    cr_expect(strstr(pg_plane(0, false, 1), "there is no path"));
}
