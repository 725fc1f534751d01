# Draws what ./run landscape --network measured.
# landscape_network.png: the loss around trained weights, as a surface and as a map, from
# landscape_network.csv.
# landscape_network_paths.png: a panel for each optimizer, its path over the loss in the plane of its
# two main directions, from landscape_network_paths.csv, _planes.csv and _optimizers.csv.
# What was trained on what is read from landscape_network_trained.csv.
call ARG0[1:strlen(ARG0) - strlen("landscape_network.gp")] . "style.gp" ARG1 ARG2
table(name) = folder . "/landscape_network" . name . ".csv"

# In bands that are a tenth of a decade wide, so that 1, 2, 5 and 10 are borders.
set cbtics ("0.001" -3, "0.002" log10(0.002), "0.005" log10(0.005), "0.01" -2, "0.02" log10(0.02), \
    "0.05" log10(0.05), "0.1" -1, "0.2" log10(0.2), "0.5" log10(0.5), "1" 0, "2" log10(2), \
    "5" log10(5), "10" 1, "20" log10(20), "50" log10(50), "100" 2)
band(z) = floor(10 * z) / 10.0
set view map
smooth = form eq "svg" ? 2 : 6 # bands with smooth borders, in SVG at a quarter of 12 MB
set pm3d interpolate smooth,smooth
unset grid
unset key

# Gnuplot takes a surface from rows with an empty line after each: gathers them from a table, in
# which x runs fastest.
row(x, y, z) = (text = text . (y == last ? "" : "\n") . sprintf("%g,%g,%g\n", x, y, z), last = y, 0)
clipped(loss) = log10(loss > highest ? highest : loss)

stats table("_trained") skip 1 using (data = strcol(1), images = $2, 0) nooutput
data = data eq "mnist" ? "MNIST" : data eq "fashion" ? "Fashion-MNIST" : "the sample of MNIST"
seen = sprintf("loss on %d training images of %s", images, data)

# ---- The surface

stats table("") skip 1 using 3 nooutput name "loss"
highest = loss_max
text = ""; last = NaN
stats table("") skip 1 using (row($1, $2, clipped($3))) nooutput
set print $surface
print text[2:*]
text = ""; last = NaN
stats table("") skip 1 using (row($1, $2, 100 * $4)) nooutput
set print $error
print text[2:*]
unset print

eval canvas("landscape_network", 1200, 600)
low = band(log10(loss_min)); high = band(log10(loss_max)) + 0.1
set palette maxcolors int(10 * (high - low) + 0.5)
set cbrange [low:high]
set multiplot
set label 1 "Loss of LeNet around its trained weights, along two random directions" \
    at screen 0.5, 0.95 center font ",14"
set tics out
unset colorbox

# As a surface.
set origin -0.02, -0.04
set size 0.49, 1.02
set view 62, 35, 0.95, 1.25
set zrange [low:high]
set ztics ("0.01" -2, "0.1" -1, "1" 0, "10" 1, "100" 2)
set xyplane at low
set border 31
set pm3d depthorder interpolate 3,3 border linecolor rgb "#80ffffff" linewidth 0.3
set xlabel "first direction" offset 0, -0.5; set ylabel "second direction" offset 1, -1.2
set zlabel "loss" rotate by 90 offset 2
splot $surface using 1:2:3 with pm3d
unset label

# As a map, with the errors.
set view map
set pm3d scansautomatic noborder interpolate smooth,smooth
set origin 0, 0
unset zrange
set colorbox
set label 3 "white lines: share of the images that is classified wrongly" at screen 0.665, 0.89 center
set xlabel "along the first direction (1: each filter's norm)" offset 0, 0.5
set ylabel "along the second direction" offset 0, 0
set cblabel seen
set label 4 "trained" at 0, 0 left offset 0.6, -0.6 front textcolor rgb "white" \
    point pointtype 7 pointsize 1.2 linecolor rgb "white"
