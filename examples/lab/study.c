/*
 * One question at a time: ./run study NAME. Each study is an experiment of a page in studies/,
 * with numbers to look at and a picture to look at rather; docs/book/ explains what they show.
 */
#include <stdio.h>

#include <tarn.h>

#include "examples/lab/lib/options.h"
#include "examples/lab/lib/table.h"
#include "examples/lab/studies/study.h"

static const study *const studies[] = {
    &study_rate,   &study_batch,     &study_schedule,        &study_noise,
    &study_escape, &study_objective, &study_bias_correction, &study_sparse,
    &study_edge,   &study_tune,      &study_recipe};
enum { STUDIES = sizeof studies / sizeof *studies };

static const study *study_of(const char *name)
{
    for (int i = 0; i < STUDIES; i++)
        if (is(studies[i]->name, name))
            return studies[i];
    die("%s: no study has that name; --help lists them", name);
}

/* What --help says first. */
static const char *about(void)
{
    static char text[4096];
    int length = snprintf(text, sizeof text,
                          "Answers a question by an experiment, with a table "
                          "and a picture. The studies:\n");
    for (int i = 0; i < STUDIES; i++)
        length += snprintf(text + length, sizeof text - (size_t)length, "  %-18s %s\n",
                           studies[i]->name, studies[i]->question);
    text[length - 1] = '\0';
    return text;
}

int main(int argc, char **argv)
{
    study_settings s = {.folder = OUTPUT_FOLDER, .seed = 1};
    files names = {0};
    long threads = 0;
    const option options[] = {
        OPTION_FILES_AT(&names, "STUDY", "which, or several, one after the other"),
        DIGITS_OPTIONS(&s.digits),
        OPTION_SEED_AT(&s.seed),
        OPTION_THREADS_AT(&threads),
        OUTPUT_OPTION(&s.folder),
        OPTIONS_END};
    parse_options(argc, argv, about(), options);
    if (names.count == 0)
        die("which study? --help lists them");
    for (int i = 0; i < names.count; i++)
        study_of(names.paths[i]); /* before one of them takes its minute */
    if (threads)
        tarn_set_threads((int)threads);
    digits_choose(&s.digits);
    for (int i = 0; i < names.count; i++) {
        const study *now = study_of(names.paths[i]);
        char script[64];
        snprintf(script, sizeof script, "study_%s", now->name);
        printf("%s%s: %s\n\n", i ? "\n" : "", now->name, now->question);
        now->run(&s);
        printf("\n");
        if (now->pictures[0].name)
            draw_plots(script, s.folder, now->pictures);
    }
    check_stdout();
    return 0;
}
