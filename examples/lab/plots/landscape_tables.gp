# What the pictures of landscapes share, behind style.gp: what the tables of ./run landscape tell,
# the colours of heights, and the paths over them.
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
    set cbtics ("0" height(s, lowest(s))); \
    do for [power = (bottom(s) < 1 ? -1 : 0):5] { set cbtics add (sprintf("%g", 10.0**power) height(s, lowest(s) + 10.0**power)) }; \
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
