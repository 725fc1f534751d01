/*
 * Many small maps of numbers side by side, as a table that a picture is drawn of: kernels, feature
 * maps, images. A panel of a sheet holds maps of one size.
 */
#ifndef TARN_LAB_SHEET_H
#define TARN_LAB_SHEET_H

#include <tarn.h>

#include "examples/lab/lib/table.h"

/* Maps of height x width squares in lines of so many; between them stay `gap` squares to the right
   of each and `below` under it. */
typedef struct grid {
    int maps, height, width, gap, below, columns;
} grid;

/* The grid with the number of columns that makes the squares largest where the room is so many
   times as wide as high. */
grid grid_for(grid g, double aspect);

typedef struct sheet {
    table *squares, *panels;
    int count;
} sheet;

/* Begins NAME.csv (panel, column, row, map, value: all squares of a panel, line by line; between
   the maps no map, and 0, which pictures show as white) and NAME_panels.csv (panel, title, maps,
   height, width, gap, below, columns, lowest, highest). */
sheet sheet_begin(const char *folder, const char *name);

/* Adds a panel, of which the values are (height, width, maps). */
void sheet_add(sheet *s, const char *title, const grid *g, const tarn_real *values);

void sheet_end(sheet *s);

#endif
