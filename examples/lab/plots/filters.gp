# The kernels of the first layer of a network: filters.png, from the sheet of that name.
call ARG0[1:strlen(ARG0) - strlen("filters.gp")] . "style.gp" ARG1 ARG2
sheet = "filters"
load ARG0[1:strlen(ARG0) - strlen("filters.gp")] . "sheet.gp"

eval canvas("filters", 1000, int(60 + 880.0 * down(1) / across(1)))
set title head[1] font ",14"
set colorbox
set cbtics
set lmargin at screen 0.02; set rmargin at screen 0.9
set bmargin 0
set size ratio -1
eval show(1, across(1) / real(down(1)))
eval "plot " . maps(1) . ", [map=0:count[1]-0.5:1] '+' using (left(1, $1) + width[1] / 2.0):" \
    . "(top(1, $1) + height[1] + 0.5):(sprintf('%d', $1)) with labels notitle"
