# Adam with and without bias correction: study_bias-correction.png, from study_bias-correction_weight.csv (step,
# with, without) and study_bias-correction_steps.csv (correction, rate, step, loss, moved).
call ARG0[1:strlen(ARG0) - strlen("study_bias-correction.gp")] . "style.gp" ARG1 ARG2
weight = folder . "/study_bias-correction_weight.csv"
steps = folder . "/study_bias-correction_steps.csv"
of(correction, rate, y) = strcol(1) eq correction && strcol(2) eq rate ? y : NaN

$first << END
1,3.1623
END
eval canvas("study_bias-correction", 1100, 400)
set multiplot layout 1, 3 margins 0.055, 0.985, 0.14, 0.88 spacing 0.07
set xlabel "step" offset 0, 0.5
set grid ytics
set xrange [0:100]
set xtics 20
set title "One weight with a steady gradient"
set ylabel "length of a step, over the rate" offset 1.5
set yrange [0:7.5]
set key top right Left reverse samplen 2
plot weight using 1:3 skip 1 with lines linetype 5 title "without", \
     weight using 1:2 skip 1 with lines linetype 6 title "with correction", \
     $first using 1:2 with points pointtype 7 pointsize 1.2 linecolor rgb "#D55E00" notitle, \
     $first using 1:2:("the first: 3.16") with labels left offset 0.5, -0.6 notitle
set title "LeNet: how far a weight moves"
set yrange [0:3.5]
plot steps using 3:(of("without", "0.001", $5)) with lines linetype 5 title "without", \
     steps using 3:(of("with", "0.001", $5)) with lines linetype 6 title "with correction"
set title "LeNet: the loss"
unset ylabel
set yrange [0:4]
set key top right Left reverse samplen 3
plot steps using 3:(of("without", "0.01", $4)) with lines linetype 5 dashtype 1 title "without, rate 0.01", \
     steps using 3:(of("with", "0.01", $4)) with lines linetype 6 dashtype 1 title "with, rate 0.01", \
     steps using 3:(of("without", "0.001", $4)) with lines linetype 5 dashtype 3 title "without, rate 0.001", \
     steps using 3:(of("with", "0.001", $4)) with lines linetype 6 dashtype 3 title "with, rate 0.001"
unset multiplot
