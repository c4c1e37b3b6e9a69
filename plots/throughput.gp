
# throughput.gp - completed tasks per second against the number of workers.
#
# DATA has one data set a model: position on the axis, workers, median, low and
# high bound of the interval.  A blank line is a gap: nothing was measured
# there.  Then, if IDEAL, the ideal line; then, if SERIAL, the serial model;
# then the LAWS fitted, number i to the model number LAW[i].

set xrange [X_MIN:X_MAX]
set yrange [0:Y_MAX]
set xtics scale 0.6
set ytics scale 0
set errorbars small
set grid ytics linetype 1 linecolor rgb '#E3E5E8' linewidth 1

# The bands below, then the lines: no band hides a line.  A bar shows the
# interval where there is no neighbour to draw a band to.
plot for [i = 1:MODELS] DATA index i - 1 using 1:4:5 with filledcurves \
		fillcolor rgb COLOUR[i] fillstyle transparent solid 0.15 \
		noborder title 'interval of '.MODEL[i] noenhanced, \
	for [i = 1:IDEAL] DATA index MODELS using 1:3 with lines \
		linecolor rgb '#57606A' linewidth 1.5 dashtype (5, 3) \
		title 'ideal', \
	for [i = 1:MODELS] DATA index i - 1 using 1:3:4:5 with yerrorbars \
		linetype 1 linecolor rgb COLOUR[i] linewidth 1.2 pointtype 0 \
		title 'interval of '.MODEL[i] noenhanced, \
	for [i = 1:MODELS] DATA index i - 1 using 1:3 with linespoints \
		linetype i title MODEL[i] noenhanced, \
	for [i = 1:SERIAL] DATA index MODELS + IDEAL using 1:3:4:5 \
		with yerrorbars linetype 1 linecolor rgb SERIAL_COLOUR \
		linewidth 1.2 pointtype SERIAL_POINT pointsize 0.75 \
		title SERIAL_MODEL noenhanced, \
	for [i = 1:LAWS] DATA index MODELS + IDEAL + SERIAL + i - 1 using 1:3 \
		with lines linecolor rgb COLOUR[LAW[i]] linewidth 0.8 \
		dashtype (2, 3) title 'law of '.MODEL[LAW[i]] noenhanced
