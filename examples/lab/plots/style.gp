# What all pictures share: size, letters and colours. A script begins with
#     folder = ARGC > 0 ? ARG1 : "pictures"
#     load ARG0[1:strlen(ARG0) - strlen("NAME.gp")] . "style.gp"
# and to draw it again: gnuplot -c examples/lab/plots/NAME.gp [FOLDER]
set datafile separator comma
set terminal pngcairo size 800,600 noenhanced font "DejaVu Sans,12"
set encoding utf8
set border linecolor rgb "#444444"
set tics nomirror
set grid linecolor rgb "#dddddd" linetype 1 linewidth 1

# Okabe and Ito's colours, which the colour-blind can tell apart. Where there are more lines than
# colours the second round is dashed.
array colours[8] = ["#000000", "#E69F00", "#56B4E9", "#009E73", "#D55E00", "#0072B2", "#CC79A7", "#999933"]
do for [i = 1:8] {
    set linetype i linecolor rgb colours[i] linewidth 2 dashtype 1 pointtype i
    set linetype i + 8 linecolor rgb colours[i] linewidth 2 dashtype 2 pointtype i
}
set linetype cycle 16

picture(name) = folder . "/" . name . ".png"
