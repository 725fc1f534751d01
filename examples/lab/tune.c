/*
 * Searches hyperparameters: trains a network on digits with each of many settings, compares them on
 * images that are held out of training, and tells which are best and what mattered. tune/search.h
 * has the methods, tune/forest.h how importance is measured.
 */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "examples/lab/lib/options.h"
#include "examples/lab/tune/compare.h"
#include "examples/lab/tune/pictures.h"
#include "examples/lab/tune/records.h"
#include "examples/lab/tune/report.h"

/* ---- Signals */

static volatile sig_atomic_t signal_number;

static void note_signal(int number)
{
    signal_number = number;
}

/* The first signal is noted; the second ends the program. */
static void watch_signals(void)
{
    struct sigaction action = {.sa_handler = note_signal, .sa_flags = (int)SA_RESETHAND};
    sigemptyset(&action.sa_mask);
    sigaction(SIGINT, &action, NULL);
    sigaction(SIGTERM, &action, NULL);
}

/* ---- A search */

static void print_plan(const tune_settings *s, const tune_data *data, const search *run)
{
    int same = 0;
    for (int i = 0; i < run->count; i++)
        same += run->trials[i].same_as > 0;
    printf("%s search on %s: %d trials, %lld training and %lld validation images, %ld epochs, seed "
           "%ld, %ld side by side\n",
           tune_methods[run->settings.method], s->digits.dataset, run->count,
           (long long)tarn_data_count(data->training), (long long)tarn_data_count(data->validation),
           run->settings.epochs, run->settings.seed, run->settings.threads);
    for (int r = 0; r < run->rungs && run->rungs > 1; r++)
        printf("rung %d: %d trials, up to %.3g epochs\n", r + 1, run->sizes[r],
               run->parts[r] * (double)run->settings.epochs);
    if (same > 0)
        printf("%d of them train as an earlier one does, and are not trained again\n", same);
    fflush(stdout);
}

static void print_stop(const tune_settings *s, const records *r)
{
    printf("stopped; %d results are in %s. To go on: %s%s%s --resume\n", r->reported,
           output_in(s->out, TUNE_TABLE).text, tune_command(s).text,
           is(s->out, OUTPUT_FOLDER) ? "" : " --out ", is(s->out, OUTPUT_FOLDER) ? "" : s->out);
    check_stdout();
}

static void print_winner(const tune_settings *s, const tune_data *data, const search *run)
{
    const trial *winner = search_winner(run);
    if (winner->outcome.diverged) {
        printf("all trials diverged: smaller rates may help\n");
        return;
    }
    printf("the winner is trial %d: validation accuracy %.2f%%, test accuracy %.2f%%\n",
           winner->number, 100 * winner->outcome.accuracy, 100 * test_accuracy(s, data, winner));
    print_train_command(s, winner);
}

static void run_search(const tune_settings *s, const tune_data *data)
{
    static search run;
    static records rows;
    search_plan(&run, &s->search, &s->space, data);
    print_plan(s, data, &run);
    watch_signals();
    records_begin(&rows, s, &run);
    const bool complete = search_run(&run, &signal_number);
    if (complete) {
        print_best(&run);
        const importance mattered = importance_of(&run);
        print_importance(&run, &mattered);
        print_winner(s, data, &run);
        draw_search(&run, &mattered, s->out);
    } else
        print_stop(s, &rows);
    records_end(&rows);
    search_free(&run);
    if (!complete)
        exit(128 + signal_number);
}

int main(int argc, char **argv)
{
    const tune_settings *s = read_tune_settings(argc, argv);
    tune_data data = read_tune_data(s);
    if (s->compare)
        compare_methods(s, &data);
    else
        run_search(s, &data);
    free_tune_data(&data);
    check_stdout();
    return 0;
}
