# evidence-primes: written by manyhands.  To draw it again, here:
#	gnuplot evidence-primes.gp

NAME = 'evidence-primes'
DATA = NAME.'.dat'
WIDTH = 880.0
HEIGHT = 560.0
LEFT = 66.0
RIGHT = 708.0
TOP = 118.0
BOTTOM = 496.0
set label '{/:Bold 1 of 48 ratios lies far out}' at screen 0.02273, 0.95000 left font ',18' tc rgb '#1F2328' front
set label 'primes, 2 workers: throughput as a share of that of threads in the same block' at screen 0.02273, 0.89286 left font ',14' tc rgb '#57606A' noenhanced front
set object rectangle from screen 0.07500, 0.84821 to screen 0.09773, 0.82321 fillcolor rgb '#DDE1E6' fillstyle transparent solid 1 noborder
set arrow from screen 0.07500, 0.83571 to screen 0.09773, 0.83571 nohead lc rgb '#57606A' lw 1 dt solid
set label 'less than 3 % from the reference' at screen 0.10455, 0.83571 left font ',12.5' tc rgb '#1F2328' noenhanced front
set object rectangle from screen 0.33963, 0.84821 to screen 0.36236, 0.82321 fillcolor rgb '#8A9199' fillstyle transparent solid 0.3 noborder
set arrow from screen 0.33963, 0.83571 to screen 0.36236, 0.83571 nohead lc rgb '#57606A' lw 1.5 dt solid
set label 'median and its 95 % interval' at screen 0.36918, 0.83571 left font ',12.5' tc rgb '#1F2328' noenhanced front
set label '' at screen 0.58551, 0.83571 point pt 7 ps 0.6 lc rgb '#57606A' front
set label '' at screen 0.58551, 0.83571 point pt 6 ps 1.3 lc rgb '#1F2328' front
set label 'far out' at screen 0.60028, 0.83571 left font ',12.5' tc rgb '#1F2328' noenhanced front
X_MIN = 0.5
X_MAX = 12.5
set xtics ('' 2, '' 4, '' 6, '' 8, '' 10, '' 12)
set label '2' at screen 0.16619, 0.08214 center font ',14' tc rgb '#1F2328' noenhanced front
set label '4' at screen 0.28778, 0.08214 center font ',14' tc rgb '#1F2328' noenhanced front
set label '6' at screen 0.40937, 0.08214 center font ',14' tc rgb '#1F2328' noenhanced front
set label '8' at screen 0.53097, 0.08214 center font ',14' tc rgb '#1F2328' noenhanced front
set label '10' at screen 0.65256, 0.08214 center font ',14' tc rgb '#1F2328' noenhanced front
set label '12' at screen 0.77415, 0.08214 center font ',14' tc rgb '#1F2328' noenhanced front
set label 'block, in the order measured' at screen 0.43977, 0.03929 center font ',14' tc rgb '#1F2328' noenhanced front
set object rectangle from screen 0.07500, 0.78929 to screen 0.80455, 0.63929 fillcolor rgb '#F6F7F8' fillstyle transparent solid 1 noborder
set label '1 is further up' at screen 0.08182, 0.77143 left font ',12.5' tc rgb '#57606A' noenhanced front
set object rectangle from screen 0.07500, 0.72599 to screen 0.80455, 0.68683 fillcolor rgb '#D55E00' fillstyle transparent solid 0.22 noborder
set arrow from screen 0.07500, 0.71429 to screen 0.80455, 0.71429 nohead lc rgb '#D55E00' lw 1.5 dt solid
set label '0.60' at screen 0.06591, 0.67522 right font ',12.5' tc rgb '#1F2328' noenhanced front
set label '0.65' at screen 0.06591, 0.71599 right font ',12.5' tc rgb '#1F2328' noenhanced front
set label '0.70' at screen 0.06591, 0.75374 right font ',12.5' tc rgb '#1F2328' noenhanced front
set label '0.51' at screen 0.54233, 0.65714 left font ',12.5' tc rgb '#1F2328' noenhanced front
set label '{/:Bold fork}' at screen 0.81818, 0.74464 left font ',14' tc rgb '#B34F00' front
set label '0.65 [0.61, 0.66]' at screen 0.81818, 0.71250 left font ',12.5' tc rgb '#57606A' noenhanced front
set label 'slower' at screen 0.81818, 0.68214 left font ',12.5' tc rgb '#57606A' noenhanced front
set object rectangle from screen 0.07500, 0.61429 to screen 0.80455, 0.46429 fillcolor rgb '#F6F7F8' fillstyle transparent solid 1 noborder
set object rectangle from screen 0.07500, 0.59643 to screen 0.80455, 0.59001 fillcolor rgb '#DDE1E6' fillstyle transparent solid 1 noborder
set label '1 is further up' at screen 0.08182, 0.59643 left font ',12.5' tc rgb '#57606A' noenhanced front
set object rectangle from screen 0.07500, 0.55786 to screen 0.80455, 0.51000 fillcolor rgb '#6B3A00' fillstyle transparent solid 0.22 noborder
set arrow from screen 0.07500, 0.53929 to screen 0.80455, 0.53929 nohead lc rgb '#6B3A00' lw 1.5 dt solid
set label '0.80' at screen 0.06591, 0.49187 right font ',12.5' tc rgb '#1F2328' noenhanced front
set label '0.85' at screen 0.06591, 0.52275 right font ',12.5' tc rgb '#1F2328' noenhanced front
set label '0.90' at screen 0.06591, 0.55186 right font ',12.5' tc rgb '#1F2328' noenhanced front
set label '0.95' at screen 0.06591, 0.57940 right font ',12.5' tc rgb '#1F2328' noenhanced front
set label '{/:Bold thread\_per\_task}' at screen 0.81818, 0.56964 left font ',14' tc rgb '#6B3A00' front
set label '0.88 [0.83, 0.91]' at screen 0.81818, 0.53750 left font ',12.5' tc rgb '#57606A' noenhanced front
set label 'slower' at screen 0.81818, 0.50714 left font ',12.5' tc rgb '#57606A' noenhanced front
set object rectangle from screen 0.07500, 0.43929 to screen 0.80455, 0.28929 fillcolor rgb '#F6F7F8' fillstyle transparent solid 1 noborder
set object rectangle from screen 0.07500, 0.38327 to screen 0.80455, 0.35270 fillcolor rgb '#DDE1E6' fillstyle transparent solid 1 noborder
set arrow from screen 0.07500, 0.36822 to screen 0.80455, 0.36822 nohead lc rgb '#57606A' lw 1 dt solid
set object rectangle from screen 0.07500, 0.37116 to screen 0.80455, 0.32855 fillcolor rgb '#0072B2' fillstyle transparent solid 0.22 noborder
set arrow from screen 0.07500, 0.36429 to screen 0.80455, 0.36429 nohead lc rgb '#0072B2' lw 1.5 dt solid
set label '0.90' at screen 0.06591, 0.31455 right font ',12.5' tc rgb '#1F2328' noenhanced front
set label '1.00' at screen 0.06591, 0.36822 right font ',12.5' tc rgb '#1F2328' noenhanced front
set label '1.10' at screen 0.06591, 0.41676 right font ',12.5' tc rgb '#1F2328' noenhanced front
set label '{/:Bold pool}' at screen 0.81818, 0.39464 left font ',14' tc rgb '#0063A0' front
set label '0.99 [0.93, 1.01]' at screen 0.81818, 0.36250 left font ',12.5' tc rgb '#57606A' noenhanced front
set label 'cannot tell' at screen 0.81818, 0.33214 left font ',12.5' tc rgb '#57606A' noenhanced front
set object rectangle from screen 0.07500, 0.26429 to screen 0.80455, 0.11429 fillcolor rgb '#F6F7F8' fillstyle transparent solid 1 noborder
set object rectangle from screen 0.07500, 0.22344 to screen 0.80455, 0.19287 fillcolor rgb '#DDE1E6' fillstyle transparent solid 1 noborder
set arrow from screen 0.07500, 0.20839 to screen 0.80455, 0.20839 nohead lc rgb '#57606A' lw 1 dt solid
set object rectangle from screen 0.07500, 0.20248 to screen 0.80455, 0.16654 fillcolor rgb '#CC79A7' fillstyle transparent solid 0.22 noborder
set arrow from screen 0.07500, 0.18929 to screen 0.80455, 0.18929 nohead lc rgb '#CC79A7' lw 1.5 dt solid
set label '0.90' at screen 0.06591, 0.15472 right font ',12.5' tc rgb '#1F2328' noenhanced front
set label '1.00' at screen 0.06591, 0.20839 right font ',12.5' tc rgb '#1F2328' noenhanced front
set label '{/:Bold cluster}' at screen 0.81818, 0.21964 left font ',14' tc rgb '#9A4675' front
set label '0.96 [0.92, 0.99]' at screen 0.81818, 0.18750 left font ',12.5' tc rgb '#57606A' noenhanced front
set label 'slower' at screen 0.81818, 0.15714 left font ',12.5' tc rgb '#57606A' noenhanced front
MODELS = 4
array MODEL[4] = ['fork', 'thread_per_task', 'pool', 'cluster']
array COLOUR[4] = ['#D55E00', '#6B3A00', '#0072B2', '#CC79A7']
array POINT[4] = [13, 11, 5, 9]
set linetype 1 lc rgb '#D55E00' lw 2.5 dt solid pt 13 ps 0.75
set linetype 2 lc rgb '#6B3A00' lw 2.5 dt solid pt 11 ps 0.75
set linetype 3 lc rgb '#0072B2' lw 2.5 dt solid pt 5 ps 0.75
set linetype 4 lc rgb '#CC79A7' lw 2.5 dt solid pt 9 ps 0.75
ROOM = 32
SCALE = 285.235
array MIDDLE[4]
array CENTRE[4]
MIDDLE[1] = 160.0
CENTRE[1] = 0.647824
MIDDLE[2] = 258.0
CENTRE[2] = 0.878047
MIDDLE[3] = 356.0
CENTRE[3] = 0.992314
MIDDLE[4] = 454.0
CENTRE[4] = 0.963192

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

