# How large a rate training bears: study_edge.png, from study_edge.csv (optimizer, rate, step, loss, sharpness,
# edge). Each rule's sharpness in a colour by rate, and the edge of that rate as a thin line.
call ARG0[1:strlen(ARG0) - strlen("study_edge.gp")] . "style.gp" ARG1 ARG2

data = folder . "/study_edge.csv"
of(rule, rate, y) = strcol(1) eq rule && strcol(2) eq rate ? y : NaN

eval canvas("study_edge", 900, 700)
set multiplot layout 2, 2
set xrange [0:1000]
set xlabel "step"
set ylabel "sharpness"
set yrange [0:*]
set key bottom right title "rate"

set title "Gradient descent, and 2 / rate"
plot for [i = 1:3] r = word("0.2 0.15 0.1", i) data using (of("sgd", r, $3)):6 with lines linetype i linewidth 1 notitle, \
     for [i = 1:3] r = word("0.2 0.15 0.1", i) data using (of("sgd", r, $3)):5 with linespoints linetype i pointsize 0.5 title r
set title "Momentum 0.9, and 3.8 / rate"
plot for [i = 1:2] r = word("0.35 0.3", i) data using (of("momentum", r, $3)):6 with lines linetype i linewidth 1 notitle, \
     for [i = 1:2] r = word("0.35 0.3", i) data using (of("momentum", r, $3)):5 with linespoints linetype i pointsize 0.5 title r
set title "Adam, in its own coordinates, and 38 / rate"
plot for [i = 1:2] r = word("0.003 0.001", i) data using (of("adam", r, $3)):6 with lines linetype i linewidth 1 notitle, \
     for [i = 1:2] r = word("0.003 0.001", i) data using (of("adam", r, $3)):5 with linespoints linetype i pointsize 0.5 title r
set title "Gradient descent: the loss falls all the same"
set ylabel "training loss"
set yrange [0.02:0.6]
set ytics (0.02, 0.05, 0.1, 0.2, 0.5)
set logscale y
set key top right
plot for [i = 1:3] r = word("0.2 0.15 0.1", i) data using (of("sgd", r, $3)):4 with lines linetype i title r
unset multiplot
