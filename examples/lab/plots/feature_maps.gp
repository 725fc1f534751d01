# What each layer of a network makes of an image: feature_maps.png, from the sheet of that name, whose first panel is
# the image, and from feature_maps_classes.csv (class, probability).
call ARG0[1:strlen(ARG0) - strlen("feature_maps.gp")] . "style.gp" ARG1 ARG2
sheet = "feature_maps"
load ARG0[1:strlen(ARG0) - strlen("feature_maps.gp")] . "sheet.gp"
classes = folder . "/feature_maps_classes.csv"
stats classes skip 1 using (class = strcol(1), 0) nooutput

across_page = 5
rows = (panels + across_page) / across_page
letters = 10
pixels = 75.0 + 200 * rows
eval canvas("feature_maps", 1200, int(pixels))
set multiplot layout rows, across_page margins screen 0.012, 0.988, 0.015, 1 - 105 / pixels \
    spacing screen 0.02, 46 / pixels
set label 1 head[1] . ": the output of each layer" at screen 0.5, 1 - 18 / pixels center font ",14"
set label 2 "0 is white, what is above it blue, what is below it orange; full colour is the largest of each panel" \
    at screen 0.5, 1 - 44 / pixels center font ",10"
unset colorbox
set size ratio -1
about(i) = (width[i] * height[i] > 1 ? sprintf("%d maps of %d x %d", count[i], height[i], width[i]) \
    : sprintf("%d units", count[i])) . sprintf(", %.2f to %.2f", lowest[i], highest[i])
# Few units have their numbers beside the colour.
numbers(i) = count[i] > 10 || width[i] > 1 ? "" : sprintf(", squares every ::%d::%d skip 1 " \
    . "using 2:3:(strlen(strcol(4)) ? sprintf('%%.1f', $5) : '') with labels font ',9' notitle", first[i], first[i + 1] - 1)
do for [i = 1:panels] {
    set title i == 1 ? "the image\n " : head[i] . "\n" . about(i) font ",10" offset 0, -0.6
    eval show(i, 1.6)
    eval "plot " . maps(i) . numbers(i)
    unset label 1
    unset label 2
}

# The probabilities.
set size noratio
set title "Probabilities (softmax)" offset 0, -0.6
set xrange [-0.6:9.6]
set yrange [0:1.12]
set border 1
set xtics scale 0 font ",9"
if (strlen(class) > 1) {
    set xtics rotate by 40 right
    set bmargin at screen 0.02 + 38 / pixels
} else {
    set bmargin at screen 0.02 + 16 / pixels
}
set boxwidth 0.7
set style fill solid noborder
plot classes skip 1 using 0:2:xtic(1) with boxes linecolor rgb "#005ab5" notitle, \
    classes skip 1 using 0:2:($2 >= 0.001 ? sprintf("%.1f%%", 100 * $2) : "") with labels offset 0, 0.5 font ",9" notitle
unset multiplot
