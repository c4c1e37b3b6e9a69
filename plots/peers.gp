# peers.gp - our models beside what others use: from which task on, or how much.
#
# DATA has one data set a row: the row's middle in pixels, then median, low and high
# bound of what is a dot (METG at 95 %, or tasks per second), and of what is a ring
# (METG at 50 %), "?" where there is none.  The ring is APART pixels below the middle,
# the dot as many above it.

set xrange [X_MIN:X_MAX]
set yrange [BOTTOM:TOP]
set logscale x
unset mxtics
set xtics scale 0.4
unset ytics
set border 0
set errorbars small

plot for [i = 1:MODELS] DATA index i - 1 using 2:($1 - APART):3:4 with xerrorbars \
		pointtype 7 pointsize 0.8 linewidth 1.5 dashtype 1 linecolor rgb COLOUR[i] \
		title MODEL[i] noenhanced, \
	for [i = 1:MODELS] DATA index i - 1 using 5:($1 + APART):6:7 with xerrorbars \
		pointtype 6 pointsize 1.1 linewidth 1.5 dashtype 1 linecolor rgb COLOUR[i] \
		title MODEL[i].', 50 %' noenhanced, \
	for [i = 1:MODELS] DATA index i - 1 using 2:($1 - APART) with points \
		pointtype 7 pointsize 0.8 linecolor rgb COLOUR[i] notitle, \
	for [i = 1:MODELS] DATA index i - 1 using 5:($1 + APART) with points \
		pointtype 6 pointsize 1.1 linewidth 1.5 linecolor rgb COLOUR[i] notitle
