/*
 * What must be saved of an object so that it goes on to the bit: slots, which are written and read
 * back in place, and settings, texts that must be the same where they are read back, "optimizer0"
 * being "adam: lr=0.001, ...". Made by whoever knows the object's inside; a file is made of it in
 * nn/checkpoint.c.
 */
#ifndef TARN_CORE_STATE_H
#define TARN_CORE_STATE_H

#include "core/base/option_list.h"
#include "core/slot.h"

typedef struct tarn__setting {
    char *name, *value;
} tarn__setting;

typedef struct tarn__state {
    int slot_count, setting_count;
    tarn__slot *slots; /* the names are the state's, the data is borrowed */
    tarn__setting *settings;
    bool failed; /* memory has run out: something is missing */
} tarn__state;

/* Add one, called by the format. */
TARN_PRINTF(5, 6)
void tarn__state_slot(tarn__state *state, tarn__element element, tarn_shape shape, void *data,
                      const char *format, ...);
TARN_PRINTF(3, 4)
void tarn__state_setting(tarn__state *state, const char *name, const char *format, ...);

/* Slots of one number each. Counts and rates are bounded, see core/slot.h. */
void tarn__state_count(tarn__state *state, int64_t *number, const char *prefix, const char *name);
void tarn__state_number(tarn__state *state, double *number, const char *prefix, const char *name);
void tarn__state_rate(tarn__state *state, double *number, const char *prefix, const char *name);

/* "lr=0.001, beta1=0.9", for settings; the caller frees it. NULL when memory runs out. */
char *tarn__options_text(tarn_option_list list, const void *args);

void tarn__state_free(tarn__state *state);

#endif
