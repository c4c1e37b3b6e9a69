
# granularity.gp - efficiency against the duration of a task.
#
# DATA has one data set a model: the duration of a task in ns (what it takes in
# serial), the median of the efficiency, low and high bound of its interval.
# Then the same number of data sets with a line for each share that is asked
# for: METG in ns, the share, low and high bound of METG.

set xrange [X_MIN:X_MAX]
set yrange [0:Y_MAX]
set logscale x
unset mxtics
set xtics scale 0.6
set ytics scale 0
set errorbars small
set grid ytics linetype 1 linecolor rgb '#E3E5E8' linewidth 1

# The bands below, then the lines; METG as rings where the lines cross a share.
plot for [i = 1:MODELS] DATA index i - 1 using 1:3:4 with filledcurves \
		fillcolor rgb COLOUR[i] fillstyle transparent solid 0.15 \
		noborder title 'interval of '.MODEL[i] noenhanced, \
	for [i = 1:MODELS] DATA index i - 1 using 1:2 with linespoints \
		linetype i title MODEL[i] noenhanced, \
	for [i = 1:MODELS] DATA index MODELS + i - 1 using 1:2 with points \
		pointtype 7 pointsize 1.3 linecolor rgb 'white' notitle, \
	for [i = 1:MODELS] DATA index MODELS + i - 1 using 1:2 with points \
		pointtype 6 pointsize 1.3 linewidth 2 linecolor rgb COLOUR[i] \
		title 'METG of '.MODEL[i] noenhanced
