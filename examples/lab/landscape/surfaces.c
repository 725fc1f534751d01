#include "examples/lab/landscape/surfaces.h"

/* A constant is the number 1, scaled. */
static tarn_tensor *number(double value)
{
    static tarn_tensor *one;
    if (!one)
        one = tarn_full(tarn_shape(), 1);
    return tarn_scale(one, value);
}

/* (1 - x)^2 + 100 (y - x^2)^2 */
static tarn_tensor *rosenbrock(tarn_tensor *x, tarn_tensor *y)
{
    tarn_tensor *along = tarn_sub(number(1), x);
    tarn_tensor *across = tarn_sub(y, tarn_square(x));
    return tarn_add(tarn_square(along), tarn_scale(tarn_square(across), 100));
}

/* (1.5 - x + x y)^2 + (2.25 - x + x y^2)^2 + (2.625 - x + x y^3)^2 */
static tarn_tensor *beale(tarn_tensor *x, tarn_tensor *y)
{
    tarn_tensor *y2 = tarn_square(y), *y3 = tarn_mul(y2, y);
    tarn_tensor *a = tarn_add(tarn_sub(number(1.5), x), tarn_mul(x, y));
    tarn_tensor *b = tarn_add(tarn_sub(number(2.25), x), tarn_mul(x, y2));
    tarn_tensor *c = tarn_add(tarn_sub(number(2.625), x), tarn_mul(x, y3));
    return tarn_add(tarn_add(tarn_square(a), tarn_square(b)), tarn_square(c));
}

/* (x^2 + y - 11)^2 + (x + y^2 - 7)^2 */
static tarn_tensor *himmelblau(tarn_tensor *x, tarn_tensor *y)
{
    tarn_tensor *a = tarn_sub(tarn_add(tarn_square(x), y), number(11));
    tarn_tensor *b = tarn_sub(tarn_add(x, tarn_square(y)), number(7));
    return tarn_add(tarn_square(a), tarn_square(b));
}

/* (x^2 + 100 y^2) / 2 */
static tarn_tensor *ravine(tarn_tensor *x, tarn_tensor *y)
{
    return tarn_add(tarn_scale(tarn_square(x), 0.5), tarn_scale(tarn_square(y), 50));
}

/* x^2 - y^2 + y^4 / 4 */
static tarn_tensor *saddle(tarn_tensor *x, tarn_tensor *y)
{
    tarn_tensor *y2 = tarn_square(y);
    return tarn_add(tarn_sub(tarn_square(x), y2), tarn_scale(tarn_square(y2), 0.25));
}

/* Rosenbrock 1960; Beale 1958; Himmelblau 1972. */
const surface surfaces[SURFACES] = {
    {.name = "rosenbrock",
     .f = rosenbrock,
     .text = "(1 - x)^2 + 100 (y - x^2)^2, a bent valley with a flat floor",
     .start = {-1.5, 2},
     .low = {-2, -1},
     .high = {1.5, 3.2},
     .minima_count = 1,
     .minima = {{1, 1}}},
    {.name = "beale",
     .f = beale,
     .text = "(1.5 - x + xy)^2 + (2.25 - x + xy^2)^2 + (2.625 - x + xy^3)^2, plains between cliffs",
     .start = {1, 1.5},
     .low = {-0.5, -1.75},
     .high = {4, 1.9},
     .minima_count = 1,
     .minima = {{3, 0.5}}},
    {.name = "himmelblau",
     .f = himmelblau,
     .text = "(x^2 + y - 11)^2 + (x + y^2 - 7)^2, four minima, all as low",
     .start = {-0.3, -0.8},
     .low = {-5, -5},
     .high = {5, 5},
     .minima_count = 4,
     .minima = {{3, 2},
                {-2.805118086953, 3.131312518250},
                {-3.779310253378, -3.283185991286},
                {3.584428340330, -1.848126526964}}},
    {.name = "ravine",
     .f = ravine,
     .text = "(x^2 + 100 y^2) / 2, a hundred times as curved across as along",
     .start = {-4.5, 1},
     .low = {-5, -2.2},
     .high = {2.1, 2},
     .minima_count = 1,
     .minima = {{0, 0}}},
    {.name = "saddle",
     .f = saddle,
     .text = "x^2 - y^2 + y^4 / 4, from a millionth beside the ridge, y = 0",
     .start = {1.8, 1e-6},
     .low = {-1.7, -2.2},
     .high = {2, 2.2},
     .minima_count = 2,
     .minima = {{0, 1.414213562373}, {0, -1.414213562373}}},
};

surface saddle_from_ridge(void)
{
    surface s = surfaces[SURFACES - 1];
    s.start.y = 0;
    return s;
}
