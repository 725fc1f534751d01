/* Filter-normalized directions, and the plane of a path's two main directions. */
#include <math.h>
#include <string.h>

#include <criterion/criterion.h>

#include <tarn.h>

#include "examples/lab/landscape/directions.h"

TestSuite(directions, .timeout = 60);

static double dot(const double *a, const double *b, int64_t size)
{
    double sum = 0;
    for (int64_t i = 0; i < size; i++)
        sum += a[i] * b[i];
    return sum;
}

/* A random direction for the weights, normalized; before it was, in raw. */
static void normalized(const tarn_tensor *weights, double *direction, double *raw)
{
    tarn_tensor *normal = tarn_randn(tarn_shape_get(weights));
    for (int64_t i = 0; i < tarn_size(weights); i++)
        raw[i] = direction[i] = (double)tarn_values(normal)[i];
    filter_normalize(direction, weights);
    tarn_free(normal);
}

Test(directions, each_filter_gets_the_norm_of_the_weights)
{
    const tarn_shape shapes[] = {tarn_shape(3, 2, 4, 5), tarn_shape(7, 3)};
    tarn_seed(1);
    for (int s = 0; s < 2; s++) {
        double direction[120], raw[120];
        tarn_tensor *weights = tarn_randn(shapes[s]);
        const int64_t outputs = tarn_dim(weights, -1), inputs = tarn_size(weights) / outputs;
        normalized(weights, direction, raw);
        for (int64_t o = 0; o < outputs; o++) {
            double expected = 0, found = 0;
            for (int64_t i = 0; i < inputs; i++) {
                const double w = (double)tarn_values(weights)[i * outputs + o];
                expected += w * w;
                found += direction[i * outputs + o] * direction[i * outputs + o];
                /* It is scaled, and not turned. */
                cr_expect_float_eq(direction[i * outputs + o] * raw[o],
                                   raw[i * outputs + o] * direction[o], 1e-12);
                cr_expect_geq(direction[i * outputs + o] * raw[i * outputs + o], 0);
            }
            cr_expect_float_eq(found, expected, 1e-12 * expected);
        }
        tarn_free(weights);
    }
}

Test(directions, by_hand)
{
    /* Columns (3, 4) and (0, 0) of the weights: norms 5 and 0. */
    tarn_tensor *weights = tarn_from_array(tarn_shape(2, 2), (tarn_real[]){3, 0, 4, 0});
    double direction[] = {0, 1, -2, 1};
    filter_normalize(direction, weights);
    cr_expect_arr_eq(direction, ((double[]){0, 0, -5, 0}), sizeof direction);
    tarn_free(weights);
}

Test(directions, biases_stay_where_they_are)
{
    tarn_tensor *bias = tarn_from_array(tarn_shape(3), (tarn_real[]){1, 2, 3});
    double direction[] = {1, -1, 1};
    filter_normalize(direction, bias);
    cr_expect_arr_eq(direction, ((double[]){0, 0, 0}), sizeof direction);
    tarn_free(bias);
}

static void expect_orthonormal(const main_plane *plane, int64_t size)
{
    cr_expect_float_eq(dot(plane->axis[0], plane->axis[0], size), 1, 1e-12);
    cr_expect_float_eq(dot(plane->axis[1], plane->axis[1], size), 1, 1e-12);
    cr_expect_float_eq(dot(plane->axis[0], plane->axis[1], size), 0, 1e-12);
}

Test(directions, points_of_a_plane_are_found_again)
{
    enum { COUNT = 20, SIZE = 300 };
    static tarn_real points[COUNT * SIZE];
    tarn_seed(2);
    tarn_tensor *numbers = tarn_randn(tarn_shape(3, SIZE));
    const tarn_real *n = tarn_values(numbers);
    for (int i = 0; i < COUNT; i++)
        for (int j = 0; j < SIZE; j++)
            points[i * SIZE + j] = n[j] + (tarn_real)(3 * cos(0.1 * i)) * n[SIZE + j] +
                                   (tarn_real)sin(0.3 * i) * n[2 * SIZE + j];
    main_plane plane;
    cr_assert(main_plane_of(&plane, points, COUNT, SIZE));
    expect_orthonormal(&plane, SIZE);
    cr_expect_float_eq(plane.share[0] + plane.share[1], 1, 1e-9);
    cr_expect_geq(plane.share[0], plane.share[1]);
    cr_expect_gt(plane.share[1], 0.01);
    const tarn_real *end = points + (COUNT - 1) * SIZE;
    double first[2];
    project(&plane, end, points, SIZE, first);
    cr_expect_lt(first[0], 0);
    cr_expect_gt(first[1], 0);
    for (int i = 0; i < COUNT; i++) {
        double at[2];
        project(&plane, end, points + i * SIZE, SIZE, at);
        for (int j = 0; j < SIZE; j++)
            cr_assert_float_eq((double)end[j] + at[0] * plane.axis[0][j] + at[1] * plane.axis[1][j],
                               (double)points[i * SIZE + j], 1e-5);
    }
    main_plane_free(&plane);
    tarn_free(numbers);
}

