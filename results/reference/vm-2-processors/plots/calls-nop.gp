# calls-nop: written by manyhands.  To draw it again, here:
#	gnuplot calls-nop.gp

NAME = 'calls-nop'
DATA = NAME.'.dat'
WIDTH = 880.0
HEIGHT = 508.0
LEFT = 72.0
RIGHT = 700.0
TOP = 118.0
BOTTOM = 438.0
set label '{/:Bold A program started by a parent of 64 MiB: fork + exec 3.40 ms, posix\_spawn 615 µs}' at screen 0.02273, 0.94488 left font ',18' tc rgb '#1F2328' front
set label 'One worker after the other. Line: median of 12 blocks of the mean time; band: its 95 % interval.' at screen 0.02273, 0.88189 left font ',14' tc rgb '#57606A' noenhanced front
MODELS = 4
array MODEL[4] = ['fork', 'fork + exec', 'posix_spawn', 'pthread_create']
array COLOUR[4] = ['#D55E00', '#882255', '#0072B2', '#009E73']
array POINT[4] = [13, 9, 5, 7]
set linetype 1 lc rgb '#D55E00' lw 2.5 dt solid pt 13 ps 0.75
set linetype 2 lc rgb '#882255' lw 2.5 dt solid pt 9 ps 0.75
set linetype 3 lc rgb '#0072B2' lw 2.5 dt solid pt 5 ps 0.75
set linetype 4 lc rgb '#009E73' lw 2.5 dt solid pt 7 ps 0.75
set xtics ('0' 0, '64 MiB' 67108864)
X_MAX = 6.8451e+07
Y_MAX = 3.91998e+06
set ytics ('0' 0, '1 ms' 1e+06, '2 ms' 2e+06, '3 ms' 3e+06)
set label 'time until the worker is gone' at screen 0.02273, 0.81496 left font ',14' tc rgb '#57606A' noenhanced front
set label 'memory that the parent has touched' at screen 0.43864, 0.04331 center font ',14' tc rgb '#1F2328' noenhanced front
set label '{/:Bold fork}' at screen 0.80682, 0.59790 left font ',14' tc rgb '#B34F00' front
set label '222 µs … 2.86 ms' at screen 0.80682, 0.56640 left font ',12.5' tc rgb '#57606A' noenhanced front
set label '{/:Bold fork + exec}' at screen 0.80682, 0.68406 left font ',14' tc rgb '#882255' front
set label '763 µs … 3.40 ms' at screen 0.80682, 0.65256 left font ',12.5' tc rgb '#57606A' noenhanced front
set label '{/:Bold posix\_spawn}' at screen 0.80682, 0.23667 left font ',14' tc rgb '#0063A0' front
set label '594 µs … 615 µs' at screen 0.80682, 0.20517 left font ',12.5' tc rgb '#57606A' noenhanced front
set label '{/:Bold pthread\_create}' at screen 0.80682, 0.16142 left font ',14' tc rgb '#007A59' front
set label '21.2 µs … 20.7 µs' at screen 0.80682, 0.12992 left font ',12.5' tc rgb '#57606A' noenhanced front
set arrow from screen 0.78828, 0.14112 to screen 0.80227, 0.16142 nohead lc rgb '#009E73' lw 0.8 dt solid

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

# calls.gp - what creating a worker costs a parent that has much memory.
#
# DATA has two data sets for each call, first that with pages of 4 KiB, then that
# with huge pages: the memory of the parent in bytes, then median, low and high
# bound of the time until the worker is gone again, in ns.

set xrange [0:X_MAX]
set yrange [0:Y_MAX]
set xtics scale 0.6
set ytics scale 0
set errorbars small
set grid ytics linetype 1 linecolor rgb '#E3E5E8' linewidth 1

plot for [i = 1:MODELS] DATA index 2 * i - 1 using 1:2 with linespoints \
		linecolor rgb COLOUR[i] linewidth 1.5 dashtype (5, 4) \
		pointtype 6 pointsize 0.75 \
		title MODEL[i].', huge pages' noenhanced, \
	for [i = 1:MODELS] DATA index 2 * i - 2 using 1:3:4 with filledcurves \
		fillcolor rgb COLOUR[i] fillstyle transparent solid 0.15 \
		noborder title 'interval of '.MODEL[i] noenhanced, \
	for [i = 1:MODELS] DATA index 2 * i - 2 using 1:2 with linespoints \
		linetype i dashtype 1 title MODEL[i] noenhanced
