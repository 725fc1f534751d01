/* Tables of numbers, a sample a row. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/error.h"
#include "core/base/format.h"
#include "core/base/text.h"
#include "data/classes.h"
#include "data/dataset.h"
#include "data/store.h"
#include "data/table.h"

/* What a column is for. */
enum { FEATURE, LABEL, TARGET };

typedef struct sheet {
    const tarn__table *table;
    bool has_header;
    int64_t first, count; /* the rows of samples */
    uint8_t *uses;        /* of each column */
} sheet;

static const char *cell(const sheet *s, int64_t row, int64_t column)
{
    return s->table->cells[row * s->table->columns + column];
}

/* ---- Columns */

/* A header is a first row in which no cell is a number, though not all are empty. */
static bool looks_like_header(const tarn__table *table)
{
    bool text = false;
    for (int64_t c = 0; c < table->columns; c++) {
        if (!isnan(tarn__number(table->cells[c])))
            return false;
        text |= *table->cells[c] != '\0';
    }
    return text;
}

static bool no_column(const sheet *s, const char *name, size_t length)
{
    char known[200] = "";
    size_t used = 0;
    for (int64_t c = 0; s->has_header && c < s->table->columns && used < sizeof known - 1; c++)
        used += (size_t)snprintf(known + used, sizeof known - used, "%s%s", c ? ", " : ": ",
                                 cell(s, 0, c));
    return tarn_set_error("%s: has no column '%.*s', expects one from 0 to %lld, or -1 for the "
                          "last%s%s",
                          s->table->path, (int)length, name, (long long)s->table->columns - 1,
                          s->has_header ? ", or a name" : "", known);
}

/* The column with that name in the header, or that place, from the end if it is negative; -1 with
   tarn_error() set. */
static int64_t find_column(const sheet *s, const char *name, size_t length)
{
    const int64_t columns = s->table->columns;
    int64_t found = -1;
    for (int64_t c = 0; s->has_header && c < columns; c++)
        if (strlen(cell(s, 0, c)) == length && memcmp(cell(s, 0, c), name, length) == 0) {
            if (found >= 0) {
                tarn_set_error("%s: has two columns '%.*s'", s->table->path, (int)length, name);
                return -1;
            }
            found = c;
        }
    if (found >= 0)
        return found;
    char *end;
    const long place = strtol(name, &end, 10);
    if (end == name || end != name + length || place < -columns || place >= columns) {
        no_column(s, name, length);
        return -1;
    }
    return place < 0 ? place + columns : place;
}

/* Marks the columns of a list. */
static bool mark_columns(const sheet *s, const char *list, uint8_t use)
{
    while (list) {
        const char *const comma = use == TARGET ? strchr(list, ',') : NULL;
        const size_t length = comma ? (size_t)(comma - list) : strlen(list);
        const int64_t column = find_column(s, list, length);
        if (column < 0)
            return false;
        if (s->uses[column] != FEATURE)
            return tarn_set_error("%s: column %lld ('%.*s') is asked for twice", s->table->path,
                                  (long long)column, (int)length, list);
        s->uses[column] = use;
        list = comma ? comma + 1 : NULL;
    }
    return true;
}

static int64_t count_columns(const sheet *s, uint8_t use)
{
    int64_t count = 0;
    for (int64_t c = 0; c < s->table->columns; c++)
        count += s->uses[c] == use;
    return count;
}

/* ---- Cells */

static bool wrong_cell(const sheet *s, int64_t row, int64_t column, const char *what)
{
    const bool named = s->has_header && *cell(s, 0, column);
    return tarn_set_error("%s, line %lld, column %lld%s%.40s%s: '%.40s' %s", s->table->path,
                          (long long)s->table->lines[row], (long long)column, named ? " (" : "",
                          named ? cell(s, 0, column) : "", named ? ")" : "", cell(s, row, column),
                          what);
}

/* The numbers of the columns for a use, row by row; NULL with tarn_error() set. */
static tarn_real *read_numbers(const sheet *s, uint8_t use, int64_t columns)
{
    tarn_real *numbers = malloc((size_t)(s->count * columns) * sizeof *numbers + 1), *to = numbers;
    if (!numbers)
        tarn_set_error("%s: out of memory for its numbers", s->table->path);
    bool good = numbers;
    for (int64_t row = s->first; good && row < s->first + s->count; row++)
        for (int64_t c = 0; good && c < s->table->columns; c++) {
            if (s->uses[c] != use)
                continue;
            const double number = tarn__number(cell(s, row, c));
            if (isnan(number) || isinf(number))
                good = wrong_cell(s, row, c,
                                  use == FEATURE
                                      ? "is no finite number, expects one like -1.5 or 2e3 in "
                                        "all columns but labels and targets"
                                      : "is no finite number, expects one like -1.5 or 2e3");
            else if (isinf((tarn_real)number))
                good = wrong_cell(s, row, c, "is too large");
            *to++ = (tarn_real)number;
        }
    if (good)
        return numbers;
    free(numbers);
    return NULL;
}

