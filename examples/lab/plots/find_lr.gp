# The loss while the rate grows from step to step, and where short runs end, by ./run train
# --find-lr: find_lr.png, from find_lr.csv (step, rate, loss, smoothed_loss), find_lr_runs.csv (rate,
# loss) and find_lr_points.csv (lowest, best_run, suggested).
call ARG0[1:strlen(ARG0) - strlen("find_lr.gp")] . "style.gp" ARG1 ARG2

table = folder . "/find_lr.csv"
runs = folder . "/find_lr_runs.csv"
points = folder . "/find_lr_points.csv"
array rates[3] # of the three points, in this order
stats points using (rates[int($0) + 1] = $2, title = strcol(4), 0) every ::1 nooutput
stats table using 3 every ::1::1 nooutput
top = 1.15 * STATS_max # of the first loss; what explodes is cut off

enhanced = 1 # for powers of ten
eval canvas("find_lr", 800, 500)
set title "Looking for a learning rate: " . title noenhanced
set xlabel "learning rate"
set ylabel "cross-entropy"
set logscale x
set format x "10^{%L}"
set yrange [0:top]
set key bottom left Left reverse
set arrow from rates[3], graph 0 to rates[3], graph 1 nohead linecolor rgb colours[4] linewidth 2
set label sprintf("suggested: %.2g ", rates[3]) at rates[3], graph 0.95 right textcolor rgb colours[4]
plot table using 2:3 every ::1 with lines linecolor rgb "#bbbbbb" linewidth 1 dashtype 1 \
        title "each mini-batch, the rate growing", \
     table using 2:4 every ::1 with lines linetype 6 linewidth 3 dashtype 1 \
        title "average of the last ten or so", \
     runs using 1:($2 < top ? $2 : NaN) every ::1 with points pointtype 7 pointsize 1.4 \
        linecolor rgb colours[5] title "the end of a short run at that rate", \
     runs using 1:($2 < top ? NaN : 0.97 * top) every ::1 with points pointtype 2 pointsize 1.4 \
        linewidth 2 linecolor rgb colours[5] title "the same, diverged", \
     points using 2:3 every ::2::2 with points linetype 1 pointtype 6 pointsize 2.4 \
        title sprintf("the best of them: %.2g", rates[2])
