/*
 * The pictures that gnuplot draws of tables, each as PNG for a screen and as SVG for a slide or for
 * print.
 *
 * A picture has a script, examples/lab/plots/NAME.gp. The least that one can be:
 *
 *     # The loss over the steps: NAME.png, from NAME.csv (step, loss).
 *     call ARG0[1:strlen(ARG0) - strlen("NAME.gp")] . "style.gp" ARG1 ARG2
 *     eval canvas("NAME", 800, 600)
 *     set title "What is seen"
 *     set xlabel "step"
 *     set ylabel "loss"
 *     plot folder . "/NAME.csv" using 1:2 skip 1 with lines title "sgd"
 *
 * style.gp, which says more, gives it the folder of the tables, the canvas in either form, letters,
 * and line types and a palette that the colour-blind and a printer without colour can tell apart:
 * so leave colours and dashes to it where lines are told apart. The program that wrote the tables
 * then calls draw_plots("NAME", folder, (drawing[]){{"NAME", "how the loss falls"}, {0}}).
 */
#ifndef TARN_LAB_PLOTS_H
#define TARN_LAB_PLOTS_H

typedef struct drawing {
    const char *name; /* of a picture in the folder: NAME.png and NAME.svg */
    const char *about;
} drawing;

/* Runs examples/lab/plots/SCRIPT.gp on the tables in the folder, which draws these pictures there
   (the list ends with a name of NULL), and prints where they are. Where gnuplot is missing it
   prints how to draw them. Dies of what cannot be written. */
void draw_plots(const char *script, const char *folder, const drawing *pictures);

/* The same for a script that takes one table instead of a folder: of FILE.csv the pictures are
   FILE.png and FILE.svg with their names before the dot, which may be "". */
void draw_plots_of(const char *script, const char *file, const drawing *pictures);

/* The same for an animation: NAME.gif, and its frames in the folder NAME_frames. */
void draw_animation(const char *script, const char *folder, const drawing *animation);

#endif
