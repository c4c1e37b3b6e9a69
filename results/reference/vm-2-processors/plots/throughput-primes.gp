# throughput-primes: written by manyhands.  To draw it again, here:
#	gnuplot throughput-primes.gp

NAME = 'throughput-primes'
DATA = NAME.'.dat'
WIDTH = 880.0
HEIGHT = 548.0
LEFT = 66.0
RIGHT = 706.0
TOP = 132.0
BOTTOM = 480.0
set label '{/:Bold pool, threads and cluster use 2 processors well; fork does not}' at screen 0.02273, 0.94891 left font ',18' tc rgb '#1F2328' front
set label 'primes, 847 µs a task. Line: median of 12 blocks; band: its 95 % interval.' at screen 0.02273, 0.89051 left font ',14' tc rgb '#57606A' noenhanced front
MODELS = 5
array MODEL[5] = ['fork', 'thread_per_task', 'pool', 'threads', 'cluster']
array COLOUR[5] = ['#D55E00', '#6B3A00', '#0072B2', '#009E73', '#CC79A7']
array POINT[5] = [13, 11, 5, 7, 9]
set linetype 1 lc rgb '#D55E00' lw 2.5 dt solid pt 13 ps 0.75
set linetype 2 lc rgb '#6B3A00' lw 2.5 dt solid pt 11 ps 0.75
set linetype 3 lc rgb '#0072B2' lw 2.5 dt solid pt 5 ps 0.75
set linetype 4 lc rgb '#009E73' lw 2.5 dt solid pt 7 ps 0.75
set linetype 5 lc rgb '#CC79A7' lw 2.5 dt solid pt 9 ps 0.75
IDEAL = 1
SERIAL = 1
X_MIN = 0.52809
X_MAX = 4.1236
Y_MAX = 2502.93
set xtics ('' 1, '' 2, '' 4)
set label '1' at screen 0.17045, 0.08394 center font ',14' tc rgb '#1F2328' noenhanced front
set label '2' at screen 0.37273, 0.08394 center font ',14' tc rgb '#1F2328' noenhanced front
set label '4' at screen 0.77727, 0.08394 center font ',14' tc rgb '#1F2328' noenhanced front
set ytics ('0' 0, '500' 500, '1 000' 1000, '1 500' 1500, '2 000' 2000, '2 500' 2500)
set label 'tasks per second' at screen 0.02273, 0.82847 left font ',14' tc rgb '#57606A' noenhanced front
set label 'workers' at screen 0.43864, 0.03650 center font ',14' tc rgb '#1F2328' noenhanced front
set arrow from screen 0.37273, 0.76642 to screen 0.37273, 0.12409 nohead lc rgb '#8A9199' lw 1 dt (3,4)
set label '2 processors' at screen 0.37273, 0.78467 center font ',12.5' tc rgb '#57606A' noenhanced front
set label 'ideal: serial × workers, up to the processors' at screen 0.80227, 0.82847 right font ',12.5' tc rgb '#57606A' noenhanced front
set arrow from screen 0.48253, 0.82847 to screen 0.51435, 0.82847 nohead lc rgb '#57606A' lw 1.5 dt (5,3)
SERIAL_MODEL = 'serial'
SERIAL_COLOUR = '#555555'
SERIAL_POINT = 6
set arrow from screen 0.07500, 0.42939 to screen 0.17045, 0.42939 nohead lc rgb '#555555' lw 1.2 dt (4,3)
set label '{/:Bold serial}' at screen 0.08182, 0.44947 left font ',14' tc rgb '#444444' front
array LAW[5]
LAW[1] = 1
LAWS = 0
set label '{/:Bold fork}' at screen 0.81364, 0.46999 left font ',14' tc rgb '#B34F00' front
set label '1.88× its own 1 worker' at screen 0.81364, 0.44079 left font ',12.5' tc rgb '#57606A' noenhanced front
set label '{/:Bold thread\_per\_task}' at screen 0.81364, 0.56204 left font ',14' tc rgb '#6B3A00' front
set label '1.95× its own 1 worker' at screen 0.81364, 0.53285 left font ',12.5' tc rgb '#57606A' noenhanced front
set arrow from screen 0.78409, 0.61630 to screen 0.80909, 0.56204 nohead lc rgb '#6B3A00' lw 0.8 dt solid
set label '{/:Bold pool}' at screen 0.81364, 0.69343 left font ',14' tc rgb '#0063A0' front
set label '1.91× its own 1 worker' at screen 0.81364, 0.66423 left font ',12.5' tc rgb '#57606A' noenhanced front
set arrow from screen 0.78409, 0.68649 to screen 0.80909, 0.69343 nohead lc rgb '#0072B2' lw 0.8 dt solid
set label '{/:Bold threads}' at screen 0.81364, 0.62774 left font ',14' tc rgb '#007A59' front
set label '1.92× its own 1 worker' at screen 0.81364, 0.59854 left font ',12.5' tc rgb '#57606A' noenhanced front
set arrow from screen 0.78409, 0.68396 to screen 0.80909, 0.62774 nohead lc rgb '#009E73' lw 0.8 dt solid
set label '{/:Bold cluster}' at screen 0.81364, 0.75912 left font ',14' tc rgb '#9A4675' front
set label '1.94× its own 1 worker' at screen 0.81364, 0.72993 left font ',12.5' tc rgb '#57606A' noenhanced front
set arrow from screen 0.78409, 0.68734 to screen 0.80909, 0.75912 nohead lc rgb '#CC79A7' lw 0.8 dt solid

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
