#include <math.h>

#include "data/dataset.h"
#include "tests/data/files.h"
#include "tests/support/mistakes.h"

TestSuite(csv, .init = make_folder, .fini = remove_folder, .timeout = 60);

static const char *file_of(const char *text)
{
    return write_file("t.csv", text, strlen(text));
}

/* The samples of a dataset of columns numbers each, and their labels. */
static void assert_numbers(tarn_dataset *dataset, int count, int columns, const double *numbers,
                           const int *labels)
{
    cr_assert(dataset, "%s", tarn_error());
    cr_assert_eq(tarn_data_count(dataset), count);
    cr_assert(tarn_shape_equal(tarn_data_sample_shape(dataset), tarn_shape(columns)));
    for (int i = 0; i < count; i++) {
        tarn_real sample[8];
        cr_assert(tarn__dataset_read(dataset, i, sample));
        for (int c = 0; c < columns; c++)
            cr_assert_eq(sample[c], (tarn_real)numbers[i * columns + c]);
        cr_assert_eq(tarn_data_label(dataset, i), labels[i]);
    }
}

Test(csv, with_a_header_or_without)
{
    const double numbers[] = {1.5, -2e3, 0.1, 4};
    const char *const texts[] = {"1.5,-2e3,b\n0.1,4,a\n", "x,y,z\n1.5,-2e3,b\n0.1,4,a\n",
                                 "x;y;z\r\n1.5;-2e3;\"b\"\r\n\"0.1\";4;a",
                                 "x\ty\tz\n1.5\t-2e3\tb\n0.1\t4\ta\n"};
    for (int i = 0; i < 4; i++) {
        tarn_dataset *set = tarn_data_csv(file_of(texts[i]), .label = "-1");
        assert_numbers(set, 2, 2, numbers, (const int[]){1, 0});
        cr_assert_str_eq(tarn_data_class_names(set)[0], "a");
        tarn_dataset_free(set);
    }
    tarn_dataset *set = tarn_data_csv(file_of(texts[1]), .label = "z");
    assert_numbers(set, 2, 2, numbers, (const int[]){1, 0});
    tarn_dataset_free(set);
    set = tarn_data_csv(file_of("10,2001\n1,2\n"), .header = TARN_HEADER_YES, .label = "10");
    assert_numbers(set, 1, 1, (const double[]){2}, (const int[]){0});
    tarn_dataset_free(set);
    set = tarn_data_csv(file_of("a\nb\n"), .header = TARN_HEADER_NO, .label = "0");
    cr_assert_null(set);
}

Test(csv, labels_are_numbers_or_text)
{
    tarn_dataset *set = tarn_data_csv(file_of("10,1\n9,2\n10,3\n"), .label = "0");
    assert_numbers(set, 3, 1, (const double[]){1, 2, 3}, (const int[]){1, 0, 1});
    cr_assert_eq(tarn_data_classes(set), 2);
    cr_assert_str_eq(tarn_data_class_names(set)[1], "10");
    tarn_dataset_free(set);
    set = tarn_data_csv(file_of("1,2\n"));
    assert_numbers(set, 1, 2, (const double[]){1, 2}, (const int[]){0});
    cr_assert_eq(tarn_data_classes(set), 1);
    tarn_dataset_free(set);
}

Test(csv, targets)
{
    const char *path = file_of("a,b,c,d\n1,2,3,x\n4,5,6,y\n");
    tarn_dataset *set = tarn_data_csv(path, .targets = "a,2", .label = "d");
    assert_numbers(set, 2, 1, (const double[]){2, 5}, (const int[]){0, 1});
    cr_assert(tarn_shape_equal(tarn_data_target_shape(set), tarn_shape(2)));
    const tarn_real expected[] = {1, 3, 4, 6};
    cr_assert_eq(memcmp(set->targets, expected, sizeof expected), 0);
    tarn_dataset_free(set);
}

Test(csv, mistakes_of_the_world)
{
    const struct {
        const char *text, *label, *targets, *message;
    } cases[] = {
        {"1,2\n3\n", NULL, NULL, "t.csv, line 2: has 1 cell, expects 2 as in line 1"},
        {"a,b\n1,2\n3,nan\n", NULL, NULL, "t.csv, line 3, column 1 (b): 'nan' is no finite number"},
        {"1,2\n3,inf\n", NULL, NULL, "t.csv, line 2, column 1: 'inf' is no finite"},
        {"1,2\n3,\n", NULL, NULL, "line 2, column 1: '' is no finite number"},
        {"1;2\n3;4,5\n", NULL, NULL, "'4,5' is no finite number, expects one like -1.5"},
        {"1,1e300\n", NULL, NULL, "'1e300' is too large"},
        {"a,b\n1,2\n", "c", NULL, "t.csv: has no column 'c', expects one from 0 to 1"},
        {"a,b\n1,2\n", "c", NULL, "or a name: a, b"},
        {"1,2\n", "2", NULL, "has no column '2'"},
        {"1,2\n", "", NULL, "has no column ''"},
        {"1,2\n", "-3", NULL, "has no column '-3'"},
        {"a,a\n1,2\n", "a", NULL, "has two columns 'a'"},
        {"a,b\n1,2\n", "a", "0", "column 0 ('0') is asked for twice"},
        {"a,b\n1,2\n", "a", "b", "has no column beside labels and targets"},
        {"a,b\n1,2\n", NULL, "a,", "has no column ''"},
        {"a,b\n,2\n", "a", NULL, "line 2, column 0 (a): '' is no label"},
        {"a,b\n1,x\n", "a", NULL,
         "column 1 (b): 'x' is no finite number, expects one like -1.5 or "
         "2e3 in all columns but labels and targets"},
        {"a,b\n1,x\n", NULL, "b",
         "column 1 (b): 'x' is no finite number, expects one like -1.5 or "
         "2e3"},
        {"a,b\n1,\xE9\n", "b", NULL, "line 2, column 1 (b): '\xE9' is no label: it is not UTF-8"},
        {"a,b\n", "a", NULL, "t.csv: has no row below its header, expects a sample in each"},
        {"a,b", NULL, NULL, "t.csv: has no row below its header"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        assert_error(tarn_data_csv(file_of(cases[i].text), .label = cases[i].label,
                                   .targets = cases[i].targets),
                     cases[i].message);
    assert_error(tarn_data_csv(file_of("a,b\n"), .header = TARN_HEADER_YES), "no row below");
    assert_error(tarn_data_csv(in_folder("none")), "none: cannot be read");
    assert_mistake(tarn_data_csv(file_of("1"), .header = (tarn_header)3), "header is 3");
}

/* Each truncation and each other byte: refused, or a dataset of finite numbers. */
Test(csv, truncated_and_damaged)
{
    const char text[] = "a,b\r\n1.5,\"x\"\n2,y\n";
    for (size_t length = 1; length < sizeof text; length++)
        for (int byte = 0; byte < 256; byte++) {
            char changed[sizeof text];
            memcpy(changed, text, sizeof text);
            changed[length - 1] = (char)byte;
            tarn_dataset *set = tarn_data_csv(write_file("t.csv", changed, length), .label = "-1");
            for (int64_t i = 0; i < tarn_data_count(set); i++) {
                tarn_real sample[16];
                cr_assert(tarn_shape_size(tarn_data_sample_shape(set)) <= 16);
                cr_assert(tarn__dataset_read(set, i, sample) && isfinite(sample[0]));
            }
            tarn_dataset_free(set);
        }
}
