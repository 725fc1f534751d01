# Maps of numbers side by side, for the scripts that draw a sheet of examples/lab/filters/sheet.h: set sheet to its
# name, load this, and for a panel
#     eval show(panel, aspect)
#     eval "plot " . maps(panel)
# draws its squares and a frame around each map, at the top of a place that is so many times as wide as high.
# left(), top(): where a map begins.
squares = folder . "/" . sheet . ".csv"
heads = folder . "/" . sheet . "_panels.csv"
stats heads skip 1 using 1 nooutput
panels = int(STATS_max)
array head[panels]; array count[panels]; array height[panels]; array width[panels]; array gap[panels]
array below[panels]; array columns[panels]; array lowest[panels]; array highest[panels]; array first[panels + 1]
do for [i = 1:panels] {
    stats heads skip 1 every ::i-1::i-1 using (count[i] = int($3), height[i] = int($4), width[i] = int($5), \
        gap[i] = int($6), below[i] = int($7), columns[i] = int($8), lowest[i] = $9, highest[i] = $10, 0) nooutput
}
set datafile separator '"' # a title may have commas, which would end it in spite of its quotes
stats heads skip 1 using (head[int($0) + 1] = strcol(2), 0) nooutput
set datafile separator comma
lines(i) = (count[i] + columns[i] - 1) / columns[i]
across(i) = columns[i] * (width[i] + gap[i]) - gap[i]
down(i) = lines(i) * (height[i] + below[i])
first[1] = 0
do for [i = 1:panels] { first[i + 1] = first[i] + (across(i) + gap[i]) * down(i) }
left(i, map) = (int(map) % columns[i]) * (width[i] + gap[i]) - 0.5
top(i, map) = (int(map) / columns[i]) * (height[i] + below[i]) - 0.5

# Zero is white, positive numbers are blue and negative ones orange, the more so the larger they are.
set palette defined (-1 "#d55e00", 0 "#ffffff", 1 "#005ab5")
largest(i) = (x = highest[i] > -lowest[i] ? highest[i] : -lowest[i], x > 0 ? x : 1)
larger(a, b) = a > b ? a : b
place(i, wide, high) = sprintf("set xrange [%g:%g]; set yrange [%g:-0.6]; set cbrange [%g:%g]", \
    (across(i) - wide) / 2.0 - 0.6, (across(i) + wide) / 2.0 - 0.4, high - 0.4, -largest(i), largest(i))
show(i, aspect) = place(i, larger(across(i), aspect * down(i)), larger(down(i), across(i) / real(aspect)))
# In SVG an image may be smoothed by who shows it, which large squares must not be.
sharp(i) = form eq "svg" && across(i) * down(i) < 2000 ? "pixels" : ""
maps(i) = sprintf("squares every ::%d::%d skip 1 using 2:3:5 with image %s notitle, ", \
    first[i], first[i + 1] - 1, sharp(i)) . sprintf("[map=0:%d-0.5:1] '+' using (left(%d, $1) + %g):(top(%d, $1) + %g):" \
    . "(%g):(%g) with boxxyerror fillstyle empty linecolor rgb '#aaaaaa' linewidth 0.7 dashtype 1 notitle", count[i], \
    i, width[i] / 2.0, i, height[i] / 2.0, width[i] / 2.0, height[i] / 2.0)
unset grid
unset border
unset tics
