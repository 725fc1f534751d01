/* The pictures that gnuplot draws of tables. */
#ifndef TARN_LAB_PLOTS_H
#define TARN_LAB_PLOTS_H

typedef struct drawing {
    const char *file; /* a PNG in the folder */
    const char *about;
} drawing;

/* Runs examples/lab/plots/SCRIPT.gp on the tables in the folder, which draws these pictures there
   (the list ends with a file of NULL), and prints where they are. Where gnuplot is missing it
   prints how to draw them. Dies of what cannot be written. */
void draw_plots(const char *script, const char *folder, const drawing *pictures);

#endif
