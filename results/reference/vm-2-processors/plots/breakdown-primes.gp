# breakdown-primes: written by manyhands.  To draw it again, here:
#	gnuplot breakdown-primes.gp

NAME = 'breakdown-primes'
DATA = NAME.'.dat'
WIDTH = 880.0
HEIGHT = 478.0
LEFT = 138.8
RIGHT = 762.0
TOP = 122.0
BOTTOM = 434.0
set label '{/:Bold Starting a worker is the largest overhead: 302 µs in fork}' at screen 0.02273, 0.94142 left font ',18' tc rgb '#1F2328' front
set label 'primes, 2 workers, closed loop. Mean time of a task from its turn to its result; the phases add up.' at screen 0.02273, 0.87448 left font ',14' tc rgb '#57606A' noenhanced front
ROWS = 6
X_MAX = 1.49257e+06
PHASES = 4
array PHASE[4] = ['create worker', 'reach the worker', 'compute (the task itself)', 'return the result']
array PHASE_COLOUR[4] = ['#882255', '#E69F00', '#CFD5DD', '#56B4E9']
set xtics ('' 0, '' 500000, '' 1e+06)
set label '0' at screen 0.15768, 0.05021 center font ',14' tc rgb '#1F2328' noenhanced front
set label '500' at screen 0.39493, 0.05021 center font ',14' tc rgb '#1F2328' noenhanced front
set label '1 000 µs' at screen 0.63218, 0.05021 center font ',14' tc rgb '#1F2328' noenhanced front
set object rectangle from screen 0.15768, 0.78138 to screen 0.17245, 0.80858 fillcolor rgb '#882255' fillstyle solid 1 noborder
set label 'create worker' at screen 0.17927, 0.79498 left font ',14' tc rgb '#1F2328' noenhanced front
set object rectangle from screen 0.31102, 0.78138 to screen 0.32580, 0.80858 fillcolor rgb '#E69F00' fillstyle solid 1 noborder
set label 'reach the worker' at screen 0.33261, 0.79498 left font ',14' tc rgb '#1F2328' noenhanced front
set object rectangle from screen 0.48648, 0.78138 to screen 0.50125, 0.80858 fillcolor rgb '#CFD5DD' fillstyle solid 1 noborder
set label 'compute (the task itself)' at screen 0.50807, 0.79498 left font ',14' tc rgb '#1F2328' noenhanced front
set object rectangle from screen 0.71491, 0.78138 to screen 0.72968, 0.80858 fillcolor rgb '#56B4E9' fillstyle solid 1 noborder
set label 'return the result' at screen 0.73650, 0.79498 left font ',14' tc rgb '#1F2328' noenhanced front
set label 'serial (1 worker)' at screen 0.14632, 0.69038 right font ',14' tc rgb '#1F2328' noenhanced front
set label '771' at screen 0.34074, 0.69038 center font ',14' tc rgb '#1F2328' noenhanced front
set label '{/:Bold 771 µs}' at screen 0.53284, 0.70921 left font ',14' tc rgb '#1F2328' front
set label 'overhead 0 %' at screen 0.53284, 0.66946 left font ',12.5' tc rgb '#57606A' noenhanced front
set label 'pool' at screen 0.14632, 0.58159 right font ',14' tc rgb '#1F2328' noenhanced front
set label '798' at screen 0.35298, 0.58159 center font ',14' tc rgb '#1F2328' noenhanced front
set label '{/:Bold 823 µs}' at screen 0.55745, 0.60042 left font ',14' tc rgb '#1F2328' front
set label 'overhead 3.0 %' at screen 0.55745, 0.56067 left font ',12.5' tc rgb '#57606A' noenhanced front
set label 'threads' at screen 0.14632, 0.47280 right font ',14' tc rgb '#1F2328' noenhanced front
set label '796' at screen 0.35163, 0.47280 center font ',14' tc rgb '#1F2328' noenhanced front
set label '{/:Bold 825 µs}' at screen 0.55842, 0.49163 left font ',14' tc rgb '#1F2328' front
set label 'overhead 3.6 %' at screen 0.55842, 0.45188 left font ',12.5' tc rgb '#57606A' noenhanced front
set label 'cluster' at screen 0.14632, 0.36402 right font ',14' tc rgb '#1F2328' noenhanced front
set label '795' at screen 0.35538, 0.36402 center font ',14' tc rgb '#1F2328' noenhanced front
set label '{/:Bold 830 µs}' at screen 0.56061, 0.38285 left font ',14' tc rgb '#1F2328' front
set label 'overhead 4.2 %' at screen 0.56061, 0.34310 left font ',12.5' tc rgb '#57606A' noenhanced front
set label 'thread_per_task' at screen 0.14632, 0.25523 right font ',14' tc rgb '#1F2328' noenhanced front
set label '822' at screen 0.39573, 0.25523 center font ',14' tc rgb '#1F2328' noenhanced front
set label '86.9' at screen 0.61125, 0.25523 center font ',14' tc rgb '#1F2328' noenhanced front
set label '{/:Bold 999 µs}' at screen 0.64096, 0.27406 left font ',14' tc rgb '#1F2328' front
set label 'overhead 18 %' at screen 0.64096, 0.23431 left font ',12.5' tc rgb '#57606A' noenhanced front
set label 'fork' at screen 0.14632, 0.14644 right font ',14' tc rgb '#1F2328' noenhanced front
set label '302' at screen 0.22935, 0.14644 center font ',14' tc rgb '#FFFFFF' noenhanced front
set label '843' at screen 0.54093, 0.14644 center font ',14' tc rgb '#1F2328' noenhanced front
set label '263' at screen 0.80342, 0.14644 center font ',14' tc rgb '#1F2328' noenhanced front
set label '{/:Bold 1.49 ms}' at screen 0.87500, 0.16527 left font ',14' tc rgb '#1F2328' front
set label 'overhead 44 %' at screen 0.87500, 0.12552 left font ',12.5' tc rgb '#57606A' noenhanced front

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

# breakdown.gp - where the time of a task goes.
#
# DATA has one row a model: its row in the picture from below, then the mean
# time of each of the PHASES phases in ns.

set xrange [0:X_MAX]
set yrange [0.5:ROWS + 0.5]
set xtics scale 0
unset ytics
set border 2

# Where phase p begins in the row just read.
begin(p) = p == 1 ? 0 : sum [k = 1:p - 1] column(k + 1)

plot for [p = 1:PHASES] DATA \
	using (begin(p)):1:(begin(p)):(begin(p) + column(p + 1)):\
		($1 - 0.33):($1 + 0.33) \
	with boxxyerror fillcolor rgb PHASE_COLOUR[p] fillstyle solid 1 \
	border rgb 'white' linewidth 1 title PHASE[p] noenhanced