set size square
set lmargin at screen 0.48; set rmargin at screen 0.85
set bmargin at screen 0.11; set tmargin at screen 0.86
set contour base
set cntrparam levels discrete 2, 5, 10, 20, 40, 60
set cntrlabel format "%g%%" onecolor start 11 interval 400 font ",10"
splot $surface using 1:2:3 with pm3d nocontour, \
    $error using 1:2:3 with lines nosurface linecolor rgb "white" linewidth 1 dashtype 1, \
    $error using 1:2:3 with labels textcolor rgb "white"
unset multiplot
unset contour
unset label

# ---- The paths

names = ""; labels = ""
stats table("_optimizers") skip 1 \
    using (names = names . " " . strcol(1), labels = labels . sprintf(" %.0f %.0f", 100 * $4, 100 * $5), 0) nooutput
count = words(names)
columns = ceil(sqrt(count)); rows = ceil(count / real(columns))

unset xrange; unset yrange # which hide lines of a table from stats
# What is above the start of the paths is not worth a colour of its own.
stats table("_paths") skip 1 using 5 nooutput name "path"
stats table("_planes") skip 1 using 4 nooutput name "plane"
highest = 1.5 * path_max
low = band(log10(plane_min)); high = band(log10(highest)) + 0.1
set palette maxcolors int(10 * (high - low) + 0.5)
set cbrange [low:high]

# A distance between tics of which there are three to seven.
power(width) = 10.0**floor(log10(width / 3))
between(width) = power(width) * (width / 3 < 2 * power(width) ? 1 : width / 3 < 5 * power(width) ? 2 : 5)

panel = 245; height = 140.0 + panel * rows # pixels
letters = 10
eval canvas("landscape_network_paths", 800, height)
set size nosquare
set multiplot
set title offset 0, -0.7
set xlabel offset 0, 0.7; set ylabel offset 0.6, 0
set xtics offset 0, 0.4; set ytics offset 0.6, 0
set tics scale 0.5
do for [i = 1:count] {
    name = word(names, i)
    column = (i - 1) % columns; line = (i - 1) / columns
    set lmargin at screen (column + 0.24) / columns
    set rmargin at screen (column + 0.97) / columns
    set tmargin at screen 1 - (65 + panel * line) / height
    set bmargin at screen 1 - (65 + panel * line + 175) / height
    unset xrange; unset yrange
    only(z) = strcol(1) eq name ? z : NaN
    stats table("_planes") skip 1 using (only($2)) nooutput name "x"
    stats table("_planes") skip 1 using (only($3)) nooutput name "y"
    set xrange [x_min:x_max]; set yrange [y_min:y_max]
    set xtics between(x_max - x_min); set ytics between(y_max - y_min)
    text = ""; last = NaN
    stats table("_planes") skip 1 using (strcol(1) eq name ? row($2, $3, clipped($4)) : 0) nooutput
    set print $plane
    print text[2:*]
    unset print
    set title name
    set xlabel sprintf("x: %s%% of the variance", word(labels, 2 * i - 1))
    set ylabel sprintf("y: %s%%", word(labels, 2 * i))
    unset colorbox
    if (i == count) {
        set colorbox horizontal user origin 0.12, 48 / height size 0.76, 14 / height
        unset cblabel
        set label 3 seen . (plane_max > highest ? sprintf("; brightest: %.2g and more", highest) : "") \
            at screen 0.5, 12 / height center
        set label 1 "Paths of optimizers over LeNet's loss, each in the plane of its two main directions" \
            at screen 0.5, 1 - 15 / height center font ",12"
        set label 2 "From the same weights (ring) to those after training (disc); axes: distance from there, in weights" \
            at screen 0.5, 1 - 35 / height center
    }
    splot $plane using 1:2:3 with pm3d, \
        table("_paths") skip 1 using (only($3)):4:(0) with lines linecolor rgb "white" linewidth 1.5 dashtype 1, \
        table("_paths") skip 1 using (only($3)):4:(0) with points pointtype 7 pointsize 0.3 linecolor rgb "white", \
        table("_paths") skip 1 using ($2 == 0 ? only($3) : NaN):4:(0) with points pointtype 6 pointsize 1.3 linewidth 2 linecolor rgb "black", \
        "+" using (0):(0):(0) every ::0::0 with points pointtype 7 pointsize 1 linecolor rgb "black"
}
unset multiplot
