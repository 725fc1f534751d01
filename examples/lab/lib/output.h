/*
 * What the examples leave: tables as CSV files, and the pictures that gnuplot draws of them. What
 * cannot be written ends the program with a sentence.
 */
#ifndef TARN_LAB_OUTPUT_H
#define TARN_LAB_OUTPUT_H

#include <stdio.h>

/* The folder of an example's pictures, unless another is asked for. */
#define OUTPUT_FOLDER "pictures"

/* A line of a table of options (examples/lab/lib/options.h). */
#define OUTPUT_OPTION(folder)                                                                      \
    OPTION_TEXT_AT(folder, "out", "DIR", "folder for tables and pictures; default " OUTPUT_FOLDER)

typedef struct output_path {
    char text[4096];
} output_path;

/* folder/name; makes the folder if it is not there. */
output_path output_in(const char *folder, const char *name);

typedef struct csv {
    FILE *file;
    const char *path;
} csv;

/* Begins a file with its first line, the names of the columns. The path must outlive it. */
csv csv_begin(const char *path, const char *columns);

/* Adds text to the file, which is complete on the disk whenever a line is. */
void csv_add(csv *c, const char *format, ...) __attribute__((format(printf, 2, 3)));

void csv_end(csv *c);

typedef struct drawing {
    const char *file; /* a PNG in the folder */
    const char *about;
} drawing;

/* Runs examples/lab/plots/SCRIPT.gp on the tables in the folder, which draws these pictures there
   (the list ends with a file of NULL), and prints where they are. Where gnuplot is missing it
   prints how to draw them. */
void draw_plots(const char *script, const char *folder, const drawing *pictures);

#endif
