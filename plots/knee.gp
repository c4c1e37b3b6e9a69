
# knee.gp - the 99th percentile of the response time by load.
#
# DATA has one data set a model: load in percent of the model's own capacity,
# 99th percentile in ns, the ends of its interval.  `?' in the place of the time:
# saturated, a mark at the upper edge.

set xrange [X_MIN:X_MAX]
set yrange [Y_MIN:Y_MAX]
set logscale y
set xtics scale 0.6
set ytics scale 0
unset mytics
set grid ytics linetype 1 linecolor rgb '#E3E5E8' linewidth 1

# A little apart, so that intervals at the same load do not hide each other.
at(i) = column(1) + (i - (MODELS + 1) / 2.0) * SHIFT

plot for [i = 1:MODELS] DATA index i - 1 using (at(i)):2:3:4 with yerrorbars \
		linecolor rgb COLOUR[i] linewidth 1.2 pointtype 0 \
		title MODEL[i].', 95 % interval' noenhanced, \
	for [i = 1:MODELS] DATA index i - 1 using (at(i)):2 with linespoints \
		linetype i pointsize 0.9 title MODEL[i] noenhanced
