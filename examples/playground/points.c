#include "examples/playground/points.h"

#include <math.h>
#include <string.h>

#include "examples/playground/report.h"

points data;

/* Point i of each set, from three numbers: two uniform in [0, 1) and, added by the caller, noise.
   "Show me the C" has these lines too: site/classify/program.js. */

static const double pi = 3.141592653589793;

static int spirals(int i, int count, const tarn_real *u, double at[2])
{
    const double radius = 0.05 + 0.95 * i / count;
    const double angle = 2 * pi * (1.75 * radius + 0.5 * (i % 2));
    (void)u;
    at[0] = radius * cos(angle), at[1] = radius * sin(angle);
    return i % 2;
}

static int circles(int i, int count, const tarn_real *u, double at[2])
{
    const double radius = i % 2 ? 0.75 + 0.25 * (double)u[0] : 0.5 * (double)u[0];
    const double angle = 2 * pi * (double)u[1];
    (void)count;
    at[0] = radius * cos(angle), at[1] = radius * sin(angle);
    return i % 2;
}

static int exclusive_or(int i, int count, const tarn_real *u, double at[2])
{
    const double side = (i / 4) % 2 ? 1 : -1; /* each quarter as often */
    (void)count;
    at[0] = side * (0.05 + 0.95 * (double)u[0]);
    at[1] = (i % 2 ? -side : side) * (0.05 + 0.95 * (double)u[1]);
    return i % 2;
}

static int gauss(int i, int count, const tarn_real *u, double at[2])
{
    const double side = i % 2 ? 1 : -1, radius = 0.3 * sqrt(-2 * log(1 - (double)u[0]));
    (void)count;
    at[0] = 0.45 * side + radius * cos(2 * pi * (double)u[1]);
    at[1] = 0.45 * side + radius * sin(2 * pi * (double)u[1]);
    return i % 2;
}

static const struct {
    const char *name;
    int (*point)(int i, int count, const tarn_real *u, double at[2]);
} sets[] = {{"spirals", spirals}, {"circles", circles}, {"xor", exclusive_or}, {"gauss", gauss}};
enum { SETS = sizeof sets / sizeof *sets };

static void add(int part, double x, double y, int label)
{
    const int i = data.counts[part]++;
    data.places[part][2 * i] = (tarn_real)x;
    data.places[part][2 * i + 1] = (tarn_real)y;
    data.labels[part][i] = label;
    data.count++;
}

static void make(int s, int count, double noise)
{
    tarn_tensor *u = tarn_rand(tarn_shape(count, 2)), *z = tarn_randn(tarn_shape(count, 2));
    for (int i = 0; u && z && i < count; i++) {
        double at[2];
        const tarn_real *off = tarn_values(z) + 2 * i;
        const int label = sets[s].point(i, count, tarn_values(u) + 2 * i, at);
        add(i / 2 % 2, at[0] + noise * (double)off[0], at[1] + noise * (double)off[1], label);
    }
    tarn_free(u);
    tarn_free(z);
}

/* Makes so many points, 8 to POINTS_MOST, of a set. "" or what is wrong, here and below. */
const char *pg_set(const char *set, int count, double noise, int seed)
{
    report_begin();
    int s = 0;
    while (s < SETS && strcmp(sets[s].name, set) != 0)
        s++;
    memset(&data, 0, sizeof data);
    if (s == SETS)
        report("there are the sets spirals, circles, xor and gauss");
    else if (count < 8 || count > POINTS_MOST)
        report("expects 8 to 1000 points");
    else {
        tarn_seed((uint64_t)seed);
        make(s, count, noise);
    }
    return report_text(!report_any() && data.count == count);
}

/* Points drawn by hand: x, y, and 0 or 1, count times. */
const char *pg_draw(const float *numbers, int count)
{
    report_begin();
    memset(&data, 0, sizeof data);
    for (int i = 0; i < count && i < POINTS_MOST; i++)
        add(i % 4 == 3, (double)numbers[3 * i], (double)numbers[3 * i + 1], numbers[3 * i + 2] > 0);
    if (count > POINTS_MOST)
        report("there are too many points");
    else if (count < 4)
        report("draw at least four points");
    return report_text(!report_any());
}

/* How many points there are to train on (0), and to test on (1); their places; their classes. */
int pg_count(int part)
{
    return data.counts[part];
}

const float *pg_places(int part)
{
    return data.places[part];
}

const int32_t *pg_labels(int part)
{
    return data.labels[part];
}
