# A panel for each family of optimizers, with the others in gray, from the tables of examples/lab/optimizers.c.
# From optimizers_curves.csv: optimizers.png, how the training loss falls (at a step its mean over the latest fifth
# of the steps), optimizers_test_loss.png and optimizers_test_accuracy.png, the same for the test images.
# From optimizers_first.csv: optimizers_first.png, how long the first ten steps are.
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
# Whether anyone got to a test: a line without one ends with a comma.
set datafile separator "\n"
tested = 0
stats curves skip 1 using (tested = tested + (strcol(1)[strlen(strcol(1)):*] ne ","), 0) nooutput
set datafile separator comma
stats curves using (column("step")) name "step" nooutput
set logscale x

# Panels of what a column of a table has, at which scale, over the steps; head says what that is. The cells of
# steps without a test are empty. Where all diverged there is no more than the bottom of the panel.
of(name, column_name, scale) = strcol("optimizer") eq name && strlen(strcol(column_name)) ? \
    scale * column(column_name) : NaN
panels = 'do for [panel = 1:words(drawn)] { \
    family = int(word(drawn, panel)); \
    set title titles[family] offset 0, -0.5; \
    set xlabel (panel + columns > words(drawn) ? "step" : ""); \
    set ylabel (columns == 1 || panel % 2 ? head : "") offset 1; \
    shown = present(families[family]) . (family == 3 ? more : ""); \
    plot bottom with lines linecolor rgb "#ffffff" linewidth 0.1 dashtype 1 notitle, \
        for [name in names] table using "step":(of(name, value, scale)) with lines \
            linecolor rgb "#d0d0d0" linewidth 1 dashtype 1 notitle, \
        for [i = 1:words(shown)] table using "step":(of(word(shown, i), value, scale)) with @style \
            linetype i title word(shown, i); \
    }'
begin(what) = sprintf("set multiplot layout rows, columns title 'LeNet on %s: %s' " \
    . "font ',14' margins 0.10, 0.97, 0.10, 0.88 spacing 0.10, 0.10", data, what)
more = ""; scale = 1; table = curves
style = "lines"

eval canvas("optimizers", 800, 600)
eval begin("training loss, from the same weights on the same batches")
set xrange [10 < step_max ? 10 : 1 : step_max]
bottom = loss_min > 1e-3 ? 0.4 * loss_min : 1e-3
set yrange [bottom : 4] # what diverges leaves the picture
set logscale y
set ytics (0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2)
set key bottom left Left reverse samplen 3 spacing 0.9 font ",11"
value = "training_loss"; head = "cross entropy, smoothed"
@panels
unset multiplot

if (tested) {
    set xrange [*:*]
    set yrange [*:*]
    stats curves skip 1 using (strlen(strcol(5)) && $5 < 4 ? $5 : 4) name "test" nooutput
    stats curves skip 1 using (strlen(strcol(6)) ? $6 : 0) name "accuracy" nooutput
    eval canvas("optimizers_test_loss", 800, 600)
    eval begin("loss on the test images")
    set datafile missing NaN # so that lines go over the steps without a test
    unset logscale x
    set xrange [0 : step_max]
    set xtics 0, 100 * ceil(step_max / 400.0)
    bottom = test_min > 1e-3 ? 0.7 * test_min : 1e-3
    set yrange [bottom : 4]
    value = "test_loss"; head = "cross entropy"
    @panels
    unset multiplot

    eval canvas("optimizers_test_accuracy", 800, 600)
    eval begin("accuracy on the test images")
    unset logscale y
    bottom = accuracy_max > 0.97 ? 90 : 0
    set yrange [bottom : 100]
    set ytics autofreq
    set key bottom right width 1
    value = "test_accuracy"; head = "right (%)"; scale = 100
    @panels
    unset multiplot
} else {
    unset logscale
    set xrange [0:1]
    set yrange [0.1:1]
    do for [what in "loss accuracy"] {
        eval canvas("optimizers_test_" . what, 800, 600)
        set title what . " on the test images: all diverged before the first test"
        plot NaN notitle
    }
}

table = folder . "/optimizers_first.csv"
eval canvas("optimizers_first", 800, 600)
eval begin("the first ten steps: change of a weight / rate")
set xrange [0.7:10.3]
bottom = 3e-5
set yrange [bottom : 1e3]
set logscale y
set xtics 1, 1
set ytics ("0.0001" 0.0001, "0.001" 0.001, "0.01" 0.01, "0.1" 0.1, "1" 1, "10" 10)
set key top left maxrows 4 samplen 2 width -4 font ",10"
value = "length"; head = ""; scale = 1; more = "adam-uncorrected"
style = "linespoints"
@panels
unset multiplot
