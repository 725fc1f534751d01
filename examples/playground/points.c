#include "examples/playground/points.h"

#include <math.h>
#include <string.h>

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

static int xor
    (int i, int count, const tarn_real *u, double at[2]) {
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
} sets[] = {{"spirals", spirals}, {"circles", circles}, {"xor", xor}, {"gauss", gauss}};
enum { SETS = sizeof sets / sizeof *sets };

static void add(points *p, int part, double x, double y, int label)
{
    const int i = p->counts[part]++;
    p->places[part][2 * i] = (tarn_real)x;
    p->places[part][2 * i + 1] = (tarn_real)y;
    p->labels[part][i] = label;
    p->count++;
}

const char *points_make(points *p, const char *set, int count, double noise)
{
    int s = 0;
    while (s < SETS && strcmp(sets[s].name, set) != 0)
        s++;
    if (s == SETS)
        return "there are the sets spirals, circles, xor and gauss";
    if (count < 8 || count > POINTS_MOST)
        return "expects 8 to 1000 points";
    tarn_tensor *u = tarn_rand(tarn_shape(count, 2)), *z = tarn_randn(tarn_shape(count, 2));
    memset(p, 0, sizeof *p);
    for (int i = 0; u && z && i < count; i++) {
        double at[2];
        const tarn_real *off = tarn_values(z) + 2 * i;
        const int label = sets[s].point(i, count, tarn_values(u) + 2 * i, at);
        add(p, i / 2 % 2, at[0] + noise * (double)off[0], at[1] + noise * (double)off[1], label);
    }
    tarn_free(u);
    tarn_free(z);
    return p->count == count ? NULL : "out of memory";
}

const char *points_take(points *p, const float *numbers, int count)
{
    if (count > POINTS_MOST)
        return "there are too many points";
    memset(p, 0, sizeof *p);
    for (int i = 0; i < count; i++)
        add(p, i % 4 == 3, (double)numbers[3 * i], (double)numbers[3 * i + 1],
            numbers[3 * i + 2] > 0);
    if (p->counts[0] < 2 || p->counts[1] < 1)
        return "draw at least four points";
    return NULL;
}
