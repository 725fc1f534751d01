# Who leaves a local minimum, and who a saddle: study_escape.png, from study_escape_paths.csv (optimizer, noise,
# step, w), study_escape.csv (optimizer, noise, share), study_escape_saddle_paths.csv (optimizer, noise, step, y)
# and study_escape_saddle.csv (optimizer, noise, share, steps).
call ARG0[1:strlen(ARG0) - strlen("study_escape.gp")] . "style.gp" ARG1 ARG2

paths = folder . "/study_escape_paths.csv"
shares = folder . "/study_escape.csv"
saddle = folder . "/study_escape_saddle_paths.csv"
name(i) = word("sgd sgd momentum adam", i)
noise(i) = word("0 1 0 0", i)
of(i, value) = strcol(1) eq name(i) && strcol(2) eq noise(i) ? value : NaN
spoken(optimizer, noise) = (optimizer eq "sgd" ? "descent" : optimizer) . (noise eq "0" ? "" : " + noise " . noise)
f(w) = w**4 / 4 - 0.42 * w**2 - 0.16 * w

eval canvas("study_escape", 800, 800)
set multiplot layout 2, 2
set title "Two valleys: f(w)"
set xlabel "w"
set xrange [-1.7:1.55]
set yrange [-0.45:0.75]
set samples 300
set label 1 "starts" at -0.95, 0.55 center
set arrow 1 from -1.6, 0.49 to -0.3, 0.49 heads size 0.05, 90 linecolor rgb colours[6] linewidth 2
set label 2 "shallow" at -0.8, -0.1 center
set label 3 "hump" at -0.2, 0.07 center
set label 4 "deep" at 1, -0.39 center
plot f(x) with lines linewidth 3 dashtype 1 linecolor rgb "black" notitle
unset label
unset arrow
set title "w over the steps, from -1.47"
set xlabel "step"
set xrange [0:300]
set yrange [-1.6:2.8]
set key top left samplen 2
plot -0.2 with lines linewidth 1 dashtype 3 linecolor rgb "#666666" title "hump", \
    for [i in "2 1 4 3"] paths using (of(int(i), $3)):4 with lines linetype int(i) title spoken(name(int(i)), noise(int(i)))

set title "Who got over the hump"
unset key
set xlabel "%"
set xrange [0:125]
set xtics 50
stats shares skip 1 using (records = $0, 0) nooutput
set yrange [records + 0.6:-0.6]
set style fill solid 0.5 noborder
plot shares skip 1 using (50 * $3):0:(50 * $3):(0.3):ytic(spoken(strcol(1), strcol(2))) with boxxyerrorbars linecolor rgb colours[6], \
    shares skip 1 using (100 * $3 + 1):0:(sprintf("%.0f", 100 * $3)) with labels left
set ytics autofreq
set xtics autofreq
set title "A saddle: how far from its ridge"
set xlabel "step"
set xrange [0:250]
set yrange [1e-8:100]
set logscale y
set format y "1e%T"
set key bottom right samplen 2
ridge(optimizer, noise, value) = strcol(1) eq optimizer && strcol(2) eq noise ? value : NaN
plot for [i = 1:5] saddle using (ridge(word("sgd sgd sgd momentum adam", i), word("1 0.001 1e-06 1e-06 1e-06", i), $3)):4 \
    with lines linetype int(word("2 7 8 3 4", i)) title spoken(word("sgd sgd sgd momentum adam", i), word("1 1e-3 1e-6 1e-6 1e-6", i))
unset multiplot
