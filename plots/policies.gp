# policies.gp - how much each policy gets done, and how busy its busiest worker is.
#
# DATA has one data set a policy, and in it a row for each situation: the row's
# middle in pixels, then median, low and high bound of its throughput as a ratio to
# the default's, and of the busiest worker's requests as a ratio to the mean.

set xrange [X_MIN:X_MAX]
set yrange [BOTTOM:TOP]
set logscale x
unset mxtics
set xtics scale 0.4
unset ytics
set border 0
set errorbars small

# Work is a dot, the busiest worker a ring a little below it; in pixels, downwards.
APART = 4.5

plot for [i = 1:MODELS] DATA index i - 1 using 2:($1 - APART):3:4 with xerrorbars \
		pointtype 7 pointsize 0.7 linewidth 1.5 dashtype 1 linecolor rgb COLOUR[i] \
		title MODEL[i].', throughput' noenhanced, \
	for [i = 1:MODELS] DATA index i - 1 using 5:($1 + APART):6:7 with xerrorbars \
		pointtype 6 pointsize 1.1 linewidth 1.5 dashtype 1 linecolor rgb COLOUR[i] \
		title MODEL[i].', busiest worker' noenhanced, \
	for [i = 1:MODELS] DATA index i - 1 using 2:($1 - APART) with points \
		pointtype 7 pointsize 0.7 linecolor rgb COLOUR[i] notitle, \
	for [i = 1:MODELS] DATA index i - 1 using 5:($1 + APART) with points \
		pointtype 6 pointsize 1.1 linewidth 1.5 \
		linecolor rgb COLOUR[i] notitle
