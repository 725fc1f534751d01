/* Holds docs/optimizers.md and the chapters of docs/book/ to the library: their numbers are
   computed again, their defaults and formulas are those of optim/rules.h, and every optimizer of
   the header has a section in one of them. */
#include <ctype.h>
#include <glob.h>
#include <stdlib.h>

#include "optim/rule.h"
#include "tests/optim/replay.h"

static char *document, *header; /* all pages, one behind the other */

enum { MOST = 1 << 20 };

/* Appends the file to the text, which has room for MOST. */
static void read_behind(char *text, const char *path)
{
    FILE *file = fopen(path, "rb");
    cr_assert(file, "%s", path);
    const size_t length = strlen(text);
    cr_assert_gt(fread(text + length, 1, MOST - 1 - length, file), 0, "%s", path);
    fclose(file);
}

/* Blanks and ends of lines, however many, count as one blank. */
static void squeeze(char *text)
{
    char *to = text;
    for (const char *from = text; *from; from++)
        if (!isspace((unsigned char)*from))
            *to++ = *from;
        else if (to > text && to[-1] != ' ')
            *to++ = ' ';
    *to = 0;
}

static void read_texts(void)
{
    document = calloc(1, MOST);
    header = calloc(1, MOST);
    cr_assert(document && header);
    read_behind(header, TARN_SOURCE_DIR "/optim/optim.h");
    read_behind(header, TARN_SOURCE_DIR "/optim/rules.h");
    read_behind(header, TARN_SOURCE_DIR "/optim/extras.h");
    glob_t pages;
    cr_assert_eq(glob(TARN_SOURCE_DIR "/docs/optimizers.md", 0, NULL, &pages), 0);
    cr_assert_eq(glob(TARN_SOURCE_DIR "/docs/book/[0-9]*.md", GLOB_APPEND, NULL, &pages), 0);
    for (size_t i = 0; i < pages.gl_pathc; i++)
        read_behind(document, pages.gl_pathv[i]);
    globfree(&pages);
}

static void free_texts(void)
{
    free(document);
    free(header);
}

TestSuite(docs_optimizers, .init = read_texts, .fini = free_texts);

/* What stands between the two, from the first occurrence of begin on; "" if they do not. Valid
   until the next call. */
static char *between(const char *text, const char *begin, const char *end)
{
    static char part[8192];
    part[0] = 0;
    const char *from = strstr(text, begin);
    const char *to = from ? strstr(from + strlen(begin), end) : NULL;
    if (to)
        snprintf(part, sizeof part, "%.*s", (int)(to - from - (ptrdiff_t)strlen(begin)),
                 from + strlen(begin));
    return part;
}

/* ---- The calls */

