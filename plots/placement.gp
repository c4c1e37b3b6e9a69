
# placement.gp - what a policy of placement does, against another.
#
# DATA has one data set a model, and in it a row for each policy: the row's
# middle in pixels, then median, low and high bound of the ratio, and the name.

set xrange [X_MIN:X_MAX]
set yrange [BOTTOM:TOP]
set logscale x
unset mxtics
set xtics scale 0.4
unset ytics
set border 0
set errorbars small

plot for [i = 1:MODELS] DATA index i - 1 using 2:1:3:4 with xerrorbars \
		pointtype POINT[i] pointsize 0.8 linewidth 1.8 dashtype 1 \
		linecolor rgb COLOUR[i] \
		title MODEL[i].', interval' noenhanced, \
	for [i = 1:MODELS] DATA index i - 1 using 2:1 with points \
		pointtype POINT[i] pointsize 0.8 linecolor rgb COLOUR[i] \
		title MODEL[i] noenhanced
