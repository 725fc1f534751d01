# The ways of optimizers over filled contours, from landscape.csv, landscape_minima.csv,
# landscape_paths.csv and the heights in landscape_SURFACE.csv.
# landscape_SURFACE.png: a panel for each optimizer, and how f falls with the steps of all.
# landscape.png: all surfaces, the paths over each other, and the table of steps.
call ARG0[1:strlen(ARG0) - strlen("landscape.gp")] . "style.gp" ARG1 ARG2

table = folder . "/landscape.csv"
paths = folder . "/landscape_paths.csv"
minima = folder . "/landscape_minima.csv"
heights(s) = folder . "/landscape_" . s . ".csv"

surfaces = "rosenbrock beale himmelblau ravine saddle"
shown = "gd momentum nesterov adagrad rmsprop adadelta adam lion" # more would hide each other
name(i) = word(shown, i)
title_of(s) = s eq "rosenbrock" ? "Rosenbrock's valley" : s eq "beale" ? "Beale's plain" : \
    s eq "himmelblau" ? "Himmelblau's four minima" : s eq "ravine" ? "A ravine" : "A saddle"

# Steps to the minimum and rate as words, "surface/optimizer steps rate", from the table.
results = " "
stats table skip 1 using (results = results . strcol(1) . "/" . strcol(2) . " " . \
    (int($4) ? strcol(5) : "-") . " " . strcol(3) . " ", 0) nooutput
behind(text, s, o, i) = word(text[strstrt(text, " " . s . "/" . o . " ") + 1 : *], i)
result(s, o, i) = behind(results, s, o, i)
steps(s, o) = result(s, o, 2)
spoken(s, o) = o . " (" . result(s, o, 3) . "): " . (steps(s, o) eq "-" ? "did not" : steps(s, o) . " steps")

stats table skip 1 using 3 nooutput prefix "rate"
stats paths skip 1 using 3 nooutput prefix "step"
# The rows of each path as words, "surface/optimizer first last": a path is rows that follow each other.
rows = " "; last = ""
note(path, row) = (rows = rows . (path eq last ? "" : sprintf("%d %s %d ", row - 1, path, row)), last = path, 0)
stats paths skip 1 using (note(strcol(1) . "/" . strcol(2), $0)) nooutput
rows = rows . sprintf("%d ", step_records - 1)
begin(s, i) = int(behind(rows, s, name(i), 2))
end(s, i) = int(behind(rows, s, name(i), 3))
rates = rate_min == rate_max ? sprintf("all at a rate of %g", rate_min) : \
    "each at its best rate of 0.0001 to 1"

# Viridis, half as strong, so that the paths stand out. Colours go by the logarithm of the height:
# valleys differ by little, walls by much.
set palette defined (0 "#a28caa", 1 "#9f9bc1", 2 "#98aec6", 3 "#92c0c6", 4 "#90d0c0", 5 "#a6deae", \
    6 "#cfea98", 7 "#fdf392")
bands = 16
set palette maxcolors bands
lowest(s) = s eq "saddle" ? -1 : 0
bottom(s) = s eq "himmelblau" ? 1 : 0.1
height(s, f) = log10(f - lowest(s) + bottom(s))
unset colorbox
unset grid
unset key
set tics out

of(s, o, value) = strcol(1) eq s && strcol(2) eq o ? value : NaN
at(s, value) = strcol(1) eq s ? value : NaN

# The window is that of the heights; $lines are the isolines between the bands of colour, each line of
# theirs one text to who reads commas.
prepare = 'set autoscale; set format "%g"; \
    stats heights(s) nonuniform matrix using 1 nooutput prefix "X"; \
    stats heights(s) nonuniform matrix using 2 nooutput prefix "Y"; \
    stats heights(s) nonuniform matrix using (height(s, $3)) nooutput prefix "Z"; \
    set xrange [X_min:X_max]; set yrange [Y_min:Y_max]; set cbrange [Z_min:Z_max]; \
    unset surface; set contour base; \
    set cntrparam levels incremental Z_min, (Z_max - Z_min) / bands, Z_max; set table $lines; \
    splot heights(s) nonuniform matrix using 1:2:(height(s, $3)) notitle; \
    unset table; unset contour; set surface'
