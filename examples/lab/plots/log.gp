# How much each layer moves, epoch by epoch: from the log of ./run train --log FILE.csv its columns
# update_ratio:LAYER and gradient_norm:LAYER, drawn into FILE.png.
#     gnuplot -c examples/lab/plots/log.gp FILE.csv [svg]
call ARG0[1:strlen(ARG0) - strlen("log.gp")] . "style.gp" ARG1 ARG2
file = ARGC > 0 ? ARG1 : "log.csv"

# The names of the columns stand in the first line; a layer's is what is behind the colon.
others = 5
stats file using 1 nooutput
if (!exists("STATS_columns")) exit error file . ": has no epoch to draw"
columns = STATS_columns
epochs = STATS_max
array names[columns]
stats file using (sum [i = 1:columns] (names[i] = strcol(i), 0)) every ::0::0 nooutput
layers = (columns - others) / 2
layer(i) = names[i][strstrt(names[i], ":") + 1:*]

has_ending = strlen(file) > 4 && substr(file, strlen(file) - 3, strlen(file)) eq ".csv"
image = has_ending ? substr(file, 1, strlen(file) - 4) : file
picture(name) = image . "." . form
enhanced = 1
eval canvas("log", 800, 800)
set logscale y
set format y "10^{%L}"
set mytics 10
set xtics ceil(epochs / 10.0)
set xrange [0.8:epochs + 0.2]
set key outside right top title "layer"
set lmargin 10
set rmargin 12
set multiplot layout 2,1

set title "How far each layer moves in a step, beside the length of its weights: " . file noenhanced
set ylabel "|update| / |weights|, mean of the epoch"
set yrange [*<3e-4:3e-3<*]
set label 1 "1e-3: a rule of thumb" at graph 0.02, first 1.35e-3 textcolor rgb "#555555"
plot 1e-3 with lines linecolor rgb "#555555" linewidth 1 dashtype 3 notitle, \
     for [i = others + 1:others + layers] file using 1:i every ::1 with linespoints \
     linetype i - others title layer(i)

unset label 1
set title "Length of each layer's gradient: " . file noenhanced
set ylabel "|gradient|, mean of the epoch"
set yrange [*:*]
set xlabel "epoch"
plot for [i = others + layers + 1:columns] file using 1:i every ::1 with linespoints \
     linetype i - others - layers title layer(i)
unset multiplot
set print "-"
print picture("log") . ": update ratios and gradient norms of each layer"
