
# latency.gp - time per task by percentile.
#
# DATA has one data set a model: -log10(1 - share), the share of tasks that took
# no longer, and the time in ns.  On this axis each step to the right leaves a
# tenth of the tasks: 1 in 10, 1 in 100, ...  The first BANDS data sets have two
# more columns, the ends of the interval.

set xrange [X_MIN:X_MAX]
set yrange [Y_MIN:Y_MAX]
set logscale y
set xtics scale 0.6
set ytics scale 0
unset mytics
set grid xtics ytics linetype 1 linecolor rgb '#E3E5E8' linewidth 1

# Markers every now and then, at other places for each model, so that curves
# that lie on each other can still be told apart.
plot for [i = 1:BANDS] DATA index i - 1 using 1:4:5 with filledcurves \
		fillcolor rgb COLOUR[i] fillstyle transparent solid 0.12 \
		noborder title MODEL[i].', 95 % interval' noenhanced, \
	for [i = 1:BANDS] for [edge = 4:5] DATA index i - 1 using 1:edge \
		with lines linewidth 0.6 linecolor rgb COLOUR[i] \
		title MODEL[i].', end of the interval' noenhanced, \
	for [i = 1:MODELS] DATA index i - 1 using 1:3 with lines linetype i \
		title MODEL[i] noenhanced, \
	for [i = 1:MODELS] DATA index i - 1 using 1:3 \
		every 9::(2 + (i * 4) % 9) with points linetype i \
		title MODEL[i] noenhanced
