# The loss while the rate grows from step to step, by ./run train --find-lr: find_lr.png, from
# find_lr.csv (step, rate, loss, smoothed_loss) and find_lr_points.csv (steepest, lowest, suggested).
call ARG0[1:strlen(ARG0) - strlen("find_lr.gp")] . "style.gp" ARG1 ARG2

table = folder . "/find_lr.csv"
points = folder . "/find_lr_points.csv"
array rates[3] # of the three points, in this order
stats points using (rates[int($0) + 1] = $2, title = strcol(4), 0) every ::1 nooutput
stats table using 3 every ::1::1 nooutput
top = 1.3 * STATS_max # of the first loss; what explodes is cut off

enhanced = 1 # for powers of ten
eval canvas("find_lr", 800, 600)
set title "Learning-rate range test: " . title noenhanced
set xlabel "learning rate, larger at each step"
set ylabel "loss of the step's mini-batch (cross-entropy)"
set logscale x
set format x "10^{%L}"
set yrange [0:top]
set key bottom left
set arrow from rates[3], graph 0 to rates[3], graph 1 nohead linecolor rgb colours[4] linewidth 2
set label sprintf("suggested: %.2g ", rates[3]) at rates[3], graph 0.95 right textcolor rgb colours[4]
plot table using 2:3 every ::1 with lines linecolor rgb "#bbbbbb" linewidth 1 title "each mini-batch", \
     table using 2:4 every ::1 with lines linetype 6 linewidth 3 dashtype 1 title "average of the last ten or so", \
     points using 2:3 every ::1::1 with points linecolor rgb colours[2] pointtype 9 pointsize 2 \
     title sprintf("falls most steeply: %.2g", rates[1]), \
     points using 2:3 every ::2::2 with points linetype 5 pointtype 7 pointsize 1.7 \
     title sprintf("lowest: %.2g", rates[2])
