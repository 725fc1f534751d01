/*
 * A space of hyperparameters in one line of text:
 *
 *     optimizer=adam|momentum,lr=log:1e-4..1e-1,beta1=0.8..0.99,batch=16|32|64
 *
 * Each part is an axis: a name and choices with | between them, or a range LOW..HIGH. Of a range
 * every number is as likely; with log: before it every factor (0.001 to 0.01 as 0.01 to 0.1); with
 * 1-log: every factor of what is missing to 1 (0.9 to 0.99 as 0.99 to 0.999), which suits the
 * betas. A single choice stays fixed.
 *
 * Names are optimizer, model, batch, schedule, seed and the options of the optimizers: lr, beta1,
 * weight_decay, ... An axis that an optimizer does not have is drawn, and changes nothing there.
 */
#ifndef TARN_LAB_TUNE_SPACE_H
#define TARN_LAB_TUNE_SPACE_H

#include <stdbool.h>

enum { SPACE_AXES = 12, AXIS_CHOICES = 24, VALUE_SIZE = 64 };

typedef enum axis_scale { SCALE_CHOICES, SCALE_LINEAR, SCALE_LOG, SCALE_ONE_MINUS_LOG } axis_scale;

/* A value as it stands in tables and on command lines: "0.00316", "adam". A number has as few
   digits as tell it from its neighbours, and is used as it is written. */
typedef struct value {
    char text[VALUE_SIZE];
} value;

typedef struct axis {
    char part[256]; /* as in the text, for sentences */
    char name[32];
    axis_scale scale;
    int count; /* of choices */
    value choices[AXIS_CHOICES];
    double low, high;
    bool whole; /* its values are whole numbers */
} axis;

typedef struct space {
    int count;
    axis axes[SPACE_AXES];
} space;

/* Reads the parts. On a mistake ends the program with a sentence that begins with the part. */
void space_read(space *s, const char *text);

/* The axis of that name, or NULL. */
const axis *space_axis(const space *s, const char *name);

/* The value at a place of an axis, from 0 to 1: of k choices each has k-th part of it. */
value axis_value(const axis *a, double place);

/* Whether a text is a finite number and nothing else; sets it. */
bool is_number(const char *text, double *number);

#endif
