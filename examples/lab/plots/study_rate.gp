# Too small, right, too large: study_rate.png, from study_rate_parabola.csv (part_of_edge, step, w, f) and
# study_rate_curves.csv (rate, step, training_loss).
call ARG0[1:strlen(ARG0) - strlen("study_rate.gp")] . "style.gp" ARG1 ARG2

parabola = folder . "/study_rate_parabola.csv"
curves = folder . "/study_rate_curves.csv"
of(value, y) = strcol(1) eq value ? y : NaN

eval canvas("study_rate", 800, 450)
set multiplot layout 1, 2
set title "On a parabola: w, by the part of the rate 2/h"
set xlabel "step"
set xrange [0:20]
set yrange [-3:3]
set key top left horizontal samplen 3
plot for [part in "0.05 0.5 0.95 1 1.05"] parabola using (of(part, $2)):3 with linespoints dashtype 1 linewidth 1.5 pointsize 0.7 title part
set title "LeNet: the training loss, by rate"
set xrange [0:*]
set xtics 250
set yrange [0:3.6]
plot for [rate in "0.001 0.003 0.01 0.03 0.1 0.3 1"] curves using (of(rate, $2)):3 with lines linewidth 2.5 title rate
unset multiplot
