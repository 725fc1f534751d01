# The optimizers on their way down, as an animation: landscape_SURFACE.gif, or each of its frames, for
# the one surface that landscape_animation.csv names. Reads the tables that landscape.gp does.
call ARG0[1:strlen(ARG0) - strlen("landscape_animation.gp")] . "style.gp" ARG1 ARG2
load ARG0[1:strlen(ARG0) - strlen("landscape_animation.gp")] . "landscape_tables.gp"
stats folder . "/landscape_animation.csv" skip 1 using (s = strcol(1), 0) nooutput

# First step by step, later a fifth farther each time, and at last at rest for a while.
step_of(frame) = frame <= 7 ? frame - 1 : int(6 * 1.2**(frame - 7))
longest = 0
array ends[words(shown)] # the last step of each path
do for [i = 1:words(shown)] {
    stats paths every ::begin(s, i)::end(s, i) skip 1 using 3 nooutput
    ends[i] = STATS_max
    longest = STATS_max > longest ? STATS_max : longest
}
moves = 1
while (step_of(moves) < longest) { moves = moves + 1 }
rest = 10

@prepare
set key outside right top Left reverse samplen 2 width 2
set xlabel "x"
set ylabel "y" rotate by 0
# Each path so far, and a disc at its newest row, which is drawn when the path has been read to its end.
do for [frame = 1:moves + rest] {
    step = frame < moves ? step_of(frame) : longest
    eval frame("landscape_" . s, frame, 600, 400)
    set title sprintf("%s: step %d", title_of(s), step)
    set arrow 1 from graph 0, 1.02 to graph frame / real(moves + rest), 1.02 nohead linecolor rgb "#888888" linewidth 3
    plot heights(s) nonuniform matrix using 1:2:(height(s, $3)) with image notitle, \
        minima using (at(s, $2)):3 with points pointtype 2 pointsize 1.3 linewidth 2 linecolor rgb "black" notitle, \
        for [i = 1:words(shown)] paths every ::begin(s, i)::end(s, i) skip 1 \
            using ($3 <= step ? $4 : NaN):5 with lines linewidth 2 dashtype 1 linecolor rgb colours[i] title name(i), \
        for [i = 1:words(shown)] paths every ::begin(s, i)::end(s, i) skip 1 \
            using (x = $3 <= step ? $4 : x, y = $3 <= step ? $5 : y, $3 == ends[i] ? x : NaN):(y) \
            with points pointtype 7 pointsize 1.2 linecolor rgb colours[i] notitle
}
