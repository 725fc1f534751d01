# Draws a search: each trial and the best so far (tune.png) from tune.csv, and each trial as a line through its
# settings (tune_parallel.png) from tune_lines.csv and tune_axes.csv, which examples/lab/tune/pictures.c writes.
call ARG0[1:strlen(ARG0) - strlen("tune.gp")] . "style.gp" ARG1 ARG2
trials = folder . "/tune.csv"
lines = folder . "/tune_lines.csv"
marks = folder . "/tune_axes.csv"

stats trials skip 1 using (data = strcol(1), method = strcol(2), column(4)) nooutput
rungs = int(STATS_max)
error(accuracy) = 100 * (1 - accuracy > 1e-4 ? 1 - accuracy : 1e-4)
of_rung(r) = column("rung") == r && column("diverged") == 0 ? error(column("validation_accuracy")) : NaN
failed(value) = column("diverged") == 1 ? 100 : NaN

eval canvas("tune", 800, 600)
set title method . " search on " . data . ": each trial, and the best so far" font ",14"
set xlabel "cost, in whole trainings"
set ylabel "error on the validation images (%)"
set logscale y
set yrange [:130]
set xrange [0:*]
set ytics (0.1, 0.2, 0.5, 1, 2, 3, 5, 10, 20, 50, 100)
set bmargin 5 # the key stands under the label
set key at screen 0.5, 0.02 center bottom horizontal
plot for [r = 1:rungs] trials using "cost":(of_rung(r)) with points linetype r + 1 pointsize 0.9 \
         title rungs > 1 ? sprintf("rung %d", r) : "a trial", \
     trials using "cost":(failed(0)) with points pointtype 2 linecolor rgb colours[5] title "diverged", \
     trials using "cost":(error(column("best_accuracy"))) with steps linetype 1 \
         title "the best so far"

eval canvas("tune_parallel", 800, 600)
unset logscale
unset bmargin
unset xlabel
unset ylabel
unset key
unset grid
unset border
unset ytics
unset xtics
stats marks skip 1 using 1 nooutput
axes = int(STATS_max)
set xrange [0.8:axes + 0.4]
set yrange [-0.16:1.16]
set cbrange [0:1]
unset colorbox
set palette defined (0 "#eeeeee", 0.75 "#a8cfe8", 0.9 "#56B4E9", 1 "#0a4a78")
set title method . " search on " . data . ": each trial as a line, the dark ones with the least error" font ",14"
do for [i = 1:axes] { set arrow i from i, 0 to i, 1 nohead linecolor rgb "#000000" linewidth 1.5 dashtype 1 front }
plot lines using "axis":"from":(1):(column("to") - column("from")):"result" with vectors nohead \
         linecolor palette linewidth 2 dashtype 1, \
     marks using "axis":"height":(" " . strcol("label")) with labels left offset 0.3, 0 font ",10", \
     marks using (column("axis")):(strcol("first") eq "1" ? 1.1 : NaN):"name" with labels center
