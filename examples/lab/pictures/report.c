#include "examples/lab/pictures/report.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "examples/lab/lib/html.h"
#include "examples/lab/lib/options.h"

static const char style[] =
    "body{font:15px/1.5 system-ui,sans-serif;max-width:1000px;margin:2em auto;padding:0 1em;"
    "color:#222;background:#fff}"
    "h1{margin-bottom:0}h2{margin-top:1.8em}.big{font-size:1.3em;margin-top:.2em}"
    "table{border-collapse:collapse}td,th{padding:.15em .6em;text-align:left}"
    ".settings td:first-child{color:#666}"
    ".matrix{font-size:13px}.matrix td{text-align:right;min-width:2em}"
    ".matrix thead th{writing-mode:vertical-rl;transform:rotate(180deg);font-weight:normal}"
    ".matrix tbody th{text-align:right;font-weight:normal}.matrix .right{outline:1px solid #888}"
    ".mistakes{display:flex;flex-wrap:wrap;gap:14px}figure{margin:0;width:120px}"
    "figcaption{font-size:13px;line-height:1.3;overflow-wrap:anywhere}small{color:#666}img{image-"
    "rendering:pixelated;max-width:100%}"
    ".wide{overflow-x:auto}svg text{font:12px system-ui,sans-serif;fill:#444}svg "
    ".title{font-weight:600}"
    "svg .grid{stroke:#ddd}.note{color:#666}"
    "@media print{body{margin:0}}";

static void write_head(FILE *page, const report *r)
{
    fprintf(page, "<!doctype html>\n<html lang=en><meta charset=utf-8>"
                  "<meta name=viewport content=\"width=device-width\"><title>");
    html_text(page, r->title);
    fprintf(page, "</title><style>%s</style>\n<h1>", style);
    html_text(page, r->title);
    const report_epoch *best = &r->epochs[r->best];
    fprintf(page,
            "</h1>\n<p class=big>validation accuracy <b>%.1f%%</b>, after epoch %d of %d</p>\n",
            100 * best->validation_accuracy, r->best + 1, r->epoch_count);
}

static void write_settings(FILE *page, const report *r)
{
    fputs("<h2>Settings</h2>\n<table class=settings>\n", page);
    for (int i = 0; i < r->setting_count; i++) {
        fputs("<tr><td>", page);
        html_text(page, r->settings[i].name);
        fputs("<td>", page);
        html_text(page, r->settings[i].value);
        fputs("\n", page);
    }
    fputs("</table>\n", page);
}

/* One value of each epoch. */
static const double *column(const report *r, double *values, size_t offset, double factor)
{
    for (int i = 0; i < r->epoch_count; i++)
        values[i] = factor * *(const double *)((const char *)&r->epochs[i] + offset);
    return values;
}

#define COLUMN(member, factor, row)                                                                \
    column(r, all + (row)*r->epoch_count, offsetof(report_epoch, member), factor)

static void write_curves(FILE *page, const report *r)
{
    double *all = malloc(5 * (size_t)r->epoch_count * sizeof *all);
    if (!all)
        die("out of memory for the curves of %d epochs", r->epoch_count);
    fputs("<h2>Training, epoch by epoch</h2>\n", page);
    html_chart(page, "loss",
               (html_curve[]){{"training", COLUMN(loss, 1, 0)},
                              {"validation", COLUMN(validation_loss, 1, 1)}},
               2, r->epoch_count, "%.4f");
    html_chart(page, "accuracy in %",
               (html_curve[]){{"validation", COLUMN(validation_accuracy, 100, 2)}}, 1,
               r->epoch_count, "%.2f%%");
    html_chart(page, "learning rate at the end", (html_curve[]){{"rate", COLUMN(lr, 1, 3)}}, 1,
               r->epoch_count, "%.3g");
    html_chart(page, "seconds", (html_curve[]){{"training", COLUMN(seconds, 1, 4)}}, 1,
               r->epoch_count, "%.2f");
    free(all);
}

