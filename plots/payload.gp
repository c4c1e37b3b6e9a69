
# payload.gp - what it costs to move a task's bytes, by how many they are.
#
# DATA has a data set for each carrier: bytes each way (none has a place left of
# the fewest), then median, low and high bound of the time to move them there
# and back, in ns.  Then one more: bytes, and the time to work on them.

set xrange [X_MIN:X_MAX]
set yrange [Y_MIN:Y_MAX]
set logscale xy
unset mxtics
unset mytics
set xtics scale 0.6
set ytics scale 0
set errorbars small
set grid ytics linetype 1 linecolor rgb '#E3E5E8' linewidth 1

# The work below, then bands, then lines.
plot DATA index MODELS using 1:2 with lines \
		linecolor rgb '#8A9199' linewidth 2 dashtype (2, 3) \
		title 'the work' noenhanced, \
	for [i = 1:MODELS] DATA index i - 1 using 1:3:4 with filledcurves \
		fillcolor rgb COLOUR[i] fillstyle transparent solid 0.15 \
		noborder title 'interval of '.MODEL[i] noenhanced, \
	for [i = 1:MODELS] DATA index i - 1 using 1:2 with linespoints \
		linetype i title MODEL[i] noenhanced
