#include "data/classes.h"
#include "data/table.h"
#include "tests/data/files.h"

TestSuite(table, .init = make_folder, .fini = remove_folder, .timeout = 60);

static tarn__table table;

static bool read_text(const char *name, const char *text)
{
    return tarn__table_read(&table, write_file(name, text, strlen(text)));
}

/* Reads a table and compares its cells, given row by row. */
static void assert_table(const char *text, int64_t rows, int64_t columns, const char *const *cells)
{
    cr_assert(read_text("t.csv", text), "%s", tarn_error());
    cr_assert(table.rows == rows && table.columns == columns, "%s: %lld x %lld", text,
              (long long)table.rows, (long long)table.columns);
    for (int64_t i = 0; i < rows * columns; i++)
        cr_assert_str_eq(table.cells[i], cells[i]);
    tarn__table_free(&table);
}

Test(table, of_all_kinds)
{
    const char *const cells[] = {"a", "b", "1", "2"};
    const char *const texts[] = {"a,b\n1,2\n",
                                 "a,b\n1,2",
                                 "a,b\r\n1,2\r\n",
                                 "a;b\n1;2\n",
                                 "a\tb\n1\t2\n",
                                 "a,b\r1,2\r",
                                 "\xEF\xBB\xBF\x61,b\n1,2\n",
                                 "\n\n a , b\n\n1\t, 2 \n\n",
                                 "\"a\",\"b\"\n1,2",
                                 "\"a\" , \"b\" \r\n\"1\",2\r\n"};
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
        assert_table(texts[i], 2, 2, cells);
}

Test(table, odd_cells)
{
    assert_table("\"a,\"\"b\"\"\n\",,\n,x,\"\"", 2, 3,
                 (const char *const[]){"a,\"b\"\n", "", "", "", "x", ""});
    assert_table("1,5;2,5\n3;4\n", 2, 2, (const char *const[]){"1,5", "2,5", "3", "4"});
    assert_table("one\n", 1, 1, (const char *const[]){"one"});
    cr_assert(read_text("t.tsv", "a,b,c\tx\n\t\n"));
    cr_assert_str_eq(table.cells[0], "a,b,c");
    cr_assert(table.rows == 2 && table.columns == 2 && !*table.cells[2] && !*table.cells[3]);
    tarn__table_free(&table);
}

Test(table, knows_on_which_line_a_row_begins)
{
    cr_assert(read_text("t.csv", "a,b\n\n\"1\n2\",3\n4,5\n"));
    cr_assert(table.lines[0] == 1 && table.lines[1] == 3 && table.lines[2] == 5);
    tarn__table_free(&table);
}

Test(table, mistakes_name_file_and_line)
{
    assert_error(read_text("t.csv", "a,b\n1,2\n3\n"), "t.csv, line 3: has 1 cell, expects 2");
    assert_error(read_text("t.csv", "a,b\n1,2,3\n"), "t.csv, line 2: has 3 cells, expects 2");
    assert_error(read_text("t.csv", "a\n\"b\n\n"), "t.csv, line 2: a quote is not closed");
    assert_error(read_text("t.csv", "a\n\"b\"c\n"), "t.csv, line 2: text follows");
    assert_error(read_text("t.csv", "\n \n"), "t.csv: holds no row");
    assert_error(read_text("t.csv", ""), "t.csv: is empty");
    assert_error(tarn__table_read(&table, write_file("t.csv", "a\0b", 3)), "expects a text");
    assert_error(tarn__table_read(&table, in_folder("none.csv")), "none.csv: cannot be read");
}

Test(table, truncated_and_damaged)
{
    const char text[] = "\"a\",b\r\n1,\"\"\"2\"\n";
    for (size_t length = 0; length < sizeof text; length++)
        for (int byte = 0; byte < 256; byte++) {
            char changed[sizeof text];
            memcpy(changed, text, sizeof text);
            changed[length] = (char)byte;
            if (tarn__table_read(&table, write_file("t.csv", changed, length + 1)))
                cr_assert(table.rows > 0 && table.columns > 0);
            tarn__table_free(&table);
        }
}

Test(table, many_rows)
{
    char *text = malloc(100000 * 4 + 1);
    for (int i = 0; i < 100000; i++)
        memcpy(text + 4 * i, i % 2 ? "1,2\n" : "3,4\n", 5);
    cr_assert(read_text("t.csv", text));
    cr_assert(table.rows == 100000 && table.lines[99999] == 100000);
    cr_assert_str_eq(table.cells[199999], "2");
    tarn__table_free(&table);
    free(text);
}

static void assert_classes(char *const *texts, int64_t count, const char *const *names,
                           const int32_t *labels, int classes)
{
    tarn__classes found;
    cr_assert(tarn__classes_find(&found, "p", texts, count));
    cr_assert_eq(found.count, classes);
    for (int c = 0; c < classes; c++)
        cr_assert_str_eq(found.names[c], names[c]);
    cr_assert_eq(memcmp(found.labels, labels, (size_t)count * sizeof *labels), 0);
    free(found.names);
    free(found.labels);
}

Test(table, classes_are_sorted)
{
    char *const numbers[] = {"10", "9", "10", "-1"}, *const words[] = {"b", "a", "10", "b"};
    assert_classes(numbers, 4, (const char *const[]){"-1", "9", "10"},
                   (const int32_t[]){2, 1, 2, 0}, 3);
    assert_classes(words, 4, (const char *const[]){"10", "a", "b"}, (const int32_t[]){2, 1, 0, 2},
                   3);
    assert_classes(words, 0, NULL, (const int32_t[]){0}, 0);
}
