# omission-primes: written by manyhands.  To draw it again, here:
#	gnuplot omission-primes.gp

NAME = 'omission-primes'
DATA = NAME.'.dat'
WIDTH = 880.0
HEIGHT = 546.0
LEFT = 72.0
RIGHT = 700.0
TOP = 118.0
BOTTOM = 458.0
set label '{/:Bold Who forgets the waiting sees a 99th percentile of 3.21 ms instead of 20.1 ms}' at screen 0.02273, 0.94872 left font ',18' tc rgb '#1F2328' front
set label 'primes, fork at 70 % of what the slowest model can do (975 tasks/s). Band: 95 % interval.' at screen 0.02273, 0.89011 left font ',14' tc rgb '#57606A' noenhanced front
MODELS = 2
array MODEL[2] = ['from the due time', 'from the hand-over']
array COLOUR[2] = ['#D55E00', '#8A9199']
array POINT[2] = [13, 5]
set linetype 1 lc rgb '#D55E00' lw 2.5 dt solid pt 13 ps 0.75
set linetype 2 lc rgb '#8A9199' lw 2.5 dt solid pt 5 ps 0.75
BANDS = 2
X_MIN = 0
X_MAX = 2.30882
Y_MIN = 1.0329e+06
Y_MAX = 2.57753e+07
set ytics ('2 ms' 2e+06, '5 ms' 5e+06, '10 ms' 1e+07, '20 ms' 2e+07)
set xtics ('' 0.30103, '' 1, '' 2)
set label '50 %' at screen 0.17486, 0.12088 center font ',14' tc rgb '#1F2328' noenhanced front
set label '1 in 2' at screen 0.17486, 0.08242 center font ',14' tc rgb '#1F2328' noenhanced front
set label '90 %' at screen 0.39091, 0.12088 center font ',14' tc rgb '#1F2328' noenhanced front
set label '1 in 10' at screen 0.39091, 0.08242 center font ',14' tc rgb '#1F2328' noenhanced front
set label '99 %' at screen 0.70000, 0.12088 center font ',14' tc rgb '#1F2328' noenhanced front
set label '1 in 100' at screen 0.70000, 0.08242 center font ',14' tc rgb '#1F2328' noenhanced front
set label 'time per task (log scale)' at screen 0.02273, 0.82784 left font ',14' tc rgb '#57606A' noenhanced front
set label 'percentile of tasks' at screen 0.43864, 0.03663 center font ',14' tc rgb '#1F2328' noenhanced front
set label '{/:Bold from its due time}' at screen 0.80682, 0.74275 left font ',14' tc rgb '#B34F00' front
set label 'p50 2.62 ms, p99 20.1 ms' at screen 0.80682, 0.71344 left font ',12.5' tc rgb '#57606A' noenhanced front
set label '{/:Bold from the hand-over}' at screen 0.80682, 0.40830 left font ',14' tc rgb '#57606A' front
set label 'p50 1.47 ms, p99 3.21 ms' at screen 0.80682, 0.37900 left font ',12.5' tc rgb '#57606A' noenhanced front

# style.gp - what all figures share.
#
# Before this come, computed from the data: NAME, DATA, the size of the picture
# (WIDTH, HEIGHT), the box of the axes in pixels from the top left corner (LEFT,
# RIGHT, TOP, BOTTOM), tics, and all labels.

set encoding utf8
set terminal svg size WIDTH, HEIGHT dynamic enhanced \
	font 'Liberation Sans,14' background 'white'
set output NAME.'.svg'

set lmargin at screen LEFT / WIDTH
set rmargin at screen RIGHT / WIDTH
set tmargin at screen 1 - TOP / HEIGHT
set bmargin at screen 1 - BOTTOM / HEIGHT

set key off
set datafile missing '?'
set border 1 linecolor rgb '#8A9199' linewidth 1
set tics nomirror textcolor rgb '#1F2328'

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
