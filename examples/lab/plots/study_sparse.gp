# Rare features: study_sparse.png, from study_sparse_curves.csv (optimizer, share, examples, part) and
# study_sparse.csv (share, sgd, adagrad, adam).
call ARG0[1:strlen(ARG0) - strlen("study_sparse.gp")] . "style.gp" ARG1 ARG2
curves = folder . "/study_sparse_curves.csv"
ends = folder . "/study_sparse.csv"
set datafile missing NaN # the rows of other features do not part a line
of(optimizer, share, y) = strcol(1) eq optimizer && strcol(2) eq share ? y : NaN

eval canvas("study_sparse", 1000, 420)
set multiplot layout 1, 2 margins 0.07, 0.985, 0.14, 0.88 spacing 0.08
set grid ytics
set title "The weight on its way, all at the rate 0.1"
set xlabel "examples seen" offset 0, 0.5
set ylabel "weight, as a part of the true one" offset 0.5
set xrange [0:20000]
set xtics 5000
set yrange [0:1.6]
set key top left Left reverse samplen 4
plot curves using 3:(of("sgd", "0.5", $4)) with lines linetype 5 dashtype 1 linewidth 1 title "sgd, feature in half of the examples", \
     curves using 3:(of("adagrad", "0.5", $4)) with lines linetype 6 dashtype 1 linewidth 1 title "adagrad, in half of them", \
     curves using 3:(of("sgd", "0.01", $4)) with lines linetype 5 linewidth 3.5 title "sgd, in 1%", \
     curves using 3:(of("adagrad", "0.01", $4)) with lines linetype 6 dashtype 1 linewidth 3.5 title "adagrad, in 1%"
set title "In the end, by how rare a feature is"
set xlabel "share of the examples with it"
unset ylabel
set xrange [*:*]
set xtics auto
set style data histograms
set style histogram clustered gap 1
set style fill solid 0.85 border linecolor rgb "#444444"
set key top left horizontal samplen 2 font ",12"
set yrange [0:1.6]
plot ends using 2:xtic(sprintf("%g%%", 100 * $1)) skip 1 linecolor rgb "#D55E00" dashtype 1 title "sgd", \
     ends using 3 skip 1 linecolor rgb "#0072B2" dashtype 1 fillstyle pattern 2 title "adagrad", \
     ends using 4 skip 1 linecolor rgb "#bbbbbb" dashtype 1 title "adam"
unset multiplot
