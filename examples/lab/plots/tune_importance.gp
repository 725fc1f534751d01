# Draws how the accuracy goes along each axis when all others are averaged away, and how much of its variance that
# explains (tune_importance.png), from tune_effects.csv, tune_axes.csv and tune_importance.csv, which
# examples/lab/tune/pictures.c writes.
call ARG0[1:strlen(ARG0) - strlen("tune_importance.gp")] . "style.gp" ARG1 ARG2
effects = folder . "/tune_effects.csv"
marks = folder . "/tune_axes.csv"
shares = folder . "/tune_importance.csv"

names = ""
texts = ""
stats shares skip 1 using (names = names . " " . strcol(1), \
    texts = texts . sprintf(" %.0f", 100 * column(2)), column(2)) nooutput
stats effects skip 1 using (100 * column(3)) nooutput
low = STATS_min
high = STATS_max
axes = words(names) - 1
array ticks[axes]
array choices[axes]
do for [a = 1:axes] { ticks[a] = "" }
mark(a, height, text) = (ticks[a] = ticks[a] . (ticks[a] eq "" ? "" : ", ") . sprintf("'%s' %g", text, height), 0)
stats marks skip 1 using (column(1) <= axes && column(3) >= 0 ? mark(int(column(1)), column(3), strcol(4)) : 0) nooutput
stats effects skip 1 using (choices[int(column(1))] = int(column(4)), 0) nooutput
columns = axes < 4 ? axes : 4
rows = (axes + columns - 1) / columns
width = 100 + 235 * columns
height = 110.0 + 240 * rows

eval canvas("tune_importance", width, height)
set yrange [low - 0.08 * (high - low) : high + 0.08 * (high - low)]
set xrange [0:1]
unset key
set bars 0
set label 1 "validation accuracy (%)" at screen 24.0 / width, 0.5 center rotate
set multiplot layout rows, columns title "What each setting does by itself, all others averaged away, and its part of the variance" font ",14" \
    margins 80.0 / width, 1 - 20.0 / width, 50 / height, 1 - 75 / height spacing 45.0 / width, 75 / height
of(a, value) = column("axis") == a ? value : NaN
do for [a = 1:axes] {
    set title word(names, a) . ": " . word(texts, a) . "%" offset 0, -0.6
    set format y (a % columns == 1 || columns == 1 ? "%g" : "")
    eval "set xtics (" . ticks[a] . ") font ',9'"
    if (choices[a] > 0) {
        plot effects using "height":(of(a, 100 * column("accuracy"))) with points linetype 6 pointtype 7 pointsize 1.5
    } else {
        plot effects using "height":(of(a, 100 * column("accuracy"))) with lines linetype 6 dashtype 1 linewidth 3
    }
    unset label 1
}
unset multiplot
