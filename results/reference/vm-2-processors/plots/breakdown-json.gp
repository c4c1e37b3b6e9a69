# breakdown-json: written by manyhands.  To draw it again, here:
#	gnuplot breakdown-json.gp

NAME = 'breakdown-json'
DATA = NAME.'.dat'
WIDTH = 880.0
HEIGHT = 478.0
LEFT = 138.8
RIGHT = 762.0
TOP = 122.0
BOTTOM = 434.0
set label '{/:Bold Starting a worker is the largest overhead: 358 µs in fork}' at screen 0.02273, 0.94142 left font ',18' tc rgb '#1F2328' front
set label 'json, 2 workers, closed loop. Mean time of a task from its turn to its result; the phases add up.' at screen 0.02273, 0.87448 left font ',14' tc rgb '#57606A' noenhanced front
ROWS = 6
X_MAX = 1.73024e+06
PHASES = 4
array PHASE[4] = ['create worker', 'reach the worker', 'compute (the task itself)', 'return the result']
array PHASE_COLOUR[4] = ['#882255', '#E69F00', '#CFD5DD', '#56B4E9']
set xtics ('' 0, '' 500000, '' 1e+06, '' 1.5e+06)
set label '0' at screen 0.15768, 0.05021 center font ',14' tc rgb '#1F2328' noenhanced front
set label '500' at screen 0.36234, 0.05021 center font ',14' tc rgb '#1F2328' noenhanced front
set label '1 000' at screen 0.56700, 0.05021 center font ',14' tc rgb '#1F2328' noenhanced front
set label '1 500 µs' at screen 0.77167, 0.05021 center font ',14' tc rgb '#1F2328' noenhanced front
set object rectangle from screen 0.15768, 0.78138 to screen 0.17245, 0.80858 fillcolor rgb '#882255' fillstyle solid 1 noborder
set label 'create worker' at screen 0.17927, 0.79498 left font ',14' tc rgb '#1F2328' noenhanced front
set object rectangle from screen 0.31102, 0.78138 to screen 0.32580, 0.80858 fillcolor rgb '#E69F00' fillstyle solid 1 noborder
set label 'reach the worker' at screen 0.33261, 0.79498 left font ',14' tc rgb '#1F2328' noenhanced front
set object rectangle from screen 0.48648, 0.78138 to screen 0.50125, 0.80858 fillcolor rgb '#CFD5DD' fillstyle solid 1 noborder
set label 'compute (the task itself)' at screen 0.50807, 0.79498 left font ',14' tc rgb '#1F2328' noenhanced front
set object rectangle from screen 0.71491, 0.78138 to screen 0.72968, 0.80858 fillcolor rgb '#56B4E9' fillstyle solid 1 noborder
set label 'return the result' at screen 0.73650, 0.79498 left font ',14' tc rgb '#1F2328' noenhanced front
set label 'serial (1 worker)' at screen 0.14632, 0.69038 right font ',14' tc rgb '#1F2328' noenhanced front
set label '676' at screen 0.29618, 0.69038 center font ',14' tc rgb '#1F2328' noenhanced front
set label '{/:Bold 677 µs}' at screen 0.44372, 0.70921 left font ',14' tc rgb '#1F2328' front
set label 'overhead 0 %' at screen 0.44372, 0.66946 left font ',12.5' tc rgb '#57606A' noenhanced front
set label 'pool' at screen 0.14632, 0.58159 right font ',14' tc rgb '#1F2328' noenhanced front
set label '695' at screen 0.30493, 0.58159 center font ',14' tc rgb '#1F2328' noenhanced front
set label '{/:Bold 720 µs}' at screen 0.46152, 0.60042 left font ',14' tc rgb '#1F2328' front
set label 'overhead 3.5 %' at screen 0.46152, 0.56067 left font ',12.5' tc rgb '#57606A' noenhanced front
set label 'cluster' at screen 0.14632, 0.47280 right font ',14' tc rgb '#1F2328' noenhanced front
set label '693' at screen 0.30794, 0.47280 center font ',14' tc rgb '#1F2328' noenhanced front
set label '{/:Bold 732 µs}' at screen 0.46660, 0.49163 left font ',14' tc rgb '#1F2328' front
set label 'overhead 5.3 %' at screen 0.46660, 0.45188 left font ',12.5' tc rgb '#57606A' noenhanced front
set label 'threads' at screen 0.14632, 0.36402 right font ',14' tc rgb '#1F2328' noenhanced front
set label '746' at screen 0.31494, 0.36402 center font ',14' tc rgb '#1F2328' noenhanced front
set label '{/:Bold 777 µs}' at screen 0.48462, 0.38285 left font ',14' tc rgb '#1F2328' front
set label 'overhead 3.9 %' at screen 0.48462, 0.34310 left font ',12.5' tc rgb '#57606A' noenhanced front
set label 'thread_per_task' at screen 0.14632, 0.25523 right font ',14' tc rgb '#1F2328' noenhanced front
set label '73' at screen 0.17261, 0.25523 center font ',14' tc rgb '#FFFFFF' noenhanced front
set label '760' at screen 0.34801, 0.25523 center font ',14' tc rgb '#1F2328' noenhanced front
set label '{/:Bold 923 µs}' at screen 0.54451, 0.27406 left font ',14' tc rgb '#1F2328' front
set label 'overhead 18 %' at screen 0.54451, 0.23431 left font ',12.5' tc rgb '#57606A' noenhanced front
set label 'fork' at screen 0.14632, 0.14644 right font ',14' tc rgb '#1F2328' noenhanced front
set label '358' at screen 0.23091, 0.14644 center font ',14' tc rgb '#FFFFFF' noenhanced front
set label '967' at screen 0.53686, 0.14644 center font ',14' tc rgb '#1F2328' noenhanced front
set label '320' at screen 0.80038, 0.14644 center font ',14' tc rgb '#1F2328' noenhanced front
set label '{/:Bold 1.73 ms}' at screen 0.87500, 0.16527 left font ',14' tc rgb '#1F2328' front
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
