# startup-nop: written by manyhands.  To draw it again, here:
#	gnuplot startup-nop.gp

NAME = 'startup-nop'
DATA = NAME.'.dat'
WIDTH = 880.0
HEIGHT = 380.0
LEFT = 236.0
RIGHT = 704.0
TOP = 124.0
BOTTOM = 318.0
set label '{/:Bold How long workers take to come and to go}' at screen 0.02273, 0.92632 left font ',18' tc rgb '#1F2328' front
set label 'Median of 12 blocks; bar: its 95 % interval.' at screen 0.02273, 0.84211 left font ',14' tc rgb '#57606A' noenhanced front
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
set object rectangle from screen 0.26818, 0.67368 to screen 0.80000, 0.61053 fillcolor rgb '#F6F7F8' fillstyle transparent solid 1 noborder
set label '{/:Bold serial}' at screen 0.02273, 0.64211 left font ',14' tc rgb '#444444' front
set label '1 worker' at screen 0.25682, 0.64211 right font ',12.5' tc rgb '#1F2328' noenhanced front
set object rectangle from screen 0.26818, 0.58421 to screen 0.80000, 0.52105 fillcolor rgb '#F6F7F8' fillstyle transparent solid 1 noborder
set label '{/:Bold fork}' at screen 0.02273, 0.55263 left font ',14' tc rgb '#B34F00' front
set label '2 workers' at screen 0.25682, 0.55263 right font ',12.5' tc rgb '#1F2328' noenhanced front
set object rectangle from screen 0.26818, 0.49474 to screen 0.80000, 0.43158 fillcolor rgb '#F6F7F8' fillstyle transparent solid 1 noborder
set label '{/:Bold thread\_per\_task}' at screen 0.02273, 0.46316 left font ',14' tc rgb '#6B3A00' front
set label '2 workers' at screen 0.25682, 0.46316 right font ',12.5' tc rgb '#1F2328' noenhanced front
set object rectangle from screen 0.26818, 0.40526 to screen 0.80000, 0.34211 fillcolor rgb '#F6F7F8' fillstyle transparent solid 1 noborder
set label '{/:Bold pool}' at screen 0.02273, 0.37368 left font ',14' tc rgb '#0063A0' front
set label '2 workers' at screen 0.25682, 0.37368 right font ',12.5' tc rgb '#1F2328' noenhanced front
set object rectangle from screen 0.26818, 0.31579 to screen 0.80000, 0.25263 fillcolor rgb '#F6F7F8' fillstyle transparent solid 1 noborder
set label '{/:Bold threads}' at screen 0.02273, 0.28421 left font ',14' tc rgb '#007A59' front
set label '2 workers' at screen 0.25682, 0.28421 right font ',12.5' tc rgb '#1F2328' noenhanced front
set object rectangle from screen 0.26818, 0.22632 to screen 0.80000, 0.16316 fillcolor rgb '#F6F7F8' fillstyle transparent solid 1 noborder
set label '{/:Bold cluster}' at screen 0.02273, 0.19474 left font ',14' tc rgb '#9A4675' front
set label '2 workers' at screen 0.25682, 0.19474 right font ',12.5' tc rgb '#1F2328' noenhanced front
X_MIN = 1833.85
X_MAX = 1.59601e+06
set xtics ('' 2000, '' 5000, '' 10000, '' 20000, '' 50000, '' 100000, '' 200000, '' 500000, '' 1e+06)
set arrow from screen 0.27500, 0.67368 to screen 0.27500, 0.16316 nohead lc rgb '#E3E5E8' lw 1 dt solid
set label '2 µs' at screen 0.27500, 0.11579 center font ',14' tc rgb '#1F2328' noenhanced front
set arrow from screen 0.34699, 0.67368 to screen 0.34699, 0.16316 nohead lc rgb '#E3E5E8' lw 1 dt solid
set label '5 µs' at screen 0.34699, 0.11579 center font ',14' tc rgb '#1F2328' noenhanced front
set arrow from screen 0.40145, 0.67368 to screen 0.40145, 0.16316 nohead lc rgb '#E3E5E8' lw 1 dt solid
set label '10 µs' at screen 0.40145, 0.11579 center font ',14' tc rgb '#1F2328' noenhanced front
set arrow from screen 0.45591, 0.67368 to screen 0.45591, 0.16316 nohead lc rgb '#E3E5E8' lw 1 dt solid
set label '20 µs' at screen 0.45591, 0.11579 center font ',14' tc rgb '#1F2328' noenhanced front
set arrow from screen 0.52790, 0.67368 to screen 0.52790, 0.16316 nohead lc rgb '#E3E5E8' lw 1 dt solid
set label '50 µs' at screen 0.52790, 0.11579 center font ',14' tc rgb '#1F2328' noenhanced front
set arrow from screen 0.58236, 0.67368 to screen 0.58236, 0.16316 nohead lc rgb '#E3E5E8' lw 1 dt solid
set label '100 µs' at screen 0.58236, 0.11579 center font ',14' tc rgb '#1F2328' noenhanced front
set arrow from screen 0.63682, 0.67368 to screen 0.63682, 0.16316 nohead lc rgb '#E3E5E8' lw 1 dt solid
set label '200 µs' at screen 0.63682, 0.11579 center font ',14' tc rgb '#1F2328' noenhanced front
set arrow from screen 0.70881, 0.67368 to screen 0.70881, 0.16316 nohead lc rgb '#E3E5E8' lw 1 dt solid
set label '500 µs' at screen 0.70881, 0.11579 center font ',14' tc rgb '#1F2328' noenhanced front
set arrow from screen 0.76327, 0.67368 to screen 0.76327, 0.16316 nohead lc rgb '#E3E5E8' lw 1 dt solid
set label '1 ms' at screen 0.76327, 0.11579 center font ',14' tc rgb '#1F2328' noenhanced front
set label 'time (log scale)' at screen 0.53409, 0.05263 center font ',14' tc rgb '#1F2328' noenhanced front
set label '' at screen 0.27500, 0.75789 point pt 7 ps 0.7 lc rgb '#1F2328' front
set label 'until all workers are ready' at screen 0.28864, 0.75789 left font ',12.5' tc rgb '#1F2328' noenhanced front
set label '' at screen 0.49148, 0.75789 point pt 6 ps 1.1 lc rgb '#1F2328' front
set label 'until all are gone again' at screen 0.50739, 0.75789 left font ',12.5' tc rgb '#1F2328' noenhanced front
set label 'ready' at screen 0.88864, 0.71053 right font ',12.5' tc rgb '#57606A' noenhanced front
set label 'gone' at screen 0.97727, 0.71053 right font ',12.5' tc rgb '#57606A' noenhanced front
set label '73.8 µs' at screen 0.88864, 0.64211 right font ',12.5' tc rgb '#1F2328' noenhanced front
set label '2.64 µs' at screen 0.97727, 0.64211 right font ',12.5' tc rgb '#1F2328' noenhanced front
set label '27.9 µs' at screen 0.88864, 0.55263 right font ',12.5' tc rgb '#1F2328' noenhanced front
set label '39.4 µs' at screen 0.97727, 0.55263 right font ',12.5' tc rgb '#1F2328' noenhanced front
set label '6.64 µs' at screen 0.88864, 0.46316 right font ',12.5' tc rgb '#1F2328' noenhanced front
set label '9.70 µs' at screen 0.97727, 0.46316 right font ',12.5' tc rgb '#1F2328' noenhanced front
set label '532 µs' at screen 0.88864, 0.37368 right font ',12.5' tc rgb '#1F2328' noenhanced front
set label '567 µs' at screen 0.97727, 0.37368 right font ',12.5' tc rgb '#1F2328' noenhanced front
set label '243 µs' at screen 0.88864, 0.28421 right font ',12.5' tc rgb '#1F2328' noenhanced front
set label '136 µs' at screen 0.97727, 0.28421 right font ',12.5' tc rgb '#1F2328' noenhanced front
set label '1.05 ms' at screen 0.88864, 0.19474 right font ',12.5' tc rgb '#1F2328' noenhanced front
set label '563 µs' at screen 0.97727, 0.19474 right font ',12.5' tc rgb '#1F2328' noenhanced front

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

