# What all pictures share: size, letters, colours and the two forms, PNG and SVG. A script NAME.gp reads
# tables of a folder, and is drawn again by
#     gnuplot -c examples/lab/plots/NAME.gp [FOLDER [svg]]
# It begins with
#     call ARG0[1:strlen(ARG0) - strlen("NAME.gp")] . "style.gp" ARG1 ARG2
# and before each picture says its name and its width and height in pixels:
#     eval canvas("NAME", 800, 600)
# To say so is all: nothing else in a script knows of terminals, files and forms. All that is drawn comes in
# colours that the colour-blind can tell apart, and lines in dashes too, for who prints without colour.
folder = ARG1 eq "" ? "pictures" : ARG1
form = ARG2 eq "" ? "png" : ARG2
picture(name) = folder . "/" . name . "." . form

# What a script may set before a canvas: the size of letters; whether texts may have 10^{-3} and {/*1.2 larger}.
letters = 12
enhanced = 0
canvas(name, width, height) = sprintf("set output; set terminal %s size %d,%d %s font 'DejaVu Sans,%d'; " \
    . "set output picture('%s')", form eq "svg" ? "svg standalone background 'white'" : "pngcairo", \
    width, height, enhanced ? "enhanced" : "noenhanced", letters, name)

set datafile separator comma
set encoding utf8
set border linecolor rgb "#444444"
set tics nomirror
set grid linecolor rgb "#dddddd" linetype 1 linewidth 1

# Lines: Okabe and Ito's colours, with an olive for their yellow, which is weak on paper. Each has a dash and a
# point of its own; where there are more lines than colours, the second round has others.
array colours[8] = ["#000000", "#E69F00", "#56B4E9", "#009E73", "#D55E00", "#0072B2", "#CC79A7", "#999933"]
set dashtype 2 (9,3)
set dashtype 3 (4,2)
set dashtype 4 (9,2,2,2)
set dashtype 5 (14,3,4,3)
set dashtype 6 (18,4)
set dashtype 7 (2,2)
set dashtype 8 (9,2,2,2,2,2)
points = "7 5 9 13 11 6 4 8"
do for [i = 1:8] {
    set linetype i linecolor rgb colours[i] linewidth 2 dashtype i pointtype int(word(points, i))
    set linetype i + 8 linecolor rgb colours[i] linewidth 2 dashtype i % 8 + 1 \
        pointtype int(word(points, (i + 3) % 8 + 1))
}
set linetype cycle 16

# Heights: viridis, from dark to bright, so that it reads in gray as well.
set palette defined (0 "#440154", 1 "#482878", 2 "#3E4A89", 3 "#31688E", 4 "#26828E", \
    5 "#1F9E89", 6 "#35B779", 7 "#6DCD59", 8 "#B4DE2C", 9 "#FDE725")

# An animation: for each of its frames eval frame("NAME", number, width, height), and what is to be drawn. It is
# drawn as NAME.gif (form gif), or as NAME_frames/001.png, 002.png, ... (form frames).
gif(name, width, height) = sprintf("set terminal gif animate delay 12 optimize size %d,%d font 'DejaVu Sans,%d'; " \
    . "set output picture('%s')", width, height, letters, name)
still(name, number, width, height) = sprintf("set output; set terminal pngcairo size %d,%d noenhanced " \
    . "font 'DejaVu Sans,%d'; set output folder . '/%s_frames/%03d.png'", width, height, letters, name, number)
frame(name, number, width, height) = form eq "frames" ? still(name, number, width, height) : \
    number == 1 ? gif(name, width, height) : ""
