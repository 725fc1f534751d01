#include "examples/lab/filters/sheet.h"

#include <math.h>
#include <stdio.h>

static int lines_of(const grid *g)
{
    return (g->maps + g->columns - 1) / g->columns;
}

grid grid_for(grid g, double aspect)
{
    double largest = 0;
    grid best = g;
    for (g.columns = 1; g.columns <= g.maps; g.columns++) {
        const double square = fmin(aspect / (g.columns * (g.width + g.gap)),
                                   1.0 / (lines_of(&g) * (g.height + g.below)));
        if (square > largest) {
            largest = square;
            best = g;
        }
    }
    return best;
}

sheet sheet_begin(const char *folder, const char *name)
{
    char squares[64], panels[64];
    snprintf(squares, sizeof squares, "%s.csv", name);
    snprintf(panels, sizeof panels, "%s_panels.csv", name);
    return (sheet){
        table_in(folder, squares, "panel,column,row,map,value"),
        table_in(folder, panels, "panel,title,maps,height,width,gap,below,columns,lowest,highest"),
        0};
}

static void add_square(sheet *s, const grid *g, int column, int row, const tarn_real *values)
{
    const int x = column % (g->width + g->gap), y = row % (g->height + g->below);
    const int map = row / (g->height + g->below) * g->columns + column / (g->width + g->gap);
    if (x < g->width && y < g->height && map < g->maps)
        table_row(s->squares, "%d,%d,%d,%d,%.6g", s->count, column, row, map,
                  (double)values[(y * g->width + x) * g->maps + map]);
    else
        table_row(s->squares, "%d,%d,%d,,0", s->count, column, row);
}

void sheet_add(sheet *s, const char *title, const grid *g, const tarn_real *values)
{
    tarn_real low = (tarn_real)INFINITY, high = -(tarn_real)INFINITY;
    for (int i = 0; i < g->maps * g->height * g->width; i++) {
        low = values[i] < low ? values[i] : low;
        high = values[i] > high ? values[i] : high;
    }
    table_add(s->panels, "%d", ++s->count);
    table_add_text(s->panels, title);
    table_row(s->panels, "%d,%d,%d,%d,%d,%d,%.6g,%.6g", g->maps, g->height, g->width, g->gap,
              g->below, g->columns, (double)low, (double)high);
    for (int row = 0; row < lines_of(g) * (g->height + g->below); row++)
        for (int column = 0; column < g->columns * (g->width + g->gap); column++)
            add_square(s, g, column, row, values);
}

void sheet_end(sheet *s)
{
    table_end(s->squares);
    table_end(s->panels);
}
