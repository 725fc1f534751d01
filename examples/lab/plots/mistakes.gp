# The images that a network is most confidently wrong about: mistakes.png, from the sheet mistakes_images and
# mistakes.csv (index, truth, guess, probability, probability_of_truth).
call ARG0[1:strlen(ARG0) - strlen("mistakes.gp")] . "style.gp" ARG1 ARG2
sheet = "mistakes_images"
load ARG0[1:strlen(ARG0) - strlen("mistakes.gp")] . "sheet.gp"

wide = 1200; head_height = 55.0
square = (wide - 30.0) / across(1)
tall = head_height + down(1) * square
eval canvas("mistakes", wide, int(tall))
set label 1 head[1] at screen 0.5, 1 - 22 / tall center font ",14"
unset colorbox
set palette defined (0 "#ffffff", 1 "#000000")
set lmargin at screen 15.0 / wide; set rmargin at screen 1 - 15.0 / wide
set tmargin at screen 1 - head_height / tall; set bmargin at screen 0
eval show(1, across(1) / real(down(1)))
set cbrange [0:largest(1)]
# Rounded down: it is never wholly sure.
eval "plot " . maps(1) . ", folder . '/mistakes.csv' every ::0::count[1]-1 skip 1 " \
    . "using (left(1, $0) + width[1] / 2.0):(top(1, $0) + height[1] + 1.2):" \
    . "(sprintf(\"truth %s\\nguess %s\\n%d%%  #%d\", strcol(2), strcol(3), int(100 * $4), $1)) " \
    . "with labels font ',9' offset 0, -0.6 notitle"
