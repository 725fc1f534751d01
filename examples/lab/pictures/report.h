/* What a training run leaves to read: one page of HTML that holds all of its pictures. */
#ifndef TARN_LAB_REPORT_H
#define TARN_LAB_REPORT_H

#include <tarn.h>

typedef struct report_epoch {
    double loss, validation_loss, validation_accuracy, lr, seconds;
} report_epoch;

/* A picture that was taken for another class. */
typedef struct report_mistake {
    const uint8_t *pixels; /* (height, width, channels) of the report */
    const char *path;      /* its file; NULL: not known */
    int truth, guess;
    double probability; /* that the network gave its guess */
} report_mistake;

typedef struct report_setting {
    char name[24], value[200];
} report_setting;

typedef struct report {
    const char *title;
    int setting_count;
    const report_setting *settings;
    int epoch_count;
    const report_epoch *epochs;
    int best; /* the epoch whose network was kept, from 0 */
    int classes;
    const char *const *class_names;
    const tarn_confusion *confusion;
    int height, width, channels; /* of the mistakes */
    int mistake_count;
    const report_mistake *mistakes; /* the surest first */
    const char *sheet;              /* a PNG of samples; NULL: these are no pictures */
} report;

/* Writes the page. Dies with a sentence if it cannot be written; then none is left at the path but
   one that was there before. */
void report_write(const report *r, const char *path);

#endif
