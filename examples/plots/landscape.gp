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
title_of(s) = s eq "rosenbrock" ? "Rosenbrock's valley" : s eq "beale" ? "Beale's plains" : \
    s eq "himmelblau" ? "Himmelblau's four minima" : s eq "ravine" ? "A ravine" : "A saddle"

# Steps to the minimum as words, "surface/optimizer steps", from the table.
results = " "
stats table skip 1 using (results = results . strcol(1) . "/" . strcol(2) . " " . \
    (int($4) ? strcol(5) : "-") . " ", 0) nooutput
steps(s, o) = word(results[strstrt(results, " " . s . "/" . o . " ") + 1 : *], 2)
spoken(s, o) = steps(s, o) eq "-" ? "did not" : steps(s, o)

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

# The window is that of the heights. $lines are the isolines, evenly over the logarithm; for a file of
# commas each line of theirs is one text. Of paths that lie on each other the first are the widest.
prepare = 'stats heights(s) nonuniform matrix using 1 nooutput prefix "X"; \
    stats heights(s) nonuniform matrix using 2 nooutput prefix "Y"; \
    set xrange [X_min:X_max]; set yrange [Y_min:Y_max]; \
    unset surface; set contour base; set cntrparam levels auto 16; set table $lines; \
    splot heights(s) nonuniform matrix using 1:2:(height(s, $3)) notitle; \
    unset table; unset contour; set surface'
number(i) = real(word(strcol(1), i))
wide(i) = 6.5 - 0.6 * i
name(i) = word(shown, i)
draw = 'plot heights(s) nonuniform matrix using 1:2:(height(s, $3)) with image notitle, \
    $lines using (number(1)):(number(2)) with lines linewidth 0.6 linecolor rgb "#ffffff" notitle, \
    for [i = 1:words(shown)] paths using (of(s, name(i), $4)):(of(s, name(i), $5)) \
        with lines linewidth wide(i) + 2 linecolor rgb "white" notitle, \
    for [i = 1:words(shown)] paths using (of(s, name(i), $4)):(of(s, name(i), $5)) \
        with lines linewidth wide(i) linecolor rgb colours[i] dashtype 1 notitle, \
    minima using (at(s, $2)):(at(s, $3)) with points pointtype 3 pointsize 2.2 linewidth 5 linecolor rgb "white" notitle, \
    minima using (at(s, $2)):(at(s, $3)) with points pointtype 3 pointsize 2 linewidth 2 linecolor rgb "black" title minimum_title, \
    paths every ::1 using (of(s, name(1), $3 == 0 ? $4 : NaN)):5 with points pointtype 7 pointsize 1.8 linecolor rgb "white" notitle, \
    paths every ::1 using (of(s, name(1), $3 == 0 ? $4 : NaN)):5 with points pointtype 6 pointsize 1.8 linewidth 2 linecolor rgb "black" title start_title, \
    for [i = 1:words(shown)] table using (of(s, name(i), $4 == 0 ? $7 : NaN)):8 with points pointtype 7 pointsize 1.6 linecolor rgb "white" notitle, \
    for [i = 1:words(shown)] table using (of(s, name(i), $4 == 0 ? $7 : NaN)):8 with points pointtype 7 pointsize 1.1 linecolor rgb colours[i] notitle'

set key outside right top Left reverse samplen 1.5 spacing 1.4
do for [s in surfaces] {
    @prepare
    set output picture("landscape_" . s)
    set title title_of(s)
    minimum_title = "minimum"
    start_title = "start"
    @draw, for [i = 1:words(shown)] keyentry with lines linewidth 4 linecolor rgb colours[i] title name(i) . ": " . spoken(s, name(i))
}