# startup.gp - how long workers take to come and to go.
#
# DATA has one data set a model, and in it a row for each number of workers: the
# row's middle in pixels, the workers, then median, low and high bound of the
# time until all are ready, and of the time until all are gone, in ns.

set xrange [X_MIN:X_MAX]
set yrange [BOTTOM:TOP]
set logscale x
unset mxtics
set xtics scale 0.4
unset ytics
set border 0
set errorbars small

# Ready is a dot, gone a ring a little below it; in pixels, downwards.
APART = 4.5

plot for [i = 1:MODELS] DATA index i - 1 using 3:($1 - APART):4:5 with xerrorbars \
		pointtype 7 pointsize 0.7 linewidth 1.5 dashtype 1 linecolor rgb COLOUR[i] \
		title MODEL[i].', until ready' noenhanced, \
	for [i = 1:MODELS] DATA index i - 1 using 6:($1 + APART):7:8 with xerrorbars \
		pointtype 6 pointsize 1.1 linewidth 1.5 dashtype 1 linecolor rgb COLOUR[i] \
		title MODEL[i].', until gone' noenhanced, \
	for [i = 1:MODELS] DATA index i - 1 using 3:($1 - APART) with points \
		pointtype 7 pointsize 0.7 linecolor rgb COLOUR[i] notitle, \
	for [i = 1:MODELS] DATA index i - 1 using 6:($1 + APART) with points \
		pointtype 6 pointsize 1.1 linewidth 1.5 \
		linecolor rgb COLOUR[i] notitle
