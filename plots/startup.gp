
# startup.gp - how long workers take to come and to go.
#
# DATA has one data set a model, and in it a row for each number of workers: the
# row's middle in pixels, the workers, then median, low and high bound of the
# time until all are ready, and of the time until all are gone, in ns.

set xrange [X_MIN:X_MAX]
set yrange [BOTTOM:TOP]
set logscale x
unset mxtics
set xtics scale 0.4
unset ytics
set border 0
set errorbars small

# Ready is a dot, gone a ring a little below it; in pixels, downwards.
APART = 4.5

plot for [i = 1:MODELS] DATA index i - 1 using 3:($1 - APART):4:5 with xerrorbars \
		pointtype 7 pointsize 0.7 linewidth 1.5 dashtype 1 linecolor rgb COLOUR[i] \
		title MODEL[i].', until ready' noenhanced, \
	for [i = 1:MODELS] DATA index i - 1 using 6:($1 + APART):7:8 with xerrorbars \
		pointtype 6 pointsize 1.1 linewidth 1.5 dashtype 1 linecolor rgb COLOUR[i] \
		title MODEL[i].', until gone' noenhanced, \
	for [i = 1:MODELS] DATA index i - 1 using 3:($1 - APART) with points \
		pointtype 7 pointsize 0.7 linecolor rgb COLOUR[i] notitle, \
	for [i = 1:MODELS] DATA index i - 1 using 6:($1 + APART) with points \
		pointtype 6 pointsize 1.1 linewidth 1.5 \
		linecolor rgb COLOUR[i] notitle
