# The noise of gradients: study_noise.png, from study_noise.csv (step, loss, signal, noise, scale),
# study_noise_variance.csv (step, batch, variance, predicted) and study_noise_rate.csv (batch, rate, loss).
call ARG0[1:strlen(ARG0) - strlen("study_noise.gp")] . "style.gp" ARG1 ARG2

scales = folder . "/study_noise.csv"
variances = folder . "/study_noise_variance.csv"
rates = folder . "/study_noise_rate.csv"
of(key, value) = strcol(1) eq key ? value : NaN
sizes = "8 32 128 512 2048"
best = ""
do for [size in sizes] {
    least = 1e9
    at = 0
    stats rates skip 1 using (strcol(1) eq size && $3 < least ? (least = $3, at = $2, 0) : 0) nooutput
    best = best . sprintf("%g ", at)
}
scale = NaN
stats scales skip 1 using ($1 == 50 ? scale = $5 : 0) nooutput
stats rates skip 1 using 3 nooutput
stats scales skip 1 using 1 prefix "steps" nooutput

eval canvas("study_noise", 800, 800)
set multiplot layout 2, 2
set title "Variance of the gradient, at three steps"
set xlabel "batch size"
set logscale xy
set xrange [6:2500]
set xtics (8, 32, 128, 512, 2048)
set format y "%g"
set key bottom left samplen 2
plot for [i = 1:3] variances using (of(word("0 50 150", i), $2)):4 with lines linewidth 1.5 dashtype 2 linecolor rgb colours[word("1 5 6", i) + 0] notitle, \
    for [i = 1:3] variances using (of(word("0 50 150", i), $2)):3 with points pointtype 7 linecolor rgb colours[word("1 5 6", i) + 0] title "step " . word("0 50 150", i), \
    NaN with lines dashtype 2 linecolor rgb "#444444" title "as 1/B"
set title "Noise scale along training"
set xlabel "step"
unset logscale x
set xrange [0:*]
set xtics steps_max < 200 ? 50 : 300
set key bottom right
plot scales skip 1 using 1:5 with linespoints linetype 6 title "tr(S) / |G|^2"
set title "The loss behind one step"
set xlabel "rate"
set logscale x
unset logscale y
set xrange [0.0035:0.4]
set xtics (0.005, 0.02, 0.1, 0.3)
set yrange [STATS_min * 0.98:STATS_min * 1.3]
set key bottom left samplen 2
plot for [size in sizes] rates using (of(size, $2)):3 with lines title size
set title "The best rate for a step"
set xlabel "batch size"
set xtics (8, 32, 128, 512, 2048)
set xrange [6:2500]
set yrange [0:word(best, 5) * 1.4]
set ytics autofreq
set key bottom right
set arrow from scale, graph 0 to scale, graph 1 nohead dashtype 2 linecolor rgb "#444444"
set label "noise scale" at scale * 1.1, graph 0.93
plot "+" using (word(sizes, int($0) + 1) + 0):(word(best, int($0) + 1) + 0) every ::0::4 with points pointtype 7 pointsize 1.5 linecolor rgb colours[5] title "measured", \
    word(best, 5) / (1 + scale / x) with lines linetype 1 title "1 / (1 + scale/B)"
unset multiplot
