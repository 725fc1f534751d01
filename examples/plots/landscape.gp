# The ways of optimizers over filled contours, a picture for each surface and one of all, from
# landscape.csv, landscape_minima.csv, landscape_paths.csv and the heights in landscape_SURFACE.csv.
folder = ARGC > 0 ? ARG1 : "pictures"
load ARG0[1:strlen(ARG0) - strlen("landscape.gp")] . "style.gp"

table = folder . "/landscape.csv"
paths = folder . "/landscape_paths.csv"
minima = folder . "/landscape_minima.csv"
heights(s) = folder . "/landscape_" . s . ".csv"

surfaces = "rosenbrock beale himmelblau ravine saddle"
shown = "gd momentum nesterov adagrad rmsprop adadelta adam lion" # more would hide each other
title_of(s) = s eq "rosenbrock" ? "Rosenbrock's valley" : s eq "beale" ? "Beale's plain" : \
    s eq "himmelblau" ? "Himmelblau's four minima" : s eq "ravine" ? "A ravine" : "A saddle"

# Steps to the minimum as words, "surface/optimizer steps", from the table.
results = " "
stats table skip 1 using (results = results . strcol(1) . "/" . strcol(2) . " " . \
    (int($4) ? strcol(5) : "-") . " ", 0) nooutput
steps(s, o) = word(results[strstrt(results, " " . s . "/" . o . " ") + 1 : *], 2)
spoken(s, o) = steps(s, o) eq "-" ? "did not" : steps(s, o)

stats table skip 1 using 3 nooutput prefix "rate"
rates = rate_min == rate_max ? sprintf("all at a rate of %g", rate_min) : "each at the rate that suits it best"

# Viridis, half as strong, so that the paths stand out. Colours go by the logarithm of the height:
# valleys differ by little, walls by much.
set palette defined (0 "#a28caa", 1 "#9f9bc1", 2 "#98aec6", 3 "#92c0c6", 4 "#90d0c0", 5 "#a6deae", \
    6 "#cfea98", 7 "#fdf392")
lowest(s) = s eq "saddle" ? -1 : 0
bottom(s) = s eq "himmelblau" ? 1 : 0.1
height(s, f) = log10(f - lowest(s) + bottom(s))
unset colorbox
unset grid
set tics out
set xlabel "x"
set ylabel "y" rotate by 0

of(s, o, value) = strcol(1) eq s && strcol(2) eq o ? value : NaN
at(s, value) = strcol(1) eq s ? value : NaN

# The window is that of the heights; $lines are the isolines between the bands of colour, each line of
# theirs one text to who reads commas. Of paths that lie on each other the first are the widest.
bands = 16
set palette maxcolors bands
prepare = 'set autoscale; \
    stats heights(s) nonuniform matrix using 1 nooutput prefix "X"; \
    stats heights(s) nonuniform matrix using 2 nooutput prefix "Y"; \
    stats heights(s) nonuniform matrix using (height(s, $3)) nooutput prefix "Z"; \
    set xrange [X_min:X_max]; set yrange [Y_min:Y_max]; set cbrange [Z_min:Z_max]; \
    unset surface; set contour base; \
    set cntrparam levels incremental Z_min, (Z_max - Z_min) / bands, Z_max; set table $lines; \
    splot heights(s) nonuniform matrix using 1:2:(height(s, $3)) notitle; \
    unset table; unset contour; set surface'
number(i) = real(word(strcol(1), i))
name(i) = word(shown, i)
wide(i) = 5.6 - 0.5 * i
draw = 'plot heights(s) nonuniform matrix using 1:2:(height(s, $3)) with image notitle, \
    $lines using (number(1)):(number(2)) with lines linewidth 0.6 linecolor rgb "white" notitle, \
    for [i = 1:words(shown)] paths using (of(s, name(i), $4)):(of(s, name(i), $5)) \
        with lines linewidth thin * (wide(i) + 2) linecolor rgb "white" notitle, \
    for [i = 1:words(shown)] paths using (of(s, name(i), $4)):(of(s, name(i), $5)) \
        with lines linewidth thin * wide(i) linecolor rgb colours[i] dashtype 1 notitle, \
    for [i = 1:words(shown)] table using (of(s, name(i), $4 == 0 ? $7 : NaN)):8 \
        with points pointtype 7 pointsize thin * 1.7 linecolor rgb "white" notitle, \
    for [i = 1:words(shown)] table using (of(s, name(i), $4 == 0 ? $7 : NaN)):8 \
        with points pointtype 7 pointsize thin * 1.2 linecolor rgb colours[i] notitle, \
    minima using (at(s, $2)):3 with points pointtype 2 pointsize 1.5 linewidth 4 linecolor rgb "white" notitle, \
    minima using (at(s, $2)):3 with points pointtype 2 pointsize 1.3 linewidth 2 linecolor rgb "black" notitle, \
    paths using (of(s, name(1), $3 == 0 ? $4 : NaN)):5 \
        with points pointtype 7 pointsize 1.6 linecolor rgb "white" notitle, \
    paths using (of(s, name(1), $3 == 0 ? $4 : NaN)):5 \
        with points pointtype 6 pointsize 1.6 linewidth 2 linecolor rgb "black" notitle'
marks = 'keyentry with points pointtype 6 pointsize 1.6 linewidth 2 linecolor rgb "black" title "start", \
    keyentry with points pointtype 2 pointsize 1.3 linewidth 2 linecolor rgb "black" title "minimum", \
    keyentry with points pointtype 7 pointsize 1.2 linecolor rgb "#666666" title "end of one that\ndid not get there"'

thin = 1
set key outside right top Left reverse samplen 1.5 spacing 1.4 title "steps to a minimum" left
do for [s in surfaces] {
    @prepare
    set output picture("landscape_" . s)
    set title title_of(s) . ": " . rates
    @draw, for [i = 1:words(shown)] keyentry with lines linewidth 4 linecolor rgb colours[i] \
        title name(i) . ": " . spoken(s, name(i)), keyentry title " ", @marks
}

# All of them, and the table of steps as the legend.
set terminal pngcairo size 1200,800 noenhanced font "DejaVu Sans,13"
set output picture("landscape")
unset key
set xlabel offset 0, 0.7
set ylabel offset 2.2, 0
set xtics offset 0, 0.3
set title offset 0, -0.5
thin = 0.7
set multiplot layout 2, 3 margins 0.055, 0.97, 0.075, 0.89 spacing 0.065, 0.13 \
    title "Optimizers on their way down from the circle to a cross, " . rates font ",17"
do for [s in surfaces] {
    @prepare
    set title title_of(s)
    @draw
}
set title "Steps to a minimum (-: did not)"
unset tics
unset border
unset xlabel
unset ylabel
set xrange [0:1]
set yrange [0:1]
place(k) = 0.4 + 0.14 * (k - 1)
row(i) = 0.83 - 0.1 * (i - 1)
do for [k = 1:5] {
    set label word("Ros. Bea. Him. rav. sad.", k) at place(k), 0.93 center
}
do for [i = 1:words(shown)] {
    set arrow from -0.14, row(i) to -0.08, row(i) nohead linewidth 5 linecolor rgb colours[i]
    set label name(i) at -0.06, row(i)
    do for [k = 1:5] {
        set label steps(word(surfaces, k), name(i)) at place(k), row(i) center
    }
}
plot NaN notitle
unset multiplot
