# Draws the test accuracy over the learning rate (sweep.png), a panel for each optimizer with the others in
# gray, from sweep.csv, which examples/lab/optimizers/sweep.c writes.
call ARG0[1:strlen(ARG0) - strlen("sweep.gp")] . "style.gp" ARG1 ARG2
rates = folder . "/sweep.csv"

# The optimizers that the table has, and their good rates: names and factors, which grow.
names = ""
goods = ""
add(name) = (names = strstrt(names . " ", " " . name . " ") ? names : names . " " . name, 0)
add_good(name, factor) = (goods = goods . name . " " . factor . " ", 0)
stats rates skip 1 using (data = strcol(1), add(strcol(2)), column(8) == 1 ? add_good(strcol(2), strcol(4)) : 0) \
    nooutput
# For the titles of the panels. Where all rates diverged there is no good one.
decades_of(name) = (low = 0, sum [i = 1:words(goods) / 2] (word(goods, 2 * i - 1) eq name ? \
                                 (high = real(word(goods, 2 * i)), low = low > 0 ? low : high) : 0), \
                    low > 0 ? sprintf(": %.1f ", log10(high / low)) : "")
panels = words(names)
columns = panels < 4 ? panels : 4
rows = (panels + columns - 1) / columns

of(name, value) = stringcolumn("optimizer") eq name ? value : NaN
good(value) = column("good") == 1 ? value : NaN
failed(value) = column("diverged") == 1 ? value : NaN
set logscale x
set yrange [0:105]
set ytics 25
unset key

height = 150.0 + 160 * rows
eval canvas("sweep", 800, height)
set label 1 "learning rate; dotted: the optimizer's own" at screen 0.5, 20 / height center
set label 2 "test accuracy (%)" at screen 0.02, 0.5 center rotate
set label 3 "thick: good rates, within 2 points of the best, and how many decades they span; cross: diverged" \
    at screen 0.5, 1 - 48 / height center font ",11"
set multiplot layout rows, columns title "LeNet on " . data . ": who forgives a wrong learning rate?" font ",14" \
    margins 0.09, 0.97, 65 / height, 1 - 85 / height spacing 0.03, 55 / height
do for [panel = 1:panels] {
    this = word(names, panel)
    set title this . decades_of(this) offset 0, -0.6
    set format y (columns == 1 || panel % columns == 1 ? "%g" : "")
    set yrange [*:*] # which hides lines of a table from stats
    stats rates using (of(this, column("rate"))) name "rate" nooutput
    stats rates using (of(this, column("rate") / column("factor"))) name "own" nooutput
    set yrange [0:105]
    set xrange [rate_min / 1.3 : rate_max * 1.3]
    # Not the last one, which would run into the first of the next panel.
    set xtics (sprintf("%.2g", rate_min) rate_min, sprintf("%.2g", own_median) own_median, \
        sprintf("%.2g", 10 * own_median) 10 * own_median) font ",9"
    set arrow 1 from own_median, graph 0 to own_median, graph 1 nohead dashtype 3 linecolor rgb "#666666"
    # The others as if this one's own rate were theirs.
    plot for [name in names] rates using (own_median * column("factor")):(of(name, 100 * column("test_accuracy"))) \
             with lines linecolor rgb "#d8d8d8" linewidth 1 dashtype 1, \
         rates using "rate":(of(this, 100 * column("test_accuracy"))) with linespoints \
             linecolor rgb colours[6] linewidth 1.5 dashtype 1 pointtype 7 pointsize 0.4, \
         rates using "rate":(of(this, good(100 * column("test_accuracy")))) with linespoints \
             linecolor rgb colours[5] linewidth 4 dashtype 1 pointtype 7 pointsize 1, \
         rates using "rate":(of(this, failed(5))) with points \
             linecolor rgb colours[1] linewidth 2 pointtype 2 pointsize 1
    unset label 1
    unset label 2
    unset label 3
}
unset multiplot
