# What penalties do: study_objective.png, from study_objective_weights.csv (optimizer, penalty, strength, weight,
# part) and study_objective.csv; study_objective_curve.png from study_objective_curve.csv (w, cost, L2, L1).
call ARG0[1:strlen(ARG0) - strlen("study_objective.gp")] . "style.gp" ARG1 ARG2
weights = folder . "/study_objective_weights.csv"
ends = folder . "/study_objective.csv"
curve = folder . "/study_objective_curve.csv"
set datafile missing NaN # the rows of other runs do not part a line
of(optimizer, penalty, strength, y) = \
    strcol(1) eq optimizer && strcol(2) eq penalty && strcol(3) eq strength && y > 0 ? y : NaN

eval canvas("study_objective", 1200, 480)
set multiplot
set grid ytics
set tmargin at screen 0.91
set bmargin at screen 0.13
set lmargin at screen 0.07
set rmargin at screen 0.34
set logscale y
set xrange [-0.3:0.3]
set xtics 0.1
set yrange [1e-4:30]
set ytics (1, 0.1, 0.01, 0.001, 0.0001) format "%g"
set xlabel "weight" offset 0, 0.5
set ylabel "part of the weights" offset 1
set key top left Left reverse samplen 3
set title "Weights after gradient descent"
plot weights using 4:(of("sgd", "none", "0", $5)) with lines linetype 1 title "no penalty", \
     weights using 4:(of("sgd", "L2", "0.06", $5)) with lines linetype 6 title "L2, 0.06", \
     weights using 4:(of("sgd", "decoupled", "0.06", $5)) with lines linetype 2 dashtype 3 title "decoupled, 0.06: the same", \
     weights using 4:(of("sgd", "L1", "0.003", $5)) with lines linetype 5 dashtype 1 title "L1, 0.003: many zeros"
unset ylabel
set ytics format ""
set lmargin at screen 0.37
set rmargin at screen 0.64
set title "Weights after Adam"
plot weights using 4:(of("adam", "none", "0", $5)) with lines linetype 1 title "no penalty", \
     weights using 4:(of("adam", "L2", "0.03", $5)) with lines linetype 6 title "L2, 0.03", \
     weights using 4:(of("adam", "decoupled", "0.03", $5)) with lines linetype 2 dashtype 3 title "decoupled, 0.03: hardly any", \
     weights using 4:(of("adam", "decoupled", "3", $5)) with lines linetype 4 title "decoupled, 3", \
     weights using 4:(of("adam", "L1", "0.001", $5)) with lines linetype 5 dashtype 1 title "L1, 0.001: many zeros"
unset logscale y
set ytics autofreq format "%g%%"
set lmargin at screen 0.70
set rmargin at screen 0.985
set bmargin at screen 0.30
set title "Images right"
unset xlabel
set xrange [-0.6:8.6]
set yrange [70:106]
set ytics 10
set style data histograms
set style histogram clustered gap 1
set style fill solid 0.85
set xtics autofreq rotate by 45 right font ",11"
set key top left horizontal Left reverse samplen 1.5
named(optimizer, penalty, strength) = optimizer . " " . penalty . (strength eq "0" ? "" : " " . strength)
plot ends using (100 * column("training_accuracy")):xtic(named(strcol(1), strcol(2), strcol(3))) \
         linecolor rgb "#bbbbbb" dashtype 1 title "training, with wrong labels", \
     ends using (100 * column("test_accuracy")) linecolor rgb "#0072B2" dashtype 1 title "test"
unset multiplot

$lowest << END
0.4,0
0.266667,0.026667
0,0.08
END
eval canvas("study_objective_curve", 800, 420)
unset tmargin
unset bmargin
unset lmargin
unset rmargin
set title "One weight: objective = cost + penalty"
set xtics norotate center font ",12"
set ytics autofreq 0.2 format "%g"
set xlabel "w"
set ylabel "J(w)"
set xrange [-0.6:1.2]
set yrange [0:0.8]
set xzeroaxis
set key top center Left reverse samplen 4
plot curve using 1:2 skip 1 with lines linetype 1 title "cost: (w - 0.4)^2 / 2, lowest at 0.4", \
     curve using 1:3 skip 1 with lines linetype 6 title "with L2 of 0.5, lowest at 0.27", \
     curve using 1:4 skip 1 with lines linetype 5 dashtype 1 title "with L1 of 0.5, lowest at 0, in the kink", \
     $lowest using 1:2 with points pointtype 7 pointsize 1.3 linecolor rgb "#444444" notitle
