#include "data/dataset.h"

#include <math.h>
#include <stdint.h>

#include "tests/support/mistakes.h"

static const uint8_t bytes[6] = {0, 51, 102, 153, 204, 255};
static const int32_t labels[3] = {2, 0, 1};

/* The only batch of the dataset: its elements must be the expected ones. */
static void assert_batch(tarn_dataset *dataset, const double *expected, double tolerance)
{
    tarn_loader *loader = tarn_loader_new(dataset, 100);
    tarn_batch batch;
    cr_assert(tarn_loader_next(loader, &batch));
    for (int64_t i = 0; i < tarn_size(batch.images); i++)
        cr_assert_float_eq((double)tarn_values(batch.images)[i], expected[i], tolerance);
    tarn_loader_free(loader);
}

Test(dataset, copies_bytes_and_scales_them)
{
    uint8_t own[6];
    memcpy(own, bytes, sizeof own);
    tarn_dataset *dataset = tarn_data_from_bytes(tarn_shape(3, 2), own, labels, 3);
    memset(own, 7, sizeof own);
    cr_assert_eq(tarn_data_count(dataset), 3);
    cr_assert_eq(tarn_data_classes(dataset), 3);
    cr_assert(tarn_shape_equal(tarn_data_sample_shape(dataset), tarn_shape(2)));
    cr_assert_eq(memcmp(dataset->labels, labels, sizeof labels), 0);
    assert_batch(dataset, (const double[]){0, 0.2, 0.4, 0.6, 0.8, 1}, 1e-7);
    tarn_dataset_free(dataset);
}

Test(dataset, of_one_byte)
{
    tarn_dataset *dataset = tarn_data_from_bytes(tarn_shape(1), (const uint8_t[]){51}, NULL, 1);
    assert_batch(dataset, (const double[]){0.2}, 1e-7);
    tarn_dataset_free(dataset);
}

Test(dataset, keeps_numbers_as_they_are)
{
    const tarn_real numbers[4] = {-1e30f, 0.1f, 0, 12345678};
    tarn_dataset *dataset = tarn_data_from_numbers(tarn_shape(4), numbers, NULL, 1);
    cr_assert_eq(tarn_data_sample_shape(dataset).ndim, 0);
    cr_assert(dataset->labels[0] == 0 && dataset->labels[3] == 0);
    assert_batch(dataset, (const double[]){numbers[0], numbers[1], 0, 12345678}, 0);
    tarn_dataset_free(dataset);
}

Test(dataset, normalizes)
{
    tarn_dataset *dataset = tarn_data_from_bytes(tarn_shape(1, 6), bytes, NULL, 1);
    tarn_data_normalize(dataset, 0.4, 0.2);
    assert_batch(dataset, (const double[]){-2, -1, 0, 1, 2, 3}, 1e-6);
    tarn_data_normalize(dataset, 0, 0.5); /* in place of the first, not on top of it */
    assert_batch(dataset, (const double[]){0, 0.4, 0.8, 1.2, 1.6, 2}, 1e-6);
    tarn_dataset_free(dataset);

    const tarn_real numbers[2] = {3, 7};
    dataset = tarn_data_from_numbers(tarn_shape(1, 2), numbers, NULL, 1);
    tarn_data_normalize(dataset, 5, 2);
    assert_batch(dataset, (const double[]){-1, 1}, 0);
    tarn_dataset_free(dataset);
    tarn_data_normalize(NULL, 0, 1);
}

Test(dataset, normalizing_needs_finite_numbers)
{
    tarn_dataset *dataset = tarn_data_from_bytes(tarn_shape(1, 6), bytes, NULL, 1);
    const double wrong[][2] = {{0, 0}, {0, -1}, {0, NAN}, {NAN, 1}, {INFINITY, 1}, {0, INFINITY}};
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++)
        assert_mistake((tarn_data_normalize(dataset, wrong[i][0], wrong[i][1]), false),
                       "data_normalize: mean");
    tarn_dataset_free(dataset);
}

Test(dataset, mistakes)
{
    const int32_t high[3] = {0, 3, 1}, low[3] = {0, 1, -1};
    const tarn_real number = 1;
    assert_mistake(tarn_data_from_bytes(tarn_shape(3, 2), bytes, high, 3),
                   "data_from_bytes: label 1 is 3, expects 0 to 2");
    assert_mistake(tarn_data_from_bytes(tarn_shape(3, 2), bytes, low, 3), "label 2 is -1");
    assert_mistake(tarn_data_from_bytes(tarn_shape(3, 2), NULL, labels, 3), "NULL");
    assert_mistake(tarn_data_from_bytes(tarn_shape(3, 2), bytes, labels, 0), "0 classes");
    assert_mistake(tarn_data_from_numbers(tarn_shape(), &number, labels, 3),
                   "data_from_numbers: shape (), expects (count, ...)");
    const tarn_shape invalid = {.ndim = -1};
    assert_mistake(tarn_data_from_bytes(invalid, bytes, labels, 3), "(invalid)");
    assert_mistake(tarn_data_from_bytes(tarn_shape(INT64_MAX, INT64_MAX), bytes, NULL, 3), "shape");
}

/* AddressSanitizer is to give NULL, as malloc does, where memory runs out. */
const char *__asan_default_options(void);
const char *__asan_default_options(void)
{
    return "allocator_may_return_null=1";
}

/* The array is never touched: no labels to check, and the memory is refused first. */
Test(dataset, out_of_memory_is_no_mistake)
{
    record_mistakes();
    cr_assert_null(tarn_data_from_bytes(tarn_shape(1, INT64_MAX / 16), bytes, NULL, 3));
    cr_assert_eq(mistakes(), 0);
    cr_assert(strstr(tarn_error(), "out of memory"), "%s", tarn_error());
}

Test(dataset, of_nothing)
{
    tarn_dataset *dataset = tarn_data_from_bytes(tarn_shape(0, 28, 28, 1), NULL, NULL, 10);
    cr_assert(dataset, "%s", tarn_error());
    cr_assert_eq(tarn_data_count(dataset), 0);
    tarn_dataset_free(dataset);
    tarn_dataset_free(NULL);
    cr_assert_eq(tarn_data_count(NULL), 0);
    cr_assert_eq(tarn_data_classes(NULL), 0);
    cr_assert_eq(tarn_data_sample_shape(NULL).ndim, -1);
}
