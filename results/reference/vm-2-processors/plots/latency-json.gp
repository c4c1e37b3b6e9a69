# latency-json: written by manyhands.  To draw it again, here:
#	gnuplot latency-json.gp

NAME = 'latency-json'
DATA = NAME.'.dat'
WIDTH = 880.0
HEIGHT = 546.0
LEFT = 72.0
RIGHT = 700.0
TOP = 118.0
BOTTOM = 458.0
set label '{/:Bold From the median up, fork is slowest}' at screen 0.02273, 0.94872 left font ',18' tc rgb '#1F2328' front
set label 'json, 2 workers. Service time at full load (closed loop), tasks of 12 blocks together.' at screen 0.02273, 0.89011 left font ',14' tc rgb '#57606A' noenhanced front
MODELS = 6
array MODEL[6] = ['serial', 'fork', 'thread_per_task', 'pool', 'threads', 'cluster']
array COLOUR[6] = ['#555555', '#D55E00', '#6B3A00', '#0072B2', '#009E73', '#CC79A7']
array POINT[6] = [6, 13, 11, 5, 7, 9]
set linetype 1 lc rgb '#555555' lw 2.5 dt (4,3) pt 6 ps 0.75
set linetype 2 lc rgb '#D55E00' lw 2.5 dt solid pt 13 ps 0.75
set linetype 3 lc rgb '#6B3A00' lw 2.5 dt solid pt 11 ps 0.75
set linetype 4 lc rgb '#0072B2' lw 2.5 dt solid pt 5 ps 0.75
set linetype 5 lc rgb '#009E73' lw 2.5 dt solid pt 7 ps 0.75
set linetype 6 lc rgb '#CC79A7' lw 2.5 dt solid pt 9 ps 0.75
BANDS = 0
X_MIN = 0
X_MAX = 2.66797
Y_MIN = 1.26085e+06
Y_MAX = 6.89602e+06
set ytics ('1.5 ms' 1.5e+06, '2 ms' 2e+06, '3 ms' 3e+06, '5 ms' 5e+06)
set xtics ('' 0.30103, '' 1, '' 2)
set label '50 %' at screen 0.16234, 0.12088 center font ',14' tc rgb '#1F2328' noenhanced front
set label '1 in 2' at screen 0.16234, 0.08242 center font ',14' tc rgb '#1F2328' noenhanced front
set label '90 %' at screen 0.34930, 0.12088 center font ',14' tc rgb '#1F2328' noenhanced front
set label '1 in 10' at screen 0.34930, 0.08242 center font ',14' tc rgb '#1F2328' noenhanced front
set label '99 %' at screen 0.61678, 0.12088 center font ',14' tc rgb '#1F2328' noenhanced front
set label '1 in 100' at screen 0.61678, 0.08242 center font ',14' tc rgb '#1F2328' noenhanced front
set label 'time per task (log scale)' at screen 0.02273, 0.82784 left font ',14' tc rgb '#57606A' noenhanced front
set label 'percentile of tasks' at screen 0.43864, 0.03663 center font ',14' tc rgb '#1F2328' noenhanced front
set label '{/:Bold serial (1 worker)}' at screen 0.80682, 0.39697 left font ',14' tc rgb '#444444' front
set label 'p50 1.48 ms, p99 2.51 ms' at screen 0.80682, 0.36767 left font ',12.5' tc rgb '#57606A' noenhanced front
set arrow from screen 0.71722, 0.42013 to screen 0.80227, 0.39697 nohead lc rgb '#555555' lw 0.8 dt solid
set label '{/:Bold fork}' at screen 0.80682, 0.73266 left font ',14' tc rgb '#B34F00' front
set label 'p50 3.18 ms, p99 5.51 ms' at screen 0.80682, 0.70336 left font ',12.5' tc rgb '#57606A' noenhanced front
set arrow from screen 0.70385, 0.73266 to screen 0.80227, 0.73266 nohead lc rgb '#D55E00' lw 0.8 dt solid
set label '{/:Bold thread\_per\_task}' at screen 0.80682, 0.66071 left font ',14' tc rgb '#6B3A00' front
set label 'p50 1.88 ms, p99 3.85 ms' at screen 0.80682, 0.63140 left font ',12.5' tc rgb '#57606A' noenhanced front
set arrow from screen 0.75734, 0.61294 to screen 0.80227, 0.66071 nohead lc rgb '#6B3A00' lw 0.8 dt solid
set label '{/:Bold pool}' at screen 0.80682, 0.46291 left font ',14' tc rgb '#0063A0' front
set label 'p50 1.53 ms, p99 2.70 ms' at screen 0.80682, 0.43360 left font ',12.5' tc rgb '#57606A' noenhanced front
set arrow from screen 0.78409, 0.47054 to screen 0.80227, 0.46291 nohead lc rgb '#0072B2' lw 0.8 dt solid
set label '{/:Bold threads}' at screen 0.80682, 0.59477 left font ',14' tc rgb '#007A59' front
set label 'p50 1.66 ms, p99 2.77 ms' at screen 0.80682, 0.56547 left font ',12.5' tc rgb '#57606A' noenhanced front
set arrow from screen 0.77072, 0.57029 to screen 0.80227, 0.59477 nohead lc rgb '#009E73' lw 0.8 dt solid
set label '{/:Bold cluster}' at screen 0.80682, 0.52884 left font ',14' tc rgb '#9A4675' front
set label 'p50 1.56 ms, p99 2.79 ms' at screen 0.80682, 0.49954 left font ',12.5' tc rgb '#57606A' noenhanced front
set arrow from screen 0.78409, 0.57029 to screen 0.80227, 0.52884 nohead lc rgb '#CC79A7' lw 0.8 dt solid

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