/* The classes in the column of the labels. */
static bool find_classes(const sheet *s, tarn__classes *classes)
{
    int64_t column = 0;
    while (s->uses[column] != LABEL)
        column++;
    for (int64_t row = s->first; row < s->first + s->count; row++)
        if (!*cell(s, row, column) || !tarn_is_utf8(cell(s, row, column)))
            return wrong_cell(s, row, column,
                              *cell(s, row, column) ? "is no label: it is not UTF-8"
                                                    : "is no label");
    char **texts = malloc((size_t)s->count * sizeof *texts + 1);
    if (!texts)
        return tarn_set_error("%s: out of memory for its labels", s->table->path);
    for (int64_t i = 0; i < s->count; i++)
        texts[i] = s->table->cells[(s->first + i) * s->table->columns + column];
    const bool good = tarn__classes_find(classes, s->table->path, texts, s->count);
    free(texts);
    return good;
}

/* ---- The dataset */

/* Takes the labels of the classes. */
static tarn_dataset *with_classes(const sheet *s, tarn_real *numbers, int64_t features,
                                  tarn__classes *classes)
{
    int32_t *labels = classes->names ? classes->labels : calloc((size_t)s->count, sizeof *labels);
    tarn_dataset *dataset = tarn__dataset_of_numbers(tarn_shape(s->count, features), numbers,
                                                     labels, classes->names ? classes->count : 1);
    const bool good =
        dataset && (!classes->names || tarn_data_set_class_names(dataset, classes->names));
    free(classes->names);
    if (good)
        return dataset;
    tarn_dataset_free(dataset);
    return NULL;
}

static tarn_dataset *with_targets(const sheet *s, tarn_dataset *dataset)
{
    const int64_t columns = count_columns(s, TARGET);
    if (!dataset || columns == 0)
        return dataset;
    tarn_real *targets = read_numbers(s, TARGET, columns);
    const bool good = targets && tarn_data_set_targets(dataset, tarn_shape(columns), targets);
    free(targets);
    if (good)
        return dataset;
    tarn_dataset_free(dataset);
    return NULL;
}

static tarn_dataset *dataset_of(const sheet *s, const tarn_data_csv_args *args)
{
    if (!mark_columns(s, args->label, LABEL) || !mark_columns(s, args->targets, TARGET))
        return NULL;
    const int64_t features = count_columns(s, FEATURE);
    if (s->count < 1 || features < 1) {
        tarn_set_error("%s: has no %s", s->table->path,
                       s->count < 1 ? "row below its header, expects a sample in each"
                                    : "column beside labels and targets, expects one of numbers");
        return NULL;
    }
    tarn__classes classes = {0};
    tarn_real *numbers = read_numbers(s, FEATURE, features);
    if (!numbers || (args->label && !find_classes(s, &classes))) {
        free(numbers);
        return NULL;
    }
    return with_targets(s, with_classes(s, numbers, features, &classes));
}

tarn_dataset *tarn_data_csv_with(tarn_data_csv_args args)
{
    if (args.header != TARN_HEADER_AUTO && args.header != TARN_HEADER_YES &&
        args.header != TARN_HEADER_NO)
        return tarn_fail("data_csv: header is %d, expects TARN_HEADER_AUTO, TARN_HEADER_YES or "
                         "TARN_HEADER_NO",
                         (int)args.header);
    tarn__table table;
    if (!tarn__table_read(&table, args.path))
        return NULL;
    sheet s = {.table = &table, .uses = calloc((size_t)table.columns, 1)};
    s.has_header = args.header == TARN_HEADER_YES ||
                   (args.header == TARN_HEADER_AUTO && looks_like_header(&table));
    s.first = s.has_header;
    s.count = table.rows - s.first;
    tarn_dataset *dataset = NULL;
    if (s.uses)
        dataset = dataset_of(&s, &args);
    else
        tarn_set_error("%s: out of memory for its columns", args.path);
    free(s.uses);
    tarn__table_free(&table);
    return dataset;
}