#define CALL(text)                                                                                 \
    if (strcmp(call, #text) == 0)                                                                  \
        return text;

/* Runs a call of the document; fails the test if it is not among these. */
static tarn_optim *make(const char *call, tarn_params w)
{
    CALL(tarn_optim_sgd(w))
    CALL(tarn_optim_sgd(w, .momentum = 0.9))
    CALL(tarn_optim_sgd(w, .momentum = 0.9, .nesterov = true))
    CALL(tarn_optim_adagrad(w))
    CALL(tarn_optim_rmsprop(w))
    CALL(tarn_optim_adadelta(w))
    CALL(tarn_optim_adam(w))
    CALL(tarn_optim_adam(w, .amsgrad = true))
    CALL(tarn_optim_adamw(w))
    CALL(tarn_optim_adamax(w))
    CALL(tarn_optim_nadam(w))
    CALL(tarn_optim_radam(w))
    CALL(tarn_optim_lion(w))
    CALL(tarn_optim_muon(w))
    CALL(tarn_optim_rprop(w))
    CALL(tarn_optim_asgd(w))
    CALL(tarn_optim_lars(w))
    CALL(tarn_optim_lamb(w))
    CALL(tarn_optim_adafactor(w))
    CALL(tarn_optim_schedule_free_sgd(w))
    CALL(tarn_optim_schedule_free_adamw(w))

    CALL(tarn_optim_sgd(w, .lr = 0.1))
    CALL(tarn_optim_sgd(w, .lr = 0.1, .momentum = 0.9))
    CALL(tarn_optim_sgd(w, .lr = 1, .momentum = 0.9, .ema = true))
    CALL(tarn_optim_sgd(w, .lr = 0.1, .momentum = 0.9, .nesterov = true))
    CALL(tarn_optim_sgd(w, .lr = 0.1, .momentum = 0.9, .dampening = 0.5))
    CALL(tarn_optim_adagrad(w, .lr = 0.1))
    CALL(tarn_optim_rmsprop(w, .lr = 0.01))
    CALL(tarn_optim_rmsprop(w, .lr = 0.01, .centered = true))
    CALL(tarn_optim_rmsprop(w, .lr = 0.01, .momentum = 0.9))
    CALL(tarn_optim_adadelta(w, .lr = 1))
    CALL(tarn_optim_adam(w, .lr = 0.1))
    CALL(tarn_optim_adam(w, .lr = 0.1, .bias_correction = false))
    CALL(tarn_optim_adam(w, .lr = 0.1, .weight_decay = 0.5))
    CALL(tarn_optim_adamw(w, .lr = 0.1, .weight_decay = 0.5))
    CALL(tarn_optim_adamw(w, .lr = 0.1, .weight_decay = 0.05, .independent = true))
    CALL(tarn_optim_adam(w, .lr = 0.1, .beta2 = 0.5))
    CALL(tarn_optim_adam(w, .lr = 0.1, .beta2 = 0.5, .amsgrad = true))
    CALL(tarn_optim_adamax(w, .lr = 0.1))
    CALL(tarn_optim_nadam(w, .lr = 0.1))
    CALL(tarn_optim_radam(w, .lr = 0.1))
    CALL(tarn_optim_lion(w, .lr = 0.1))
    CALL(tarn_optim_muon(w, .lr = 0.1))
    CALL(tarn_optim_rprop(w, .lr = 0.1))
    CALL(tarn_optim_asgd(w, .lr = 0.1, .lambd = 0.1))
    CALL(tarn_optim_lars(w, .lr = 100))
    CALL(tarn_optim_lamb(w, .lr = 0.1))
    CALL(tarn_optim_adafactor(w, .lr = 0.1))
    CALL(tarn_optim_schedule_free_sgd(w, .lr = 0.1))
    CALL(tarn_optim_schedule_free_adamw(w, .lr = 0.1))
    cr_assert_fail("the test does not know the call %s", call);
    return NULL;
}

/* Bytes of state a weight, in float. */
static int state_bytes(const tarn_optim *optimizer)
{
    int count = 0;
    while (count < TARN_OPTIM_MAX_STATE && optimizer->params[0].state[count])
        count++;
    return 4 * count;
}

static tarn_tensor *one_weight(void)
{
    return tarn_requires_grad(tarn_full(tarn_shape(1, 1), 1), true);
}

/* ---- The tables */

/* Expects the number as it is printed, to half a unit of its last digit. */
static void assert_printed(const char *call, const char *printed, double value)
{
    const char *point = strchr(printed, '.');
    cr_assert(point, "%s: %s has no digits", call, printed);
    const double half = 0.5 * pow(10, -(double)strspn(point + 1, "0123456789"));
    cr_expect(fabs(strtod(printed, NULL) - value) <= half + REPLAY_TOLERANCE,
              "%s: the document has %s, the library %.6f", call, printed, value);
}

Test(docs_optimizers, first_steps)
{
    int rows = 0;
    char *end = strstr(strstr(document, "\n## First steps"), "\n\nBytes are");
    cr_assert(end);
    *end = '\0'; /* the table alone */
    for (const char *line = strstr(document, "\n| `"); line; line = strstr(line + 1, "\n| `")) {
        char call[256], numbers[3][32];
        int bytes = -1;
        cr_assert_eq(sscanf(line, "\n| `%255[^`]` | %d | %31s | %31s | %31s |", call, &bytes,
                            numbers[0], numbers[1], numbers[2]),
                     5, "%.80s", line);
        tarn_tensor *w = one_weight();
        tarn_optim *optimizer = make(call, tarn_params_of(w));
        cr_assert(optimizer, "%s", call);
        cr_expect_eq(state_bytes(optimizer), bytes, "%s", call);
        for (int t = 0; t < 3; t++) {
            step_with(optimizer, w, (double)tarn_item(w)); /* of w^2 / 2 */
            assert_printed(call, numbers[t], (double)tarn_item(w));
        }
        tarn_optim_free(optimizer);
        tarn_free(w);
        rows++;
    }
    cr_expect_eq(rows, 29);
}

/* The last number of the chain "w₁ = ... = 0.9" that begins before the end; "" if there is none. */
static const char *end_of_chain(const char *text, const char *end, int step)
{
    static char number[32];
    char begin[16];
    snprintf(begin, sizeof begin, "w₁ = ");
    begin[3] = (char)(begin[3] + step - 1);
    const char *chain = strstr(text, begin);
    if (!chain || chain > end)
        return "";
    const char *last = chain;
    for (const char *at = chain; *at != '\n' && strncmp(at, "   ", 3) != 0; at++)
        if (strncmp(at, " = ", 3) == 0)
            last = at + 3;
    snprintf(number, sizeof number, "%.*s", (int)strcspn(last, " \n"), last);
    return number;
}

/* Behind "`CALL`:" and an empty line, what is indented has the weight after its first steps. */
static int check_steps_by_hand(const char *call, const char *block)
{
    const char *end = block;
    while (*end && (*end == '\n' || strncmp(end, "    ", 4) == 0))
        end += strcspn(end, "\n") + 1;
    int count = 0;
    tarn_tensor *w = one_weight();
    tarn_optim *optimizer = make(call, tarn_params_of(w));
    for (int step = 1; step <= 3; step++) {
        step_with(optimizer, w, (double)tarn_item(w));
        const char *printed = end_of_chain(block, end, step);
        if (*printed) {
            assert_printed(call, printed, (double)tarn_item(w));
            count++;
        }
    }
    tarn_optim_free(optimizer);
    tarn_free(w);
    return count;
}

Test(docs_optimizers, steps_by_hand)
{
    int count = 0;
    for (const char *at = strstr(document, "`:\n\n    "); at; at = strstr(at + 1, "`:\n\n    ")) {
        const char *tick = at;
        while (tick[-1] != '`')
            tick--;
        char call[256];
        snprintf(call, sizeof call, "%.*s", (int)(at - tick), tick);
        if (strncmp(call, "tarn_optim_", strlen("tarn_optim_")) == 0)
            count += check_steps_by_hand(call, at + strlen("`:\n"));
    }
    cr_expect_geq(count, 17);
}

/* Muon's step over the rate, for a gradient of 2 by 2 that is zero off its diagonal. */
Test(docs_optimizers, muon_on_a_diagonal)
{
    double g[2] = {0};
    char x[2][32];
    const char *table = strstr(document, "| g | x |");
    cr_assert(table);
    cr_assert_eq(sscanf(table, "| g | x |\n|---|---|\n| %lf | %31s |\n| %lf | %31s |", &g[0], x[0],
                        &g[1], x[1]),
                 4);
    tarn_tensor *w = tarn_requires_grad(tarn_zeros(tarn_shape(2, 2)), true);
    tarn_optim *optimizer = tarn_optim_muon(tarn_params_of(w), .lr = 1);
    tarn_op_gradient(w)[0] = (tarn_real)g[0];
    tarn_op_gradient(w)[3] = (tarn_real)g[1];
    tarn_optim_step(optimizer);
    assert_printed("muon", x[0], -(double)tarn_values(w)[0]);
    assert_printed("muon", x[1], -(double)tarn_values(w)[3]);
    tarn_optim_free(optimizer);
    tarn_free(w);
}

/* The first steps of Adam, over the rate, with eps in three places. */
Test(docs_optimizers, places_of_eps)
{
    const char *table = strstr(document, "| epsilon hat: sqrt(v) + eps |");
    cr_assert(table);
    const char *row = strstr(table, "\n| 1e-");
    int rows = 0;
    for (; row && rows < 3; row = strstr(row + 1, "\n| 1e-"), rows++) {
        double g = 0;
        char beside[32], hat[32], inside[32];
        cr_assert_eq(sscanf(row, "\n| %lf | %31s | %31s | %31s |", &g, beside, hat, inside), 4);
        tarn_tensor *w = new_param(1, 0);
        tarn_optim *optimizer = tarn_optim_adam(tarn_params_of(w), .lr = 1);
        step_with(optimizer, w, g);
        assert_printed("eps beside", beside, -(double)tarn_item(w));
        assert_printed("eps hat", hat, g / (g + 1e-8 / sqrt(1e-3)));
        assert_printed("eps inside", inside, g / sqrt(g * g + 1e-8));
        tarn_optim_free(optimizer);
        tarn_free(w);
    }
    cr_expect_eq(rows, 3);
}

/* ---- The sections */

/* Expects "`name` value" in the text, and nothing else behind the name. */
static void assert_default(const char *section, const char *defaults, const char *name,
                           double value)
{
    char quoted[64];
    snprintf(quoted, sizeof quoted, "`%s` ", name);
    const char *at = strstr(defaults, quoted);
    cr_assert(at, "%s: no %s in \"%s\"", section, quoted, defaults);
    char *end;
    cr_expect(strtod(at + strlen(quoted), &end) == value,
              "%s: the library has %s%g, the document \"%s\"", section, quoted, value, defaults);
    cr_expect(*end == ',' || *end == '.' || *end == '\0', "%s: %s", section, defaults);
}

/* The function that a section calls, "" in others. */
static const char *function_of(const char *section)
{
    return between(section, "- Call: `tarn_optim_", "(");
}

/* Calls check for each section of an optimizer. */
static int for_each_section(void (*check)(const char *title, const char *section))
{
    int count = 0;
    for (const char *at = strstr(document, "\n## "); at;) {
        const char *next = strstr(at + 1, "\n## ");
        const int length = (int)(next ? next - at : (ptrdiff_t)strlen(at));
        char section[16384], title[128];
        cr_assert_lt(length, (int)sizeof section);
        snprintf(section, sizeof section, "%.*s", length, at);
        snprintf(title, sizeof title, "%.*s", (int)strcspn(section + 4, "\n"), section + 4);
        if (*function_of(section)) {
            check(title, section);
            count++;
        }
        at = next;
    }
    return count;
}

/* Every number of the optimizer but the penalties, and no other, with its default. */
static void check_defaults(const char *title, const char *section)
{
    char defaults[512], function[64];
    snprintf(function, sizeof function, "%s", function_of(section));
    snprintf(defaults, sizeof defaults, "%s", between(section, " Defaults: ", "\n- "));
    squeeze(defaults);
    const tarn_optim_entry *entry = tarn_optim_entry_of(function);
    cr_assert(entry, "%s: there is no %s", title, function);

    int count = 0, named = 0;
    for (int i = 0; i < entry->rule->options.count; i++) {
        const tarn_option *option = &entry->rule->options.options[i];
        const bool penalty =
            strcmp(option->name, "weight_decay") == 0 || strcmp(option->name, "l1") == 0;
        if (option->type != TARN_OPTION_double || (penalty && option->value == 0))
            continue;
        assert_default(title, defaults, option->name, option->value);
        count++;
    }
    for (const char *tick = defaults; (tick = strchr(tick, '`')); tick++)
        named++;
    cr_expect_eq(named, 2 * count, "%s: defaults that the library has not: %s", title, defaults);
}

Test(docs_optimizers, defaults_are_those_of_the_header)
{
    cr_expect_eq(for_each_section(check_defaults), 21);
}

static void check_state(const char *title, const char *section)
{
    char call[256], state[256], defaults[512];
    snprintf(call, sizeof call, "%s", between(section, "- Call: `", "`"));
    snprintf(state, sizeof state, "%s", between(section, "\n- State: ", " byte"));
    snprintf(defaults, sizeof defaults, "%s", between(section, " Defaults: ", "\n- "));
    const char *bytes = strrchr(state, ' ');
    tarn_tensor *w = one_weight();
    tarn_optim *optimizer = make(call, tarn_params_of(w));
    cr_assert(optimizer && bytes, "%s", title);
    cr_expect_eq(state_bytes(optimizer), atoi(bytes), "%s", title);

    const char *lr = strstr(defaults, "`lr` "), *decay = strstr(defaults, "`weight_decay` ");
    cr_assert(lr, "%s", title);
    cr_expect(tarn_optim_lr(optimizer) == strtod(lr + 5, NULL), "%s", title);
    cr_expect(optimizer->weight_decay == (decay ? strtod(decay + 15, NULL) : 0), "%s", title);
    tarn_optim_free(optimizer);
    tarn_free(w);
}

Test(docs_optimizers, state_and_rate_are_those_of_the_library)
{
    for_each_section(check_state);
}

static bool is_ascii(const char *text)
{
    while (*text && (unsigned char)*text < 0x80)
        text++;
    return *text == '\0';
}

/* Those in the notation of texts, with other letters than the code's, are not looked for. */
static void check_formulas(const char *title, const char *section)
{
    int count = 0;
    for (const char *line = section; (line = strstr(line, "\n    "));) {
        char formula[256];
        line++;
        snprintf(formula, sizeof formula, "%.*s", (int)strcspn(line, "\n") - 4, line + 4);
        if (!is_ascii(formula))
            continue;
        count++;
        char *remark = strstr(formula, "   ");
        if (remark)
            *remark = 0;
        squeeze(formula);
        cr_expect(strstr(header, formula), "%s: the header has no %s", title, formula);
    }
    cr_expect_geq(count, 1, "%s", title);
}

Test(docs_optimizers, formulas_are_those_of_the_header)
{
    squeeze(header);
    for_each_section(check_formulas);
}

Test(docs_optimizers, every_optimizer_has_a_section)
{
    const char *const begin = "tarn_optim *tarn_optim_";
    int count = 0;
    for (const char *at = strstr(header, begin); at; at = strstr(at + 1, begin)) {
        char name[64], call[128];
        int length = 0;
        if (sscanf(at + strlen(begin), "%63[a-z0-9]_with(%n", name, &length) != 1 || !length)
            continue;
        snprintf(call, sizeof call, "\n- Call: `tarn_optim_%s(", name);
        cr_expect(strstr(document, call), "no page has a section on %s", name);
        count++;
    }
    cr_expect_geq(count, 11);
}
