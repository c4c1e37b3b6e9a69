# percentiles-primes: written by manyhands.  To draw it again, here:
#	gnuplot percentiles-primes.gp

NAME = 'percentiles-primes'
DATA = NAME.'.dat'
WIDTH = 880.0
HEIGHT = 546.0
LEFT = 72.0
RIGHT = 700.0
TOP = 118.0
BOTTOM = 458.0
set label '{/:Bold Response time, by percentile}' at screen 0.02273, 0.94872 left font ',18' tc rgb '#1F2328' front
set label 'primes, 2 workers. Open loop, 975 tasks/s: 70 % of what the slowest model can do. Band: 95 % interval.' at screen 0.02273, 0.89011 left font ',14' tc rgb '#57606A' noenhanced front
MODELS = 5
array MODEL[5] = ['fork', 'thread_per_task', 'pool', 'threads', 'cluster']
array COLOUR[5] = ['#D55E00', '#6B3A00', '#0072B2', '#009E73', '#CC79A7']
array POINT[5] = [13, 11, 5, 7, 9]
set linetype 1 lc rgb '#D55E00' lw 2.5 dt solid pt 13 ps 0.75
set linetype 2 lc rgb '#6B3A00' lw 2.5 dt solid pt 11 ps 0.75
set linetype 3 lc rgb '#0072B2' lw 2.5 dt solid pt 5 ps 0.75
set linetype 4 lc rgb '#009E73' lw 2.5 dt solid pt 7 ps 0.75
set linetype 5 lc rgb '#CC79A7' lw 2.5 dt solid pt 9 ps 0.75
BANDS = 5
X_MIN = 0
X_MAX = 2.30882
Y_MIN = 772897
Y_MAX = 2.57753e+07
set ytics ('1 ms' 1e+06, '2 ms' 2e+06, '5 ms' 5e+06, '10 ms' 1e+07, '20 ms' 2e+07)
set xtics ('' 0.30103, '' 1, '' 2)
set label '50 %' at screen 0.17486, 0.12088 center font ',14' tc rgb '#1F2328' noenhanced front
set label '1 in 2' at screen 0.17486, 0.08242 center font ',14' tc rgb '#1F2328' noenhanced front
set label '90 %' at screen 0.39091, 0.12088 center font ',14' tc rgb '#1F2328' noenhanced front
set label '1 in 10' at screen 0.39091, 0.08242 center font ',14' tc rgb '#1F2328' noenhanced front
set label '99 %' at screen 0.70000, 0.12088 center font ',14' tc rgb '#1F2328' noenhanced front
set label '1 in 100' at screen 0.70000, 0.08242 center font ',14' tc rgb '#1F2328' noenhanced front
set label 'response time (log scale)' at screen 0.02273, 0.82784 left font ',14' tc rgb '#57606A' noenhanced front
set label 'percentile of tasks' at screen 0.43864, 0.03663 center font ',14' tc rgb '#1F2328' noenhanced front
set label '{/:Bold fork}' at screen 0.80682, 0.74615 left font ',14' tc rgb '#B34F00' front
set label 'p50 2.62 ms, p99 20.1 ms' at screen 0.80682, 0.71684 left font ',12.5' tc rgb '#57606A' noenhanced front
set label '{/:Bold thread\_per\_task}' at screen 0.80682, 0.47978 left font ',14' tc rgb '#6B3A00' front
set label 'p50 1.23 ms, p99 3.19 ms' at screen 0.80682, 0.45048 left font ',12.5' tc rgb '#57606A' noenhanced front
set arrow from screen 0.78409, 0.42462 to screen 0.80227, 0.47978 nohead lc rgb '#6B3A00' lw 0.8 dt solid
set label '{/:Bold pool}' at screen 0.80682, 0.58317 left font ',14' tc rgb '#0063A0' front
set label 'p50 1.08 ms, p99 5.05 ms' at screen 0.80682, 0.55387 left font ',12.5' tc rgb '#57606A' noenhanced front
set label '{/:Bold threads}' at screen 0.80682, 0.41385 left font ',14' tc rgb '#007A59' front
set label 'p50 1.12 ms, p99 3.01 ms' at screen 0.80682, 0.38454 left font ',12.5' tc rgb '#57606A' noenhanced front
set label '{/:Bold cluster}' at screen 0.80682, 0.34791 left font ',14' tc rgb '#9A4675' front
set label 'p50 1.14 ms, p99 2.80 ms' at screen 0.80682, 0.31861 left font ',12.5' tc rgb '#57606A' noenhanced front
set arrow from screen 0.78409, 0.40285 to screen 0.80227, 0.34791 nohead lc rgb '#CC79A7' lw 0.8 dt solid

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