/* Points on the axes of an ellipsoid: its axes are the main directions, their squares the
   variances. */
Test(directions, shares_are_those_of_the_variance)
{
    enum { COUNT = 6, SIZE = 4 };
    const double radii[] = {0, 2, 1, 3};
    tarn_real points[COUNT * SIZE];
    for (int i = 0; i < COUNT; i++)
        for (int j = 0; j < SIZE; j++)
            points[i * SIZE + j] =
                (tarn_real)(5 + (i / 2 + 1 == j ? (i % 2 ? -radii[j] : radii[j]) : 0));
    main_plane plane;
    cr_assert(main_plane_of(&plane, points, COUNT, SIZE));
    expect_orthonormal(&plane, SIZE);
    cr_expect_float_eq(plane.share[0], 9.0 / 14, 1e-12);
    cr_expect_float_eq(plane.share[1], 4.0 / 14, 1e-12);
    cr_expect_float_eq(fabs(plane.axis[0][3]), 1, 1e-12);
    cr_expect_float_eq(fabs(plane.axis[1][1]), 1, 1e-12);
    main_plane_free(&plane);
}

/* In all directions at once: the shares are the two largest of many eigenvalues, whose axes are
   such that what is left of the points is at right angles to them. */
Test(directions, scattered_points)
{
    enum { COUNT = 51, SIZE = 40 };
    tarn_seed(3);
    tarn_tensor *numbers = tarn_randn(tarn_shape(COUNT, SIZE));
    const tarn_real *points = tarn_values(numbers);
    main_plane plane;
    cr_assert(main_plane_of(&plane, points, COUNT, SIZE));
    expect_orthonormal(&plane, SIZE);
    double mean[SIZE] = {0}, trace = 0;
    for (int i = 0; i < COUNT * SIZE; i++)
        mean[i % SIZE] += (double)points[i] / COUNT;
    for (int i = 0; i < COUNT * SIZE; i++)
        trace += pow((double)points[i] - mean[i % SIZE], 2);
    /* An axis is an eigenvector of the covariance: C^T C axis = share trace axis. */
    for (int k = 0; k < 2; k++) {
        double image[SIZE] = {0};
        for (int i = 0; i < COUNT; i++) {
            double along = 0;
            for (int j = 0; j < SIZE; j++)
                along += ((double)points[i * SIZE + j] - mean[j]) * plane.axis[k][j];
            for (int j = 0; j < SIZE; j++)
                image[j] += along * ((double)points[i * SIZE + j] - mean[j]);
        }
        for (int j = 0; j < SIZE; j++)
            cr_expect_float_eq(image[j], plane.share[k] * trace * plane.axis[k][j], 1e-9 * trace);
    }
    cr_expect_gt(plane.share[0], plane.share[1]);
    cr_expect_gt(plane.share[1], 1.0 / SIZE);
    main_plane_free(&plane);
    tarn_free(numbers);
}

Test(directions, few_points_and_lines)
{
    const tarn_real points[] = {1, 2, 3, 1, 2, 7, 1, 2, 11};
    main_plane plane;
    for (int count = 1; count <= 3; count++) {
        cr_assert(main_plane_of(&plane, points, count, 3));
        expect_orthonormal(&plane, 3);
        cr_expect_float_eq(plane.share[0], count > 1, 1e-12);
        cr_expect_eq(plane.share[1], 0);
        if (count > 1)
            cr_expect_float_eq(plane.axis[0][2], 1, 1e-12);
        main_plane_free(&plane);
    }
    /* A line askew, at right angles to which one must be chosen. */
    cr_assert(main_plane_of(&plane, (tarn_real[]){0, 0, 1, 1, 2, 2}, 3, 2));
    expect_orthonormal(&plane, 2);
    cr_expect_float_eq(plane.share[0], 1, 1e-12);
    cr_expect_eq(plane.share[1], 0);
    main_plane_free(&plane);
    /* Two numbers each; and points that are all the same. */
    cr_assert(main_plane_of(&plane, points, 4, 2));
    expect_orthonormal(&plane, 2);
    cr_expect_float_eq(plane.share[0] + plane.share[1], 1, 1e-12);
    main_plane_free(&plane);
    cr_assert(main_plane_of(&plane, (tarn_real[]){4, 5, 4, 5, 4, 5}, 3, 2));
    expect_orthonormal(&plane, 2);
    cr_expect_eq(plane.share[0], 0);
    main_plane_free(&plane);
}
