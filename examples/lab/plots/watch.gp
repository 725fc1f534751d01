# What the optimizer saw and did: watch.png, from watch.csv (step, layer, name, cosine, rate_5, rate_25, rate_50,
# rate_75, rate_95) and watch_updates.csv (step, layer, from, share), which ./run train --watch writes.
call ARG0[1:strlen(ARG0) - strlen("watch.gp")] . "style.gp" ARG1 ARG2

rows = folder . "/watch.csv"
updates = folder . "/watch_updates.csv"
stats rows using 1:2 skip 1 nooutput
first = STATS_min_x
layers = int(STATS_max_y) + 1
half = STATS_max_x / 2
labels = 10**floor(log10(STATS_max_x)) # so far apart that they do not overlap
stats rows using ($1 <= half || $1 == first ? $1 : NaN) skip 1 nooutput
middle = STATS_max
array names[layers]
stats rows using (names[int($2) + 1] = strcol(3), 0) skip 1 nooutput
at(step, layer, y) = int($1) == step && int($2) == layer ? y : NaN # the rows of a step are behind each other

enhanced = 1
eval canvas("watch", 1000, 760)
set multiplot layout 2, 2
set xlabel "step"
set xtics labels

set title "The angle between the gradients of successive steps"
set ylabel "cosine"
set yrange [-1:1]
set key bottom right noenhanced samplen 1.5 maxrows 3
set xzeroaxis linecolor rgb "#999999"
plot for [i = 1:layers] rows using 1:4 every layers::i - 1 skip 1 with lines linetype i title names[i]

unset key
set title "Effective rates of the weights: median, 5 to 95%"
set ylabel "|update| / |gradient|"
set logscale y
set format y "10^{%L}"
set yrange [*:*]
plot for [i = 1:layers] rows using 1:5:9 every layers::i - 1 skip 1 with filledcurves \
         linecolor rgb colours[(i - 1) % 8 + 1] fillstyle transparent solid 0.15 noborder, \
     for [i = 1:layers] rows using 1:7 every layers::i - 1 skip 1 with lines linetype i

unset logscale y
set format y "%g"
set logscale x
set format x "10^{%L}"
set xlabel "|update| of a weight"
set ylabel "part of the layer's weights"
set xrange [*:*]
do for [step in sprintf("%d %d", first, middle)] {
    set title "How far the weights move in step " . step
    set xtics int(step) == first ? 10 : 100 # the first step of most rules has few decades
    plot for [i = 1:layers] updates using (at(int(step), i - 1, $3 * 2**0.125)):4 skip 1 with histeps linetype i
}
unset multiplot
