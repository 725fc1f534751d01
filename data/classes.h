/* Classes that are told apart by their names. */
#ifndef TARN_DATA_CLASSES_H
#define TARN_DATA_CLASSES_H

#include <stdbool.h>
#include <stdint.h>

typedef struct tarn__classes {
    int count;
    const char **names; /* sorted: as numbers if all are whole numbers, else as bytes */
    int32_t *labels;    /* for each text, its place there */
} tarn__classes;

/* Finds the classes of some texts, which are borrowed. The path is for the message. False with
   tarn_error() set when memory runs out. free() names and labels. */
bool tarn__classes_find(tarn__classes *classes, const char *path, char *const *texts,
                        int64_t count);

#endif