/* A cell is the darker the larger its share of its row. */
static void write_cell(FILE *page, const report *r, int truth, int guess, int64_t of_row)
{
    const int64_t count = tarn_confusion_count(r->confusion, truth, guess);
    const double share = of_row > 0 ? (double)count / (double)of_row : 0;
    fprintf(page, "<td%s style=\"background:rgba(%s,%.3f)%s\">",
            truth == guess ? " class=right" : "", truth == guess ? "0,114,178" : "213,94,0",
            sqrt(share), share > 0.4 ? ";color:#fff" : "");
    if (count > 0)
        fprintf(page, "%lld", (long long)count);
    fputs("</td>", page);
}

static int64_t row_sum(const report *r, int truth)
{
    int64_t sum = 0;
    for (int guess = 0; guess < r->classes; guess++)
        sum += tarn_confusion_count(r->confusion, truth, guess);
    return sum;
}

static void write_confusion(FILE *page, const report *r)
{
    fputs("<h2>What was taken for what</h2>\n<p class=note>A row for each class, a column for each "
          "answer.</p>\n<div class=wide><table class=matrix><thead><tr><th></th>",
          page);
    for (int guess = 0; guess < r->classes; guess++) {
        fputs("<th>", page);
        html_text(page, r->class_names[guess]);
        fputs("</th>", page);
    }
    fputs("<th>recall</th></tr></thead>\n<tbody>\n", page);
    for (int truth = 0; truth < r->classes; truth++) {
        const int64_t sum = row_sum(r, truth);
        fputs("<tr><th>", page);
        html_text(page, r->class_names[truth]);
        fputs("</th>", page);
        for (int guess = 0; guess < r->classes; guess++)
            write_cell(page, r, truth, guess, sum);
        const double recall = tarn_confusion_recall(r->confusion, truth);
        if (isnan(recall))
            fputs("<td>-</td></tr>\n", page);
        else
            fprintf(page, "<td>%.1f%%</td></tr>\n", 100 * recall);
    }
    fputs("</tbody></table></div>\n", page);
}

static void write_mistakes(FILE *page, const report *r)
{
    enum { SHOWN = 112 }; /* pixels of the longer side */
    const int side = r->height > r->width ? r->height : r->width;
    fputs("<h2>The surest mistakes</h2>\n", page);
    if (r->mistake_count == 0)
        fputs("<p class=note>None: every validation picture was told rightly.</p>\n", page);
    fputs("<div class=mistakes>\n", page);
    for (int i = 0; i < r->mistake_count; i++) {
        const report_mistake *m = &r->mistakes[i];
        fputs("<figure>", page);
        html_picture(page, m->pixels, r->height, r->width, r->channels, (double)SHOWN / side);
        fputs("<figcaption>", page);
        html_text(page, r->class_names[m->truth]);
        fputs("<br>taken for <b>", page);
        html_text(page, r->class_names[m->guess]);
        fprintf(page, "</b><br>%.1f%% sure", 100 * m->probability);
        if (m->path) {
            fputs("<br><small>", page);
            html_text(page, m->path);
            fputs("</small>", page);
        }
        fputs("</figcaption></figure>\n", page);
    }
    fputs("</div>\n", page);
}

void report_write(const report *r, const char *path)
{
    char part[4096];
    if (snprintf(part, sizeof part, "%s.part", path) >= (int)sizeof part)
        die("%s: is too long a path", path);
    FILE *page = fopen(part, "w");
    if (!page)
        die("%s: cannot be written: %s", part, strerror(errno));
    write_head(page, r);
    write_curves(page, r);
    write_confusion(page, r);
    if (r->sheet) {
        write_mistakes(page, r);
        fputs("<h2>Training pictures</h2>\n<p class=note>Each as it is, and then as the network "
              "sees it in the first epochs.</p>\n",
              page);
        html_png_file(page, r->sheet);
    }
    write_settings(page, r);
    fputs("</html>\n", page);
    const bool failed = ferror(page);
    if (fclose(page) != 0 || failed || rename(part, path) != 0) {
        const int reason = errno;
        remove(part);
        die("%s: cannot be written: %s", path, strerror(reason));
    }
}
