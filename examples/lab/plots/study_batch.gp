# How many examples to a step. study_batch_paths.png: three paths down a bowl, from study_batch_paths.csv
# (batch, run, step, w, b), study_batch_bowl.csv (w, b, ww, wb, bb) and study_batch_spread.csv (batch, spread).
# study_batch.png: the loss against examples and seconds, from study_batch.csv (batch, examples, seconds,
# training_loss).
call ARG0[1:strlen(ARG0) - strlen("study_batch.gp")] . "style.gp" ARG1 ARG2

paths = folder . "/study_batch_paths.csv"
spread = folder . "/study_batch_spread.csv"
curves = folder . "/study_batch.csv"
stats folder . "/study_batch_bowl.csv" skip 1 using (w0 = $1, b0 = $2, ww = $3, wb = $4, bb = $5, 0) nooutput
f(w, b) = ww * (w - w0)**2 + 2 * wb * (w - w0) * (b - b0) + bb * (b - b0)**2

# ---- Paths

number(i) = real(word(strcol(1), i)) # of the isolines, each line of theirs one text to who reads commas

set xrange [-2.4:1.9]
set yrange [-2.4:0.9]
set isosamples 60
set contour base
unset surface
set cntrparam levels discrete 0.3, 1, 2.5, 5, 9, 15
set table $lines
splot f(x, y)
unset table
unset contour

eval canvas("study_batch_paths", 800, 800)
set multiplot layout 2, 2
set xlabel "w"
set ylabel "b" rotate by 0
of(batch, run, w) = strcol(1) eq batch && int(strcol(2)) == run ? w : NaN
title_of(batch) = batch eq "256" ? "All 256 points to a step" : batch eq "1" ? "One point" : batch . " points"
do for [batch in "256 16 1"] {
    set title title_of(batch)
    plot $lines using (number(1)):(number(2)) with lines linewidth 0.7 linecolor rgb "#aaaaaa" notitle, \
        for [run = 1:3] paths using (of(batch, run, $4)):5 with lines linewidth 1 dashtype 1 linecolor rgb "#99" . colours[6][2:7] notitle, \
        paths using (of(batch, 0, $4)):5 with linespoints pointtype 7 pointsize 0.4 linewidth 1.5 dashtype 1 linecolor rgb colours[5] notitle, \
        "+" using (w0):(b0) every ::0::0 with points pointtype 2 pointsize 1.5 linewidth 3 linecolor rgb "black" notitle
}
set title "How far from the minimum it stays"
set xlabel "points to a step, k"
unset ylabel
set logscale xy
set xrange [0.8:80]
set yrange [0.02:0.6]
set xtics (1, 4, 16, 64)
set ytics (0.02, 0.05, 0.1, 0.2, 0.5)
stats spread skip 1 using ($1 == 1 ? one = $2 : 0) nooutput
plot spread using ($2 > 0.001 ? $1 : NaN):2 with points pointtype 7 pointsize 1.5 linecolor rgb colours[5] title "measured", \
    one / sqrt(x) with lines linecolor rgb colours[1] dashtype 2 title "as 1/sqrt(k)"
unset multiplot
unset logscale
set xtics autofreq
set ytics autofreq

# ---- Digits

eval canvas("study_batch", 800, 450)
set multiplot layout 1, 2
set key bottom left samplen 2
set yrange [0.1:3]
set ytics (0.1, 0.2, 0.5, 1, 2)
set logscale xy
curve(batch, value) = strcol(1) eq batch ? value : NaN
name(batch) = batch eq "0" ? "all" : batch
do for [at = 2:3] {
    set title at == 2 ? "By examples seen" : "By seconds"
    set xlabel at == 2 ? "examples" : "seconds"
    set xrange [at == 2 ? 10 : 0.001:*]
    if (at == 2) { set xtics ("10" 10, "100" 100, "1k" 1e3, "10k" 1e4, "100k" 1e5, "1M" 1e6) } \
    else { set xtics (0.001, 0.01, 0.1, 1, 10) }
    set ylabel at == 2 ? "training loss" : ""
    plot for [batch in "1 8 64 512 0"] curves using (curve(batch, column(at))):4 with lines title name(batch)
}
unset multiplot