number(i) = real(word(strcol(1), i))
# The paths of the optimizers from first to last; of those that lie on each other the first are the
# widest.
wide(i) = first == last ? 1.6 : thin * (5.6 - 0.5 * i)
draw = 'plot heights(s) nonuniform matrix using 1:2:(height(s, $3)) with image, \
    $lines using (number(1)):(number(2)) with lines linewidth 0.6 dashtype 1 linecolor rgb "white", \
    for [i = first:last] paths every ::begin(s, i)::end(s, i) skip 1 using 4:5 \
        with lines linewidth wide(i) + 2 * thin dashtype 1 linecolor rgb "white", \
    for [i = first:last] paths every ::begin(s, i)::end(s, i) skip 1 using 4:5 \
        with lines linewidth wide(i) linecolor rgb colours[i] dashtype 1, \
    for [i = first:last] table using (of(s, name(i), $4 == 0 ? $7 : NaN)):8 \
        with points pointtype 7 pointsize 1.2 linecolor rgb "white", \
    for [i = first:last] table using (of(s, name(i), $4 == 0 ? $7 : NaN)):8 \
        with points pointtype 7 pointsize 0.9 linecolor rgb colours[i], \
    minima using (at(s, $2)):3 with points pointtype 2 pointsize 1.3 linewidth 4 linecolor rgb "white", \
    minima using (at(s, $2)):3 with points pointtype 2 pointsize 1.1 linewidth 2 linecolor rgb "black", \
    paths every ::begin(s, 1)::begin(s, 1) skip 1 using 4:5 \
        with points pointtype 7 pointsize 1.3 linecolor rgb "white", \
    paths every ::begin(s, 1)::begin(s, 1) skip 1 using 4:5 \
        with points pointtype 6 pointsize 1.3 linewidth 2 linecolor rgb "black"'
marks = "ring: start; cross: minimum; disc: the end of one that did not get to a minimum and stay"

# ---- A surface, a panel for each optimizer

# Places on the picture, in pixels of 800 from the left and of 850 from above.
letters = 11
set title offset 0, -0.6 font ",10.5"
left(k) = 50 + 236 * ((k - 1) % 3)
above(k) = 85 + 247 * ((k - 1) / 3)
place = 'set lmargin at screen left(k) / 800.0; set rmargin at screen (left(k) + 216) / 800.0; \
    set tmargin at screen 1 - above(k) / 850.0; set bmargin at screen 1 - (above(k) + 208) / 850.0'
thin = 1
do for [s in surfaces] {
    @prepare
    eval canvas("landscape_" . s, 800, 850)
    set multiplot
    set label 1 title_of(s) . ": steps to a minimum, " . rates at screen 0.5, 1 - 20 / 850.0 center font ",13"
    set label 2 marks at screen 0.5, 1 - 46 / 850.0 center
    between = X_max - X_min > 8 ? 2 : 1
    set xtics between nomirror
    set ytics between nomirror
    do for [k = 1:words(shown)] {
        first = k; last = k
        @place
        set title spoken(s, name(k))
        set format x k < 7 ? "" : "%g"
        set format y k % 3 == 1 ? "%g" : ""
        set xlabel k < 7 ? "" : "x" offset 0, 0.3
        set ylabel k % 3 == 1 ? "y" : "" rotate by 0 offset 1.6, 0
        @draw
        unset label
    }
    # All of them over steps. A path has step 0 too, which a logarithm has not.
    k = 9
    @place
    set title "f above its minimum"
    set autoscale
    set xrange [1:step_max < 10 ? 10 : step_max]
    set y2range [1e-6:*] # numbers of the paths have six digits
    set logscale x
    set logscale y2
    set format x "%g"
    set format y2 "1e%T"
    set xlabel "steps"
    unset ylabel
    set xtics autofreq
    unset ytics
    set y2tics
    plot for [i = 1:words(shown)] paths every ::begin(s, i)::end(s, i) skip 1 using 3:($6 - lowest(s)) \
        axes x1y2 with lines linetype i linewidth 1.6
    unset logscale
    unset y2tics
    unset multiplot
}

# ---- All surfaces, and the table of steps

letters = 12
eval canvas("landscape", 800, 1080)
set xlabel "x" offset 0, 0.5
set ylabel "y" rotate by 0 offset 2, 0
set title font ",12"
set tics nomirror autofreq
thin = 0.7
first = 1; last = words(shown)
set multiplot layout 3, 2 margins 0.085, 0.975, 0.05, 0.905 spacing 0.11, 0.08
set label 1 "Optimizers on their way down, " . rates at screen 0.5, 1 - 22 / 1080.0 center font ",15"
set label 2 marks at screen 0.5, 1 - 50 / 1080.0 center
do for [s in surfaces] {
    @prepare
    set title title_of(s)
    @draw
    unset label
}
set title "Steps to a minimum (-: did not)"
unset tics
unset border
unset xlabel
unset ylabel
set xrange [0:1]
set yrange [0:1]
place(k) = 0.4 + 0.145 * (k - 1)
row(i) = 0.83 - 0.1 * (i - 1)
do for [k = 1:5] {
    set label word("Ros. Bea. Him. rav. sad.", k) at place(k), 0.93 center
}
do for [i = 1:words(shown)] {
    set arrow from -0.1, row(i) to -0.04, row(i) nohead linewidth 5 linecolor rgb colours[i]
    set label name(i) at -0.02, row(i)
    do for [k = 1:5] {
        set label steps(word(surfaces, k), name(i)) at place(k), row(i) center
    }
}
plot NaN notitle
unset multiplot
