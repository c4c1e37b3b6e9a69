
# compare.gp - what has changed from one run to another, cell by cell.
#
# DATA has one data set a model: the row in the picture from below, and the
# ratio's change with the low and high bound of its interval; `?' where there is
# none.  An interval that leaves the picture ends at its edge, without a bar.

set logscale x
set xrange [X_MIN:X_MAX]
set yrange [0.5:ROWS + 0.5]
set xtics scale 0.6
unset mxtics
unset ytics
set errorbars small
set grid xtics linetype 1 linecolor rgb '#E3E5E8' linewidth 1

# What does not matter, and no change at all.
set object rectangle from 1 - MARGIN, graph 0 to 1 + MARGIN, graph 1 behind \
	fillcolor rgb '#EEF1F4' fillstyle solid 1 noborder
set arrow from 1, graph 0 to 1, graph 1 nohead back \
	linecolor rgb '#57606A' linewidth 1.5 dashtype (5, 3)

plot for [i = 1:MODELS] DATA index i - 1 using 2:1:3:4 with xerrorbars \
		linetype 1 linecolor rgb COLOUR[i] linewidth 2 dashtype solid \
		pointtype 0 \
		title 'interval of '.MODEL[i] noenhanced, \
	for [i = 1:MODELS] DATA index i - 1 using 2:1 with points \
		linetype i pointsize 0.65 title MODEL[i] noenhanced
