/*
 * C files of networks. A kind of layer is told in a table: which parts the file needs for it, the
 * functions in nn/exchange/parts/, what constants it has, and how it is called.
 */
#ifndef TARN_NN_EXCHANGE_C_WRITER_H
#define TARN_NN_EXCHANGE_C_WRITER_H

#include "nn/exchange/calibration.h"
#include "nn/exchange/export.h"
#include "nn/exchange/plan.h"

/* In int8 a value is step (number - zero) for numbers from -128 to 127. */
typedef struct tarn__scale {
    float step;
    int zero;
} tarn__scale;

typedef struct tarn__c_writer tarn__c_writer;
typedef struct tarn__c_kind tarn__c_kind;

struct tarn__c_writer {
    const tarn_nn_export_c_args *args;
    tarn__steps steps;
    tarn__plan plan;
    /* How a step is written in a file of this type; NULL for what cannot be expressed. */
    const tarn__c_kind *(*kind_of)(const tarn__c_writer *w, const tarn__step *step);
    int64_t constants;   /* bytes written so far */
    bool quiet;          /* counts only */
    bool failed;         /* after an error that has been told */
    int elements;        /* of the array that is being written */
    int last;            /* in int8: the step that turns to float; those before it are in int8 */
    tarn__scale *scales; /* in int8: of each value; else NULL */
    tarn__stats *stats;  /* in int8: what the calibration makes of each value */
    tarn__plan tail;     /* in int8: for the values that are float, in floats */
    tarn_nn_c_sizes sizes;
};

struct tarn__c_kind {
    const tarn_module_type *type;
    const char *function; /* that is called */
    const char *parts[4]; /* "float/conv2d" */
    /* Writes the constants, and the call; the first may be NULL. */
    void (*data)(tarn__c_writer *w, const tarn__step *step);
    void (*call)(tarn__c_writer *w, const tarn__step *step);
    bool in_place;
};

/* "conv2d_1", the beginning of the names of all that belongs to the step. */
typedef struct tarn__c_label {
    char text[48];
} tarn__c_label;
tarn__c_label tarn__c_label_of(const tarn__c_writer *w, const tarn__step *step);

/* Where a value lies, as an expression: "work + 784". */
tarn__c_label tarn__c_place_of(const tarn__c_writer *w, int value);

/* Whether a value is float, not int8. */
bool tarn__c_is_float(const tarn__c_writer *w, int value);

int64_t tarn__c_size_of(const tarn__c_writer *w, int value);

/* Writes as printf(), the same in every locale; at most 1,000 characters. */
TARN_PRINTF(2, 3) void tarn__c_print(tarn__c_writer *w, const char *format, ...);

/* The call of the step's function, with those arguments before its input and its output: "8, ". */
void tarn__c_call(tarn__c_writer *w, const tarn__step *step, const char *arguments);

/* 0.5f, to the last digit. */
tarn__c_label tarn__c_float(double number);

/* A number of an operation, which may be without end, as <math.h> has it. */
tarn__c_label tarn__c_number(double value);

/* `static const TYPE LABEL_NAME[COUNT] = {`, each element, and the end. */
void tarn__c_begin_array(tarn__c_writer *w, const tarn__step *step, const char *type, int bytes,
                         const char *name, int64_t count);
TARN_PRINTF(2, 3) void tarn__c_element(tarn__c_writer *w, const char *format, ...);
void tarn__c_end_array(tarn__c_writer *w);

/* `static const float LABEL_NAME[] = {...};`, of a matrix [rows][columns] the columns one after the
   other; zeros for NULL. */
void tarn__c_floats(tarn__c_writer *w, const tarn__step *step, const char *name,
                    const float *numbers, int64_t rows, int64_t columns);

/* `static const struct window LABEL = {...};` of the type "struct window", ending with more members
   of its own. */
void tarn__c_window(tarn__c_writer *w, const tarn__step *step, const char *type, const char *more);

#endif
