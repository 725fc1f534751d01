#include "data/table.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "core/base/error.h"
#include "data/input.h"

/* A place in the text, which is cut into cells where it stands. */
typedef struct reader {
    tarn__table *table;
    char *at, *end;
    int64_t line;
    int64_t cells, room, rows_room;
} reader;

static bool wrong(const reader *r, const char *what)
{
    return tarn_set_error("%s, line %lld: %s", r->table->path, (long long)r->line, what);
}

static bool is_line_end(const reader *r)
{
    return r->at == r->end || *r->at == '\n' || *r->at == '\r';
}

static bool is_blank(const reader *r)
{
    return r->at < r->end && (*r->at == ' ' || *r->at == '\t') && *r->at != r->table->separator;
}

static void skip_blanks(reader *r)
{
    while (is_blank(r))
        r->at++;
}

/* Moves behind the end of a line: LF, CR LF or CR. */
static void next_line(reader *r)
{
    if (r->at < r->end && *r->at++ == '\r' && r->at < r->end && *r->at == '\n')
        r->at++;
    r->line++;
}

/* The text in quotes that begins here, without them; NULL with tarn_error() set. */
static char *quoted_cell(reader *r, char **cell_end)
{
    char *cell = ++r->at, *to = cell;
    const int64_t line = r->line;
    for (; r->at < r->end; r->at++) {
        if (*r->at == '"' && (++r->at == r->end || *r->at != '"')) {
            skip_blanks(r);
            *cell_end = to;
            if (is_line_end(r) || *r->at == r->table->separator)
                return cell;
            wrong(r, "text follows a cell in quotes, expects a separator");
            return NULL;
        }
        r->line += *r->at == '\n';
        *to++ = *r->at;
    }
    r->line = line;
    wrong(r, "a quote is not closed");
    return NULL;
}

static char *plain_cell(reader *r, char **cell_end)
{
    char *cell = r->at;
    while (!is_line_end(r) && *r->at != r->table->separator)
        r->at++;
    char *end = r->at;
    while (end > cell && (end[-1] == ' ' || end[-1] == '\t'))
        end--;
    *cell_end = end;
    return cell;
}

/* Makes room for one more element; false when out of memory. */
static bool grow(void *array, int64_t count, int64_t *room, size_t size, const reader *r)
{
    if (count < *room)
        return true;
    void **block = array;
    const int64_t more = *room > 0 ? 2 * *room : 64;
    void *grown = realloc(*block, (size_t)more * size);
    if (!grown)
        return tarn_set_error("%s: out of memory for its table", r->table->path);
    *block = grown;
    *room = more;
    return true;
}

/* Reads the row that begins here. */
static bool read_row(reader *r)
{
    tarn__table *t = r->table;
    const int64_t first = r->cells;
    if (!grow(&t->lines, t->rows, &r->rows_room, sizeof *t->lines, r))
        return false;
    t->lines[t->rows++] = r->line;
    for (bool more = true; more;) {
        skip_blanks(r);
        char *end,
            *cell = r->at < r->end && *r->at == '"' ? quoted_cell(r, &end) : plain_cell(r, &end);
        if (!cell || !grow(&t->cells, r->cells, &r->room, sizeof *t->cells, r))
            return false;
        more = !is_line_end(r);
        if (more)
            r->at++;
        else
            next_line(r);
        *end = '\0';
        t->cells[r->cells++] = cell;
    }
    if (t->rows == 1)
        t->columns = r->cells;
    return r->cells - first == t->columns ||
           tarn_set_error("%s, line %lld: has %lld cell%s, expects %lld as in line %lld", t->path,
                          (long long)t->lines[t->rows - 1], (long long)(r->cells - first),
                          r->cells - first == 1 ? "" : "s", (long long)t->columns,
                          (long long)t->lines[0]);
}

/* The rarest of those that the first line that is not empty has outside of quotes. */
static char find_separator(const char *path, const char *at, const char *end)
{
    static const char separators[] = "\t;,";
    const size_t length = strlen(path);
    if (length >= 4 && strcasecmp(path + length - 4, ".tsv") == 0)
        return '\t';
    while (at < end && (*at == '\n' || *at == '\r'))
        at++;
    const char *best = separators + 2;
    for (bool quoted = false; at < end && (quoted || (*at != '\n' && *at != '\r')); at++) {
        const char *found = strchr(separators, *at);
        quoted ^= *at == '"';
        if (found && found < best && !quoted)
            best = found;
    }
    return *best;
}

static bool parse(tarn__table *table, int64_t size)
{
    reader r = {.table = table, .at = table->text, .end = table->text + size, .line = 1};
    if (memchr(table->text, '\0', (size_t)size))
        return tarn_set_error("%s: holds a byte 0, expects a text file", table->path);
    if (size >= 3 && memcmp(table->text, "\xEF\xBB\xBF", 3) == 0)
        r.at += 3; /* a byte order mark */
    table->separator = find_separator(table->path, r.at, r.end);
    while (true) {
        char *line = r.at;
        skip_blanks(&r);
        if (r.at == r.end)
            break;
        if (is_line_end(&r)) {
            next_line(&r);
            continue;
        }
        r.at = line;
        if (!read_row(&r))
            return false;
    }
    return table->rows > 0 || tarn_set_error("%s: holds no row", table->path);
}

bool tarn__table_read(tarn__table *table, const char *path)
{
    *table = (tarn__table){.path = path};
    tarn__input input;
    if (!tarn__input_open(&input, path))
        return false;
    table->text = (char *)tarn__input_load(&input, 0); /* with room for one byte more */
    tarn__input_close(&input);
    if (table->text && parse(table, input.size))
        return true;
    tarn__table_free(table);
    return false;
}

void tarn__table_free(tarn__table *table)
{
    free(table->cells);
    free(table->lines);
    free(table->text);
    table->cells = NULL;
    table->lines = NULL;
    table->text = NULL;
}