# evidence.gp - the ratios that a verdict is made of, block by block.
#
# DATA has one data set a model: block, ratio to the reference, whether the
# block was noisy, whether the ratio is far out.  A panel for each: its middle is
# the model's median ratio CENTRE[i], and ROOM pixels are above and below.  The
# axis is in pixels; SCALE of them are a factor of e, in every panel.

set xrange [X_MIN:X_MAX]
set yrange [BOTTOM:TOP]
set xtics scale 0.4
unset ytics
set border 0

# Where a ratio is; if it is off the panel, at its edge.
clip(y) = y > ROOM ? ROOM : y < -ROOM ? -ROOM : y
at(i) = MIDDLE[i] - clip(SCALE * log(column(2) / CENTRE[i]))

plot for [i = 1:MODELS] DATA index i - 1 \
		using 1:(column(3) == 1 ? 1/0 : at(i)) with points pointtype 7 \
		pointsize 0.6 linecolor rgb COLOUR[i] \
		title MODEL[i] noenhanced, \
	for [i = 1:MODELS] DATA index i - 1 \
		using 1:(column(3) == 1 ? at(i) : 1/0) with points pointtype 6 \
		pointsize 0.6 linewidth 1.5 linecolor rgb COLOUR[i] \
		title MODEL[i].', noisy blocks' noenhanced, \
	for [i = 1:MODELS] DATA index i - 1 \
		using 1:(column(4) == 1 ? at(i) : 1/0) with points pointtype 6 \
		pointsize 1.3 linewidth 1.2 linecolor rgb '#1F2328' \
		title MODEL[i].', far out' noenhanced
