# What the log of ./run train --log FILE.csv tells.
# FILE.png: loss and accuracy of the training and the test images over the epochs; of several seeds
# the median as a line and all between the least and the largest as a band.
# FILE-layers.png: how much each layer moves, from the columns update_ratio:LAYER and
# gradient_norm:LAYER, in the run of the first seed.
#     gnuplot -c examples/lab/plots/log.gp FILE.csv [svg]
call ARG0[1:strlen(ARG0) - strlen("log.gp")] . "style.gp" ARG1 ARG2
file = ARG1
has_ending = strlen(file) > 4 && substr(file, strlen(file) - 3, strlen(file)) eq ".csv"
base = has_ending ? substr(file, 1, strlen(file) - 4) : file
picture(name) = base . name . "." . form

stats file skip 1 using 2 nooutput
if (!exists("STATS_columns")) exit error file . ": has no epoch to draw"
columns = STATS_columns
epochs = int(STATS_max)
runs = STATS_records / epochs
array names[columns]
stats file using (sum [i = 1:columns] (names[i] = strcol(i), 0)) every ::0::0 nooutput
set xrange [0.8:epochs + 0.2]
set xtics ceil(epochs / 10.0)
enhanced = 1

# ---- Loss and accuracy

# Of several runs, a line for each epoch: the epoch, and of each quantity the least, the median and
# the largest.
quantities = "loss test_loss accuracy test_accuracy"
scale(i) = i > 2 ? 100 : 1
if (runs > 1) {
    set print $band
    do for [epoch = 1:epochs] {
        line = sprintf("%d", epoch)
        do for [i = 1:4] {
            stats file using (column("epoch") == epoch ? scale(i) * column(word(quantities, i)) : NaN) nooutput
            line = line . sprintf(",%g,%g,%g", STATS_min, STATS_median, STATS_max)
        }
        print line
    }
    unset print
}
label(i) = i % 2 ? "training, before each step" : "test, after each epoch"
colour(i) = i % 2 ? colours[2] : colours[6]
eval canvas("", 800, 400)
set multiplot layout 1,2 title sprintf("%s%s", base, runs < 2 ? "" : \
    sprintf(": median of %d runs, and from the least to the largest", runs)) noenhanced font ",13"
set xlabel "epoch"
do for [panel = 0:1] {
    first = 1 + 2 * panel; last = first + 1
    set title panel ? "accuracy (%)" : "loss (cross-entropy)"
    eval "set key right " . (panel ? "bottom" : "top")
    if (runs > 1) {
        plot for [i = first:last] $band using 1:3 * i - 1:3 * i + 1 with filledcurves \
                linecolor rgb colour(i) fillstyle transparent solid 0.25 noborder notitle, \
            for [i = first:last] $band using 1:3 * i with linespoints linecolor rgb colour(i) \
                dashtype i % 2 + 1 pointtype i % 2 ? 5 : 7 pointsize 0.7 title label(i)
    } else {
        plot for [i = first:last] file using "epoch":(scale(i) * column(word(quantities, i))) with linespoints \
            linecolor rgb colour(i) dashtype i % 2 + 1 pointtype i % 2 ? 5 : 7 pointsize 0.7 title label(i)
    }
}
unset multiplot

# ---- Layers

# A layer's name is what is behind the colon.
others = 0
do for [i = 1:columns] { if (names[i][1:13] eq "update_ratio:") { others = i - 1; break } }
layers = (columns - others) / 2
layer(i) = names[i][strstrt(names[i], ":") + 1:*]

eval canvas("-layers", 800, 800)
set logscale y
set format y "10^{%L}"
set mytics 10
set key outside right top title "layer"
set lmargin 10
set rmargin 19
set multiplot layout 2,1
set title "How far each layer moves in a step, beside the length of its weights: " . file noenhanced
set ylabel "|update| / |weights|, mean of the epoch"
set yrange [*<3e-4:3e-3<*]
unset xlabel
set label 1 "1e-3: a rule of thumb" at graph 0.02, first 1.35e-3 textcolor rgb "#555555"
plot 1e-3 with lines linecolor rgb "#555555" linewidth 1 dashtype 3 notitle, \
     for [i = others + 1:others + layers] file using 2:i every ::1::epochs with linespoints \
     linetype i - others title layer(i)

unset label 1
set title "Length of each layer's gradient: " . file noenhanced
set ylabel "|gradient|, mean of the epoch"
set yrange [*:*]
set xlabel "epoch"
plot for [i = others + layers + 1:columns] file using 2:i every ::1::epochs with linespoints \
     linetype i - others - layers title layer(i)
unset multiplot
