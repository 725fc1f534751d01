# What each trick of a recipe is worth: study_recipe.png, from study_recipe.csv (left_out, accuracy, accuracy_error,
# seconds, difference, difference_error), of which the first line is the recipe as it is.
call ARG0[1:strlen(ARG0) - strlen("study_recipe.gp")] . "style.gp" ARG1 ARG2
table = folder . "/study_recipe.csv"
stats table skip 1 using 4 nooutput prefix "s"

eval canvas("study_recipe", 900, 420)
set multiplot layout 1, 2 margins 0.13, 0.98, 0.14, 0.9 spacing 0.06
unset key
set yrange [s_records - 0.4:-0.6]
set grid xtics
set title "Accuracy without it, beside the recipe's"
set xlabel "percentage points, with standard errors"
set arrow from 0, graph 0 to 0, graph 1 nohead linecolor rgb "#444444" dashtype 1
plot table skip 1 using 5:0:6:ytic(1) with xerrorbars pointtype 7 pointsize 1.2 linewidth 2 dashtype 1 linecolor rgb colours[5]
unset arrow
set title "Seconds of training"
set xlabel "seconds"
set xrange [0:*]
set format y ""
set boxwidth 0.5
set style fill solid 0.85 border linecolor rgb "#444444"
plot table skip 1 using (0.5 * $4):0:(0.5 * $4):(0.25) with boxxyerror linecolor rgb colours[6] dashtype 1
unset multiplot
