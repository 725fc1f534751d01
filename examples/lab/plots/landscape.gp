# The ways of optimizers over filled contours, from landscape.csv, landscape_minima.csv,
# landscape_paths.csv and the heights in landscape_SURFACE.csv.
# landscape_SURFACE.png: a panel for each optimizer, and how f falls with the steps of all.
# landscape.png: all surfaces, the paths over each other, and the table of steps.
call ARG0[1:strlen(ARG0) - strlen("landscape.gp")] . "style.gp" ARG1 ARG2

load ARG0[1:strlen(ARG0) - strlen("landscape.gp")] . "landscape_tables.gp"
marks = "ring: start; cross: minimum; disc: the end of one that did not get there and stay"

# ---- A surface, a panel for each optimizer

# Places on the picture, in pixels of 800 from the left and of as many as it is tall from above.
tall = 925.0
letters = 11
set title offset 0, -0.6 font ",10.5"
left(k) = 50 + 236 * ((k - 1) % 3)
above(k) = 85 + 247 * ((k - 1) / 3)
place = 'set lmargin at screen left(k) / 800.0; set rmargin at screen (left(k) + 216) / 800.0; \
    set tmargin at screen 1 - above(k) / tall; set bmargin at screen 1 - (above(k) + 208) / tall'
thin = 1
do for [s in surfaces] {
    @prepare
    eval canvas("landscape_" . s, 800, tall)
    set multiplot
    set label 1 title_of(s) . ": steps to a minimum, " . rates at screen 0.5, 1 - 20 / tall center font ",13"
    set label 2 marks at screen 0.5, 1 - 46 / tall center
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
        if (k == words(shown)) {
            set colorbox horizontal user origin 50 / 800.0, 58 / tall size 688 / 800.0, 12 / tall
            set label 3 "f above its minimum" at screen 0.5, 14 / tall center
        }
        @draw
        unset label
        unset colorbox
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
set multiplot layout 3, 2 margins 0.085, 0.915, 0.05, 0.905 spacing 0.16, 0.08
set colorbox
set cbtics font ",10" offset -0.7, 0 scale 0.5
set label 1 "Optimizers on their way down, " . rates at screen 0.5, 1 - 22 / 1080.0 center font ",15"
set label 2 "ring: start; cross: minimum; disc: the end elsewhere; colours: f above its minimum" \
    at screen 0.5, 1 - 50 / 1080.0 center
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
unset colorbox
place(k) = 0.45 + 0.155 * (k - 1)
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
