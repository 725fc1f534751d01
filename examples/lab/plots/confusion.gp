# Draws which class a network takes for which other, from confusion.csv: a row for each truth, a
# column for each guess, the more often the darker, on a logarithmic scale since most are right.
call ARG0[1:strlen(ARG0) - strlen("confusion.gp")] . "style.gp" ARG1 ARG2

table = folder . "/confusion.csv"
model = data = class = ""
stats table every ::1::1 using (model = strcol(1), data = strcol(2), class = strcol(3), 0) nooutput
stats table every ::1 using 5 nooutput name "images"
stats table every ::1 using (strcol(3) eq strcol(4) ? $5 : 0) nooutput name "right"

eval canvas("confusion", 800, 720)
set title sprintf("%s on the test images of %s: %d of %d right (%.2f%%)", model, data, \
    right_sum, images_sum, 100 * right_sum / images_sum)
set xlabel "guess"
set ylabel "truth"
set cblabel "images, on a logarithmic scale" offset 1
set xrange [-0.5:9.5]
set yrange [9.5:-0.5]
unset grid
set tics scale 0
if (strlen(class) > 1) { set xtics rotate by 30 right } # names that are words
set logscale cb
set cbrange [0.5:images_max]
set palette defined (0 "#ffffff", 1 "#c6dbef", 2 "#6baed6", 3 "#2171b5", 4 "#08306b")
set size ratio 1

# The column and the row of a line of the table.
column_of(line) = int(line) % 10
row_of(line) = int(line) / 10
dark(count) = count > sqrt(images_max * 3)

plot table every ::1 using (column_of($0)):(row_of($0)):($5 > 0 ? $5 : 0.5) with image notitle, \
     "" every ::1 using (column_of($0)):(row_of($0)):(dark($5) || $5 == 0 ? "" : strcol(5)):xtic(4):ytic(3) \
        with labels notitle, \
     "" every ::1 using (column_of($0)):(row_of($0)):(dark($5) ? strcol(5) : "") \
        with labels textcolor rgb "white" notitle
