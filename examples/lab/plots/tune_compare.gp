# Draws the error of the best trial so far over the cost, by method (tune_compare.png), from tune_compare.csv, which
# examples/lab/tune/compare.c writes.
call ARG0[1:strlen(ARG0) - strlen("tune_compare.gp")] . "style.gp" ARG1 ARG2
means = folder . "/tune_compare.csv"
methods = "random grid halving"

stats means skip 1 using (data = strcol(1), column(3)) nooutput
of(name, value) = strcol("method") eq name ? 100 * (1 - value) : NaN
eval canvas("tune_compare", 800, 600)
set title "Searches on " . data . " at equal cost: the best so far, mean and standard error" font ",14"
set xlabel "cost, in whole trainings"
set ylabel "error of the best on the validation images (%)"
set logscale y
set ytics (0.1, 0.2, 0.5, 1, 2, 3, 4, 5, 7, 10, 20, 30, 50, 70, 100)
set xrange [0:*]
set key top right
set style fill transparent solid 0.2 noborder
plot for [i = 1:3] means using "cost":(of(word(methods, i), column("accuracy") - column("error"))) \
         :(of(word(methods, i), column("accuracy") + column("error"))) with filledcurves \
         linecolor rgb colours[i + 4] notitle, \
     for [i = 1:3] means using "cost":(of(word(methods, i), column("accuracy"))) with linespoints \
         linetype i + 4 title word(methods, i)
