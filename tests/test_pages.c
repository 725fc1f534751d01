/* The pages of documentation lead where they say: every page in docs/ and docs/book/ has a table of
   contents of its headings of level 2 and links to each file that it names, and every link within
   the tree, of README.md and CONTRIBUTING.md too, leads to a file or heading that is there. (Of the
   HTML that is made of them, ./run docs follows the links.) */
#include <ctype.h>
#include <glob.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <criterion/criterion.h>

enum { LENGTH = 1024, MOST = 1 << 20 };

/* The caller frees it. */
static char *read_page(const char *path)
{
    FILE *file = fopen(path, "rb");
    cr_assert(file, "%s is not there", path);
    char *text = malloc(MOST + 1);
    cr_assert(text);
    text[fread(text, 1, MOST, file)] = '\0';
    fclose(file);
    return text;
}

/* Blanks out what is no prose: fenced blocks, and lines that are indented by four. */
static void blank_code(char *text)
{
    bool fenced = false;
    for (char *line = text; *line;) {
        const size_t length = strcspn(line, "\n");
        const bool fence = strncmp(line, "```", 3) == 0;
        if (fence || fenced || strncmp(line, "    ", 4) == 0)
            memset(line, ' ', length);
        fenced ^= fence;
        line += length + (line[length] == '\n');
    }
}

/* What GitHub makes of a heading: small letters, digits, hyphens for blanks, nothing else. */
static void anchor_of(const char *heading, size_t length, char anchor[LENGTH])
{
    size_t n = 0;
    for (size_t i = 0; i < length && n < LENGTH - 1; i++) {
        const unsigned char c = (unsigned char)heading[i];
        if (c == ' ')
            anchor[n++] = '-';
        else if (isalnum(c) || c == '-' || c == '_')
            anchor[n++] = (char)tolower(c);
    }
    anchor[n] = '\0';
}

/* The entry of the table of contents for each heading of level 2, one after the other. */
static void list_headings(const char *text, char *table)
{
    for (const char *at = text; (at = strstr(at, "\n## "));) {
        at += strlen("\n## ");
        const size_t length = strcspn(at, "\n");
        char anchor[LENGTH];
        anchor_of(at, length, anchor);
        table += sprintf(table, "- [%.*s](#%s)\n", (int)length, at, anchor);
    }
    *table = '\0';
}

/* Whether the page has a heading, of any level, with that anchor. */
static bool has_anchor(const char *text, const char *anchor)
{
    for (const char *at = text; (at = strstr(at, "\n#"));) {
        at += 1 + strspn(at + 1, "#");
        at += *at == ' ';
        char found[LENGTH];
        anchor_of(at, strcspn(at, "\n"), found);
        if (strcmp(found, anchor) == 0)
            return true;
    }
    return false;
}

static void check_link(const char *page, const char *folder, const char *text, const char *target)
{
    char path[2 * LENGTH];
    const size_t length = strcspn(target, "#");
    snprintf(path, sizeof path, "%s%.*s", folder, (int)length, target);
    cr_expect(access(path, R_OK) == 0, "%s has a link to %s, which is not there", page, target);
    if (target[length] != '#' || access(path, R_OK) != 0)
        return;
    char *other = length > 0 ? read_page(path) : NULL;
    if (other)
        blank_code(other);
    cr_expect(has_anchor(other ? other : text, target + length + 1),
              "%s has a link to %s, but there is no such heading", page, target);
    free(other);
}

static void check_links(const char *page, const char *folder, const char *text)
{
    for (const char *at = text; (at = strstr(at, "]("));) {
        at += strlen("](");
        char target[LENGTH];
        snprintf(target, sizeof target, "%.*s", (int)strcspn(at, ")"), at);
        if (!strstr(target, "://"))
            check_link(page, folder, text, target);
    }
}

/* Whether it looks like a file of sources, and one file: tests/core/test_*.c are many. */
static bool is_source(const char *name)
{
    const char *const ends[] = {".c", ".h", ".py", ".sh", ".gp", ".build"};
    const size_t length = strlen(name);
    for (size_t i = 0; i < sizeof ends / sizeof *ends; i++) {
        const size_t end = strlen(ends[i]);
        if (length > end && strcmp(name + length - end, ends[i]) == 0)
            return !strpbrk(name, " *<");
    }
    return false;
}

/* Each `name` of a source file stands as [`name`](path), and the path ends with it. */
static void check_names(const char *page, const char *text)
{
    for (const char *at = text; (at = strchr(at, '`'));) {
        const size_t length = strcspn(++at, "`");
        char name[LENGTH], link[LENGTH];
        snprintf(name, sizeof name, "%.*s", (int)length, at);
        const char *after = at + length + (at[length] == '`');
        snprintf(link, sizeof link, "%.*s", (int)strcspn(after, ")"), after);
        const size_t linked = strlen(link);
        if (is_source(name))
            cr_expect(strncmp(link, "](", 2) == 0 && linked > length &&
                          strcmp(link + linked - length, name) == 0,
                      "%s names `%s` without a link to it", page, name);
        at = after;
    }
}

/* The pages in docs/; the caller frees the list. */
static glob_t find_pages(void)
{
    glob_t pages;
    cr_assert_eq(glob(TARN_SOURCE_DIR "/docs/*.md", 0, NULL, &pages), 0);
    cr_assert_eq(glob(TARN_SOURCE_DIR "/docs/book/*.md", GLOB_APPEND, NULL, &pages), 0);
    return pages;
}

Test(pages, lead_to_what_is_there)
{
    glob_t pages = find_pages();
    cr_assert_eq(glob(TARN_SOURCE_DIR "/*.md", GLOB_APPEND, NULL, &pages), 0);
    for (size_t i = 0; i < pages.gl_pathc; i++) {
        const char *page = pages.gl_pathv[i];
        char *text = read_page(page), folder[LENGTH];
        snprintf(folder, sizeof folder, "%.*s", (int)(strrchr(page, '/') + 1 - page), page);
        blank_code(text);
        check_links(page, folder, text);
        free(text);
    }
    globfree(&pages);
}

Test(pages, have_a_table_of_contents_and_links_to_sources)
{
    glob_t pages = find_pages();
    for (size_t i = 0; i < pages.gl_pathc; i++) {
        const char *page = pages.gl_pathv[i];
        char *text = read_page(page), *table = malloc(MOST + 1);
        cr_assert(table);
        blank_code(text);
        list_headings(text, table + sprintf(table, "\n\n"));
        strcat(table, "\n");
        cr_expect(strstr(text, table), "%s does not list its headings, as:%s", page, table);
        check_names(page, text);
        free(table);
        free(text);
    }
    globfree(&pages);
}

/* That of a number and a name, 1-objective.md, has its place in the book's contents. */
Test(pages, of_the_book_are_in_its_contents)
{
    char *contents = read_page(TARN_SOURCE_DIR "/docs/book/README.md");
    glob_t chapters;
    cr_assert_eq(glob(TARN_SOURCE_DIR "/docs/book/[0-9]*.md", 0, NULL, &chapters), 0);
    for (size_t i = 0; i < chapters.gl_pathc; i++) {
        const char *name = strrchr(chapters.gl_pathv[i], '/') + 1;
        char line[LENGTH];
        snprintf(line, sizeof line, "](%s)\n", name);
        const char *entry = strstr(contents, line);
        cr_assert(entry, "docs/book/README.md does not list %s", name);
        while (entry > contents && entry[-1] != '\n')
            entry--;
        cr_expect_eq(atoi(entry), atoi(name), "%s", name);
    }
    globfree(&chapters);
    free(contents);
}
