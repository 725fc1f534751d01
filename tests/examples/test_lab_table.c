/* The writer of the instruments' tables: CSV and JSON lines of the same rows. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "examples/lab/lib/table.h"
#include "tests/examples/support.h"

TestSuite(lab_table, .init = make_folder, .fini = remove_folder);

/* Every kind of cell; returns what is in the file. */
static const char *written(const char *name)
{
    static char text[1024];
    char path[128];
    table *t = table_in(folder, name, "n,x,word,gap,text");
    table_add(t, "%d,%.3g", 1, -2.5e-7);
    table_add(t, "%s,", "adam");
    table_add_text(t, "a \"b\", \\c\n");
    table_end_row(t);
    table_row(t, "%g,%g,0x10,,%s", (double)INFINITY, (double)NAN, "1e3");
    table_end(t);
    snprintf(path, sizeof path, "%s/%s", folder, name);
    FILE *file = fopen(path, "r");
    cr_assert(file);
    text[fread(text, 1, sizeof text - 1, file)] = '\0';
    fclose(file);
    return text;
}

Test(lab_table, csv)
{
    cr_expect_str_eq(written("t.csv"), "n,x,word,gap,text\n"
                                       "1,-2.5e-07,adam,,\"a \"\"b\"\", \\c\n\"\n"
                                       "inf,nan,0x10,,1e3\n");
}

Test(lab_table, json_lines)
{
    cr_expect_str_eq(written("t.jsonl"),
                     "{\"n\": 1, \"x\": -2.5e-07, \"word\": \"adam\", \"gap\": null, "
                     "\"text\": \"a \\\"b\\\", \\\\c\\u000a\"}\n"
                     "{\"n\": null, \"x\": null, \"word\": \"0x10\", \"gap\": null, "
                     "\"text\": 1e3}\n");
}

/* What is behind the bytes that are kept is cut off: half a row, say. */
Test(lab_table, goes_on)
{
    char text[64] = "", path[128];
    table *t = table_in(folder, "t.csv", "a,b");
    table_row(t, "1,2");
    table_row(t, "3,4");
    table_end(t);
    snprintf(path, sizeof path, "%s/t.csv", folder);
    t = table_go_on(path, (long)strlen("a,b\n1,2\n"));
    table_row(t, "5,6");
    table_end(t);
    FILE *file = fopen(path, "r");
    cr_assert(file);
    cr_expect_gt(fread(text, 1, sizeof text - 1, file), 0);
    fclose(file);
    cr_expect_str_eq(text, "a,b\n1,2\n5,6\n");
}

Test(lab_table, goes_on_with_nothing, .exit_code = 1)
{
    table_go_on("/nowhere/t.csv", 0);
}

Test(lab_table, a_full_disk_ends_the_program, .exit_code = 1)
{
    table_row(table_begin("/dev/full", "a"), "%d", 1);
}
