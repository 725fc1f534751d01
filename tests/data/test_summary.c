/* Statistics of datasets, and what is printed of them. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "data/dataset.h"
#include "data/normalize.h"
#include "tests/support/mistakes.h"

Test(statistics, are_those_of_each_channel)
{
    /* Two samples of two pixels of two channels: 0 255 / 0 0 / 255 255 / 255 255. */
    const uint8_t bytes[] = {0, 255, 0, 0, 255, 255, 255, 255};
    tarn_dataset *dataset = tarn_data_from_bytes(tarn_shape(2, 1, 2, 2), bytes, NULL, 1);
    double mean[2], deviation[2];
    cr_assert(tarn_data_normalize(dataset, 9, 9)); /* they are of what is stored */
    cr_assert(tarn_data_statistics(dataset, mean, deviation));
    cr_expect(mean[0] == 0.5 && deviation[0] == 0.5);
    cr_expect(mean[1] == 0.75 && fabs(deviation[1] - sqrt(0.1875)) < 1e-15);
    cr_assert(tarn_data_normalize_channels(dataset, mean, deviation));
    tarn_real sample[4];
    cr_assert(tarn__dataset_read_normalized(dataset, 0, sample));
    cr_expect(sample[0] == -1 && sample[2] == -1);
    cr_expect(fabs((double)sample[1] - 0.25 / sqrt(0.1875)) < 1e-6);
    cr_expect(fabs((double)sample[3] + 0.75 / sqrt(0.1875)) < 1e-6);
    double got[2], got_deviation[2];
    cr_assert(tarn_data_normalization(dataset, got, got_deviation));
    cr_expect(got[1] == mean[1] && got_deviation[1] == deviation[1]);
    tarn_dataset_free(dataset);
}

/* A large mean and a small deviation: the sum of squares minus the square of the sum would be lost.
 */
Test(statistics, of_a_large_mean)
{
    tarn_real numbers[1000];
    for (int i = 0; i < 1000; i++)
        numbers[i] = (tarn_real)(65536 + (i % 2));
    tarn_dataset *dataset = tarn_data_from_numbers(tarn_shape(1000, 1), numbers, NULL, 1);
    double mean, deviation;
    cr_assert(tarn_data_statistics(dataset, &mean, &deviation));
    cr_expect_eq(mean, 65536.5);
    cr_expect_eq(deviation, 0.5);
    tarn_dataset_free(dataset);
}

Test(statistics, of_nothing_is_an_error)
{
    double mean, deviation;
    tarn_dataset *dataset = tarn_data_from_bytes(tarn_shape(0, 2), NULL, NULL, 1);
    cr_expect_not(tarn_data_statistics(dataset, &mean, &deviation));
    cr_expect_str_eq(tarn_error(), "data_statistics: the dataset is empty");
    tarn_dataset_free(dataset);
}

/* Bytes of more channels than have tables, read in one go and in two. */
Test(normalize, many_channels_as_few)
{
    uint8_t bytes[2 * 6];
    double mean[6], deviation[6];
    for (int i = 0; i < 12; i++)
        bytes[i] = (uint8_t)(20 * i);
    for (int c = 0; c < 6; c++)
        mean[c] = 0.1 * c, deviation[c] = 0.5 + c;
    tarn_dataset *dataset = tarn_data_from_bytes(tarn_shape(1, 2, 6), bytes, NULL, 1);
    cr_assert(tarn_data_normalize_channels(dataset, mean, deviation));
    tarn_real once[12], twice[12];
    cr_assert(tarn__dataset_read_normalized(dataset, 0, once));
    cr_assert(tarn__dataset_read(dataset, 0, twice));
    tarn__dataset_normalize(dataset, twice);
    for (int i = 0; i < 12; i++) {
        const double expected = (20 * i / 255.0 - mean[i % 6]) / deviation[i % 6];
        cr_expect_eq(once[i], (tarn_real)expected);
        cr_expect(fabs((double)twice[i] - expected) < 1e-6);
    }
    mean[3] = NAN;
    assert_mistake(tarn_data_normalize_channels(dataset, mean, deviation), "mean nan");
    mean[3] = 0, deviation[5] = 0;
    assert_mistake(tarn_data_normalize_channels(dataset, mean, deviation), "deviation 0");
    cr_assert(tarn__dataset_read_normalized(dataset, 0, twice));
    cr_expect_eq(memcmp(once, twice, sizeof once), 0, "a refused call has changed something");
    tarn_dataset_free(dataset);
}

Test(data_print, shows_classes_and_channels)
{
    const uint8_t bytes[] = {0, 255, 255};
    const int32_t labels[] = {1, 0, 1};
    tarn_dataset *dataset = tarn_data_from_bytes(tarn_shape(3, 1, 1, 1), bytes, labels, 2);
    cr_assert(tarn_data_set_class_names(dataset, (const char *const[]){"cat", "dog"}));
    char *text = NULL;
    size_t size;
    FILE *stream = open_memstream(&text, &size);
    cr_assert(tarn_data_print(dataset, stream));
    fclose(stream);
    cr_expect_str_eq(text, "3 samples (1,1,1) of 2 classes\n"
                           "  cat                         1\n"
                           "  dog                         2\n"
                           "  channel 0: mean 0.6667, deviation 0.4714\n");
    free(text);
    stream = fopen("/dev/full", "w");
    setvbuf(stream, NULL, _IONBF, 0);
    cr_expect_not(tarn_data_print(dataset, stream));
    fclose(stream);
    tarn_dataset_free(dataset);
}

Test(class_names, are_printed_in_one_line)
{
    const uint8_t bytes[1] = {0};
    char text[512] = "";
    tarn_dataset *dataset = tarn_data_from_bytes(tarn_shape(1, 1), bytes, NULL, 2);
    cr_assert(tarn_data_set_class_names(dataset, (const char *const[]){"a\nb\x7F", "\xC3\xA4"}));
    FILE *stream = fmemopen(text, sizeof text, "w");
    cr_expect(tarn_data_print(dataset, stream));
    fclose(stream);
    cr_expect(strstr(text, "\n  a?b?                        1\n"), "%s", text);
    cr_expect(strstr(text, "\n  \xC3\xA4                           0\n"), "%s", text);
    tarn_dataset_free(dataset);
}

Test(class_names, are_copied)
{
    const uint8_t bytes[1] = {0};
    tarn_dataset *dataset = tarn_data_from_bytes(tarn_shape(1, 1), bytes, NULL, 2);
    char name[] = "cat";
    cr_expect_null(tarn_data_class_names(dataset));
    cr_assert(tarn_data_set_class_names(dataset, (const char *const[]){name, ""}));
    name[0] = 'r';
    cr_expect_str_eq(tarn_data_class_names(dataset)[0], "cat");
    cr_expect_str_eq(tarn_data_class_names(dataset)[1], "");
    assert_mistake(tarn_data_set_class_names(dataset, (const char *const[]){name, NULL}),
                   "name 1 is NULL, expects 2 names");
    cr_expect_str_eq(tarn_data_class_names(dataset)[0], "cat");
    tarn_dataset_free(dataset);
}
