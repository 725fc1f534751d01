# Draws how the training loss falls with each optimizer (optimizers.png), a panel for each family with the
# others in gray, from optimizers_curves.csv, which examples/lab/optimizers.c writes. The loss at a step is its
# mean over the latest fifth of the steps.
call ARG0[1:strlen(ARG0) - strlen("optimizers.gp")] . "style.gp" ARG1 ARG2
curves = folder . "/optimizers_curves.csv"

# The optimizers that the table has.
names = " "
add(name) = (names = strstrt(names, " " . name . " ") ? names : names . name . " ", 0)
stats curves skip 1 using (data = strcol(1), add(strcol(2))) nooutput

array families[5] = ["momentum momentum-ema sgd nesterov", "adagrad rmsprop adadelta", \
                     "adam adamw amsgrad adamax nadam radam", "lion muon", ""]
array titles[5] = ["Gradient and momentum", "A rate for each weight", "Adam and its kin", \
                   "Signs, and orthogonal matrices", "Others"]
known = " "
do for [i = 1:4] { known = known . families[i] . " " }
do for [name in names] { if (!strstrt(known, " " . name . " ")) { families[5] = families[5] . name . " " } }
# Those of a list that the table has.
present(list) = (chosen = "", sum [i = 1:words(list)] (chosen = strstrt(names, " " . word(list, i) . " ") ? \
                                                      chosen . word(list, i) . " " : chosen, 0), chosen)
# The families of which the table has one.
drawn = ""
do for [i = 1:5] { if (words(present(families[i])) > 0) { drawn = drawn . " " . i } }
columns = words(drawn) > 1 ? 2 : 1
rows = (words(drawn) + columns - 1) / columns

stats curves using (column("training_loss")) name "loss" nooutput
stats curves using (column("step")) name "step" nooutput
set xrange [10 < step_max ? 10 : 1 : step_max]
set yrange [loss_min > 1e-3 ? 0.4 * loss_min : 1e-3 : 4] # what diverges leaves the picture
set logscale xy
set ytics (0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2)
set key bottom left Left reverse samplen 3 spacing 0.9 font ",11"
loss_of(name) = stringcolumn("optimizer") eq name ? column("training_loss") : NaN

eval canvas("optimizers", 800, 600)
set multiplot layout rows, columns title "LeNet on " . data . ": training loss, from the same weights on the same batches" \
    font ",14" margins 0.09, 0.97, 0.10, 0.88 spacing 0.07, 0.10
do for [panel = 1:words(drawn)] {
    family = int(word(drawn, panel))
    set title titles[family] offset 0, -0.5
    set xlabel (panel + columns > words(drawn) ? "step" : "")
    set ylabel (columns == 1 || panel % 2 ? "cross entropy, smoothed" : "") offset 1
    shown = present(families[family])
    plot for [name in names] curves using "step":(loss_of(name)) with lines linecolor rgb "#d0d0d0" linewidth 1 dashtype 1 notitle, \
         for [i = 1:words(shown)] curves using "step":(loss_of(word(shown, i))) with lines linetype i \
             title word(shown, i)
}
unset multiplot
