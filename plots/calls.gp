
# calls.gp - what creating a worker costs a parent that has much memory.
#
# DATA has two data sets for each call, first that with pages of 4 KiB, then that
# with huge pages: the memory of the parent in bytes, then median, low and high
# bound of the time until the worker is gone again, in ns.

set xrange [0:X_MAX]
set yrange [0:Y_MAX]
set xtics scale 0.6
set ytics scale 0
set errorbars small
set grid ytics linetype 1 linecolor rgb '#E3E5E8' linewidth 1

plot for [i = 1:MODELS] DATA index 2 * i - 1 using 1:2 with linespoints \
		linecolor rgb COLOUR[i] linewidth 1.5 dashtype (5, 4) \
		pointtype 6 pointsize 0.75 \
		title MODEL[i].', huge pages' noenhanced, \
	for [i = 1:MODELS] DATA index 2 * i - 2 using 1:3:4 with filledcurves \
		fillcolor rgb COLOUR[i] fillstyle transparent solid 0.15 \
		noborder title 'interval of '.MODEL[i] noenhanced, \
	for [i = 1:MODELS] DATA index 2 * i - 2 using 1:2 with linespoints \
		linetype i dashtype 1 title MODEL[i] noenhanced
