# Schedules: study_schedule.png, from study_schedule_curves.csv (schedule, seed, step, factor, training_loss), of
# which the losses are the means over the seeds, and study_schedule.csv (schedule, test_loss, loss_error,
# test_accuracy, accuracy_error).
call ARG0[1:strlen(ARG0) - strlen("study_schedule.gp")] . "style.gp" ARG1 ARG2

curves = folder . "/study_schedule_curves.csv"
ends = folder . "/study_schedule.csv"
names = "constant step exponential plateau restarts linear polynomial cosine warmup one_cycle"
shown = "1 4 8 10" # of which the losses are drawn: more would hide each other
of(name, value) = strcol(1) eq name ? value : NaN
first(name, seed) = strcol(1) eq name && strcol(2) eq seed
stats curves skip 1 using 3 nooutput prefix "step"
stats curves skip 1 using 2 nooutput prefix "seed"
seed = sprintf("%d", seed_min)
place(i) = sum [k = 1:words(names)] (word(names, k) eq strcol(1) ? k : 0)
colour(i) = i == 1 ? 1 : i == 4 ? 2 : i == 8 ? 5 : 6

eval canvas("study_schedule", 800, 800)
set multiplot
set label 1 "The factor of the rate, over the steps" at screen 0.5, 0.975 center font ",14"
unset key
set xrange [0:step_max]
set yrange [0:1.08]
set format x ""
set xtics step_max / 3
set ytics 0.5
left(i) = 0.06 + 0.188 * ((i - 1) % 5)
top(i) = i < 6 ? 0.92 : 0.705
do for [i = 1:10] {
    set lmargin at screen left(i)
    set rmargin at screen left(i) + 0.165
    set tmargin at screen top(i)
    set bmargin at screen top(i) - 0.15
    set format y i % 5 == 1 ? "%g" : ""
    set title word(names, i) offset 0, -0.6
    plot curves using (first(word(names, i), seed) ? $3 : NaN):4 with filledcurves y1=0 fillstyle solid 0.25 noborder linecolor rgb colours[6], \
        curves using (first(word(names, i), seed) ? $3 : NaN):4 with lines dashtype 1 linecolor rgb colours[6]
    unset label
}
set tmargin at screen 0.46
set bmargin at screen 0.1
set lmargin at screen 0.08
set rmargin at screen 0.48
set title "Training loss: mean of three seeds"
set format "%g"
set xlabel "step"
set xtics autofreq
set ytics autofreq
set key top right
set logscale y
set yrange [0.03:3]
set ytics (0.05, 0.1, 0.2, 0.5, 1, 2)
plot for [w in shown] curves using (of(word(names, int(w)), $3)):5 smooth unique with lines \
    linetype colour(int(w)) title word(names, int(w))
unset key
unset logscale
set lmargin at screen 0.66
set rmargin at screen 0.96
set title "Test loss, with standard errors"
set xlabel "loss"
set xrange [0:*]
set xtics rotate by -60
set yrange [10.6:0.4]
unset ytics
set ytics ()
do for [i = 1:10] { set ytics add (word(names, i) i) }
plot ends skip 1 using 2:(place(0)):3 with xerrorbars pointtype 7 pointsize 1.2 linewidth 2 dashtype 1 linecolor rgb colours[5]
unset multiplot
