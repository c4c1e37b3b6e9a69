# breakdown-json: written by manyhands.  To draw it again, here:
#	gnuplot breakdown-json.gp

NAME = 'breakdown-json'
DATA = NAME.'.dat'
WIDTH = 880.0
HEIGHT = 776.0
LEFT = 138.8
RIGHT = 762.0
TOP = 140.0
BOTTOM = 732.0
set label '{/:Bold Starting a worker is the largest overhead: 434 µs in fork}' at screen 0.02273, 0.96392 left font ',18' tc rgb '#1F2328' front
set label 'json, 2 workers, closed loop. Mean time of a task from its turn to its result; the phases add up.' at screen 0.02273, 0.92268 left font ',14' tc rgb '#57606A' noenhanced front
PHASES = 4
array PHASE[4] = ['create worker', 'reach the worker', 'compute (the task itself)', 'return the result']
array PHASE_COLOUR[4] = ['#882255', '#E69F00', '#CFD5DD', '#56B4E9']
ROWS = 6
GROUPS = 2
array GROUP_BOTTOM[2]
array ROW_HEIGHT[2]
array HALF_BAR[2]
array LONGEST[2]
GROUP_BOTTOM[1] = 452.0
ROW_HEIGHT[1] = 52.0
HALF_BAR[1] = 17.0
LONGEST[1] = 2.13166e+06
GROUP_BOTTOM[2] = 732.0
ROW_HEIGHT[2] = 36.0
HALF_BAR[2] = 10.0
LONGEST[2] = 4.4379e+06
set object rectangle from screen 0.15768, 0.88209 to screen 0.17245, 0.86534 fillcolor rgb '#882255' fillstyle transparent solid 1 noborder
set label 'create worker' at screen 0.17927, 0.87371 left font ',14' tc rgb '#1F2328' noenhanced front
set object rectangle from screen 0.31102, 0.88209 to screen 0.32580, 0.86534 fillcolor rgb '#E69F00' fillstyle transparent solid 1 noborder
set label 'reach the worker' at screen 0.33261, 0.87371 left font ',14' tc rgb '#1F2328' noenhanced front
set object rectangle from screen 0.48648, 0.88209 to screen 0.50125, 0.86534 fillcolor rgb '#CFD5DD' fillstyle transparent solid 1 noborder
set label 'compute (the task itself)' at screen 0.50807, 0.87371 left font ',14' tc rgb '#1F2328' noenhanced front
set object rectangle from screen 0.71491, 0.88209 to screen 0.72968, 0.86534 fillcolor rgb '#56B4E9' fillstyle transparent solid 1 noborder
set label 'return the result' at screen 0.73650, 0.87371 left font ',14' tc rgb '#1F2328' noenhanced front
set label 'All tasks' at screen 0.15768, 0.83505 left font ',14' tc rgb '#57606A' noenhanced front
set arrow from screen 0.15655, 0.81959 to screen 0.15655, 0.41753 nohead lc rgb '#8A9199' lw 1 dt solid
set label '0' at screen 0.15768, 0.39175 center font ',14' tc rgb '#1F2328' noenhanced front
set label '0.5' at screen 0.32380, 0.39175 center font ',14' tc rgb '#1F2328' noenhanced front
set label '1' at screen 0.48992, 0.39175 center font ',14' tc rgb '#1F2328' noenhanced front
set label '1.5' at screen 0.65605, 0.39175 center font ',14' tc rgb '#1F2328' noenhanced front
set label '2 ms' at screen 0.82217, 0.39175 center font ',14' tc rgb '#1F2328' noenhanced front
set label 'serial (1 worker)' at screen 0.14632, 0.78608 right font ',14' tc rgb '#1F2328' noenhanced front
set label '0.794' at screen 0.28973, 0.78608 center font ',14' tc rgb '#1F2328' noenhanced front
set label '{/:Bold 795 µs}' at screen 0.43079, 0.79768 left font ',14' tc rgb '#1F2328' front
set label 'overhead 0.1 %' at screen 0.43079, 0.77320 left font ',12.5' tc rgb '#57606A' noenhanced front
set label 'pool' at screen 0.14632, 0.71907 right font ',14' tc rgb '#1F2328' noenhanced front
set label '0.834' at screen 0.30166, 0.71907 center font ',14' tc rgb '#1F2328' noenhanced front
set label '{/:Bold 865 µs}' at screen 0.45432, 0.73067 left font ',14' tc rgb '#1F2328' front
set label 'overhead 3.7 %' at screen 0.45432, 0.70619 left font ',12.5' tc rgb '#57606A' noenhanced front
set label 'cluster' at screen 0.14632, 0.65206 right font ',14' tc rgb '#1F2328' noenhanced front
set label '0.845' at screen 0.30737, 0.65206 center font ',14' tc rgb '#1F2328' noenhanced front
set label '{/:Bold 899 µs}' at screen 0.46535, 0.66366 left font ',14' tc rgb '#1F2328' front
set label 'overhead 5.9 %' at screen 0.46535, 0.63918 left font ',12.5' tc rgb '#57606A' noenhanced front
set label 'threads' at screen 0.14632, 0.58505 right font ',14' tc rgb '#1F2328' noenhanced front
set label '0.909' at screen 0.31361, 0.58505 center font ',14' tc rgb '#1F2328' noenhanced front
set label '{/:Bold 947 µs}' at screen 0.48127, 0.59665 left font ',14' tc rgb '#1F2328' front
set label 'overhead 4.0 %' at screen 0.48127, 0.57216 left font ',12.5' tc rgb '#57606A' noenhanced front
set label 'thread_per_task' at screen 0.14632, 0.51804 right font ',14' tc rgb '#1F2328' noenhanced front
set label '0.941' at screen 0.35909, 0.51804 center font ',14' tc rgb '#1F2328' noenhanced front
set label '{/:Bold 1.19 ms}' at screen 0.56317, 0.52964 left font ',14' tc rgb '#1F2328' front
set label 'overhead 21 %' at screen 0.56317, 0.50515 left font ',12.5' tc rgb '#57606A' noenhanced front
set label 'fork' at screen 0.14632, 0.45103 right font ',14' tc rgb '#1F2328' noenhanced front
set label '0.434' at screen 0.22974, 0.45103 center font ',14' tc rgb '#FFFFFF' noenhanced front
set label '1.21' at screen 0.53795, 0.45103 center font ',14' tc rgb '#1F2328' noenhanced front
set label '0.381' at screen 0.80268, 0.45103 center font ',14' tc rgb '#1F2328' noenhanced front
set label '{/:Bold 2.13 ms}' at screen 0.87500, 0.46263 left font ',14' tc rgb '#1F2328' front
set label 'overhead 43 %' at screen 0.87500, 0.43814 left font ',12.5' tc rgb '#57606A' noenhanced front
set label 'The slowest 1 % of the tasks, on an axis of their own' at screen 0.15768, 0.35052 left font ',14' tc rgb '#57606A' noenhanced front
set arrow from screen 0.15655, 0.33505 to screen 0.15655, 0.05670 nohead lc rgb '#8A9199' lw 1 dt solid
set label '0' at screen 0.15768, 0.03093 center font ',14' tc rgb '#1F2328' noenhanced front
set label '1' at screen 0.31727, 0.03093 center font ',14' tc rgb '#1F2328' noenhanced front
set label '2' at screen 0.47685, 0.03093 center font ',14' tc rgb '#1F2328' noenhanced front
set label '3' at screen 0.63644, 0.03093 center font ',14' tc rgb '#1F2328' noenhanced front
set label '4 ms' at screen 0.79603, 0.03093 center font ',14' tc rgb '#1F2328' noenhanced front
set label 'serial (1 worker)' at screen 0.14632, 0.31186 right font ',14' tc rgb '#1F2328' noenhanced front
set label '1.09' at screen 0.24498, 0.31186 center font ',14' tc rgb '#1F2328' noenhanced front
set label '{/:Bold 1.09 ms}' at screen 0.34133, 0.31186 left font ',14' tc rgb '#1F2328' front
set label 'pool' at screen 0.14632, 0.26546 right font ',14' tc rgb '#1F2328' noenhanced front
set label '1.14' at screen 0.27236, 0.26546 center font ',14' tc rgb '#1F2328' noenhanced front
set label '0.325' at screen 0.38915, 0.26546 center font ',14' tc rgb '#1F2328' noenhanced front
set label '{/:Bold 1.61 ms}' at screen 0.42420, 0.26546 left font ',14' tc rgb '#1F2328' front
set label 'cluster' at screen 0.14632, 0.21907 right font ',14' tc rgb '#1F2328' noenhanced front
set label '1.26' at screen 0.28845, 0.21907 center font ',14' tc rgb '#1F2328' noenhanced front
set label '0.416' at screen 0.42191, 0.21907 center font ',14' tc rgb '#1F2328' noenhanced front
set label '{/:Bold 1.86 ms}' at screen 0.46418, 0.21907 left font ',14' tc rgb '#1F2328' front
set label 'threads' at screen 0.14632, 0.17268 right font ',14' tc rgb '#1F2328' noenhanced front
set label '1.21' at screen 0.27545, 0.17268 center font ',14' tc rgb '#1F2328' noenhanced front
set label '0.627' at screen 0.42235, 0.17268 center font ',14' tc rgb '#1F2328' noenhanced front
set label '{/:Bold 1.97 ms}' at screen 0.48144, 0.17268 left font ',14' tc rgb '#1F2328' front
set label 'thread_per_task' at screen 0.14632, 0.12629 right font ',14' tc rgb '#1F2328' noenhanced front
set label '0.743' at screen 0.21699, 0.12629 center font ',14' tc rgb '#FFFFFF' noenhanced front
set label '1.35' at screen 0.40028, 0.12629 center font ',14' tc rgb '#1F2328' noenhanced front
set label '0.939' at screen 0.58254, 0.12629 center font ',14' tc rgb '#1F2328' noenhanced front
set label '{/:Bold 3.13 ms}' at screen 0.66655, 0.12629 left font ',14' tc rgb '#1F2328' front
set label 'fork' at screen 0.14632, 0.07990 right font ',14' tc rgb '#1F2328' noenhanced front
set label '0.716' at screen 0.21481, 0.07990 center font ',14' tc rgb '#FFFFFF' noenhanced front
set label '0.991' at screen 0.35102, 0.07990 center font ',14' tc rgb '#1F2328' noenhanced front
set label '1.61' at screen 0.55880, 0.07990 center font ',14' tc rgb '#1F2328' noenhanced front
set label '1.12' at screen 0.77670, 0.07990 center font ',14' tc rgb '#1F2328' noenhanced front
set label '{/:Bold 4.44 ms}' at screen 0.87500, 0.07990 left font ',14' tc rgb '#1F2328' front

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
# DATA has a data set of all tasks and, if GROUPS is 2, one of the slowest.  In
# it, one row a model: its row in the picture from below, then the mean time of
# each of the PHASES phases in ns.  Each group has an axis of its own, so the
# times are divided by the longest; the other axis is in pixels from above.

set xrange [0:1]
set yrange [BOTTOM:TOP]
unset xtics
unset ytics
unset border

# Where phase p begins in the row just read, in ns; its end is one further.
begin(p) = p == 1 ? 0 : sum [k = 1:p - 1] column(k + 1)

# The middle of a row of group g.
middle(g) = GROUP_BOTTOM[g] - ROW_HEIGHT[g] * (column(1) - 0.5)

plot for [g = 1:GROUPS] for [p = 1:PHASES] DATA index g - 1 \
	using (begin(p) / LONGEST[g]):(middle(g)):\
		(begin(p) / LONGEST[g]):(begin(p + 1) / LONGEST[g]):\
		(middle(g) - HALF_BAR[g]):(middle(g) + HALF_BAR[g]) \
	with boxxyerror fillcolor rgb PHASE_COLOUR[p] fillstyle solid 1 \
	border rgb 'white' linewidth 1 title PHASE[p] noenhanced
