# granularity-primes: written by manyhands.  To draw it again, here:
#	gnuplot granularity-primes.gp

NAME = 'granularity-primes'
DATA = NAME.'.dat'
WIDTH = 880.0
HEIGHT = 588.0
LEFT = 72.0
RIGHT = 700.0
TOP = 118.0
BOTTOM = 518.0
set label '{/:Bold Efficiency by duration of a task}' at screen 0.02273, 0.95238 left font ',18' tc rgb '#1F2328' front
set label 'primes, 2 workers. Line: median of 12 blocks; band: its 95 % interval.' at screen 0.02273, 0.89796 left font ',14' tc rgb '#57606A' noenhanced front
MODELS = 5
array MODEL[5] = ['fork', 'thread_per_task', 'pool', 'threads', 'cluster']
array COLOUR[5] = ['#D55E00', '#6B3A00', '#0072B2', '#009E73', '#CC79A7']
array POINT[5] = [13, 11, 5, 7, 9]
set linetype 1 lc rgb '#D55E00' lw 2.5 dt solid pt 13 ps 0.75
set linetype 2 lc rgb '#6B3A00' lw 2.5 dt solid pt 11 ps 0.75
set linetype 3 lc rgb '#0072B2' lw 2.5 dt solid pt 5 ps 0.75
set linetype 4 lc rgb '#009E73' lw 2.5 dt solid pt 7 ps 0.75
set linetype 5 lc rgb '#CC79A7' lw 2.5 dt solid pt 9 ps 0.75
X_MIN = 4275.79
X_MAX = 5.89474e+06
Y_MAX = 1.04
set ytics ('0 %%' 0, '25 %%' 0.25, '50 %%' 0.5, '75 %%' 0.75, '95 %%' 0.95, '100 %%' 1)
set xtics ('10 µs' 10000, '100 µs' 100000, '1 ms' 1e+06)
set label 'efficiency' at screen 0.02273, 0.84014 left font ',14' tc rgb '#57606A' noenhanced front
set label 'METG: where a curve crosses 50 % and 95 %' at screen 0.79545, 0.84014 right font ',12.5' tc rgb '#57606A' noenhanced front
set label '' at screen 0.48736, 0.84014 point pt 6 ps 1.1 lc rgb '#57606A' front
set label 'duration of a task in serial (log scale)' at screen 0.43864, 0.03741 center font ',14' tc rgb '#1F2328' noenhanced front
set arrow from screen 0.08182, 0.44610 to screen 0.79545, 0.44610 nohead lc rgb '#57606A' lw 1 dt (5,3)
set arrow from screen 0.08182, 0.74045 to screen 0.79545, 0.74045 nohead lc rgb '#57606A' lw 1 dt (5,3)
set arrow from screen 0.08182, 0.77316 to screen 0.79545, 0.77316 nohead lc rgb '#8A9199' lw 1 dt solid
set label '{/:Bold fork}' at screen 0.80682, 0.55442 left font ',14' tc rgb '#B34F00' front
set label '95 %: above 5.26 ms' at screen 0.80682, 0.52721 left font ',12.5' tc rgb '#57606A' noenhanced front
set arrow from screen 0.79108, 0.67246 to screen 0.80227, 0.55442 nohead lc rgb '#D55E00' lw 0.8 dt solid
set label '{/:Bold thread\_per\_task}' at screen 0.80682, 0.61565 left font ',14' tc rgb '#6B3A00' front
set label '95 %: above 5.26 ms' at screen 0.80682, 0.58844 left font ',12.5' tc rgb '#57606A' noenhanced front
set arrow from screen 0.79108, 0.70430 to screen 0.80227, 0.61565 nohead lc rgb '#6B3A00' lw 0.8 dt solid
set label '{/:Bold pool}' at screen 0.80682, 0.79932 left font ',14' tc rgb '#0063A0' front
set label '95 %: 1.33 ms' at screen 0.80682, 0.77211 left font ',12.5' tc rgb '#57606A' noenhanced front
set arrow from screen 0.79108, 0.75637 to screen 0.80227, 0.79932 nohead lc rgb '#0072B2' lw 0.8 dt solid
set label '{/:Bold threads}' at screen 0.80682, 0.73810 left font ',14' tc rgb '#007A59' front
set label '95 %: 3.11 ms' at screen 0.80682, 0.71088 left font ',12.5' tc rgb '#57606A' noenhanced front
set arrow from screen 0.79108, 0.75594 to screen 0.80227, 0.73810 nohead lc rgb '#009E73' lw 0.8 dt solid
set label '{/:Bold cluster}' at screen 0.80682, 0.67687 left font ',14' tc rgb '#9A4675' front
set label '95 %: 4.28 ms' at screen 0.80682, 0.64966 left font ',12.5' tc rgb '#57606A' noenhanced front
set arrow from screen 0.79108, 0.74863 to screen 0.80227, 0.67687 nohead lc rgb '#CC79A7' lw 0.8 dt solid

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
