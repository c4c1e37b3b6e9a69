# breakdown-walk: written by manyhands.  To draw it again, here:
#	gnuplot breakdown-walk.gp

NAME = 'breakdown-walk'
DATA = NAME.'.dat'
WIDTH = 880.0
HEIGHT = 776.0
LEFT = 138.8
RIGHT = 762.0
TOP = 140.0
BOTTOM = 732.0
set label '{/:Bold Starting a worker is the largest overhead: 1.32 ms in fork}' at screen 0.02273, 0.96392 left font ',18' tc rgb '#1F2328' front
set label 'walk, 2 workers, closed loop. Mean time of a task from its turn to its result; the phases add up.' at screen 0.02273, 0.92268 left font ',14' tc rgb '#57606A' noenhanced front
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
LONGEST[1] = 6.03436e+06
GROUP_BOTTOM[2] = 732.0
ROW_HEIGHT[2] = 36.0
HALF_BAR[2] = 10.0
LONGEST[2] = 3.83136e+06
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
set label '1' at screen 0.27505, 0.39175 center font ',14' tc rgb '#1F2328' noenhanced front
set label '2' at screen 0.39241, 0.39175 center font ',14' tc rgb '#1F2328' noenhanced front
set label '3' at screen 0.50978, 0.39175 center font ',14' tc rgb '#1F2328' noenhanced front
set label '4' at screen 0.62714, 0.39175 center font ',14' tc rgb '#1F2328' noenhanced front
set label '5' at screen 0.74451, 0.39175 center font ',14' tc rgb '#1F2328' noenhanced front
set label '6 ms' at screen 0.86188, 0.39175 center font ',14' tc rgb '#1F2328' noenhanced front
set label 'pool' at screen 0.14632, 0.78608 right font ',14' tc rgb '#1F2328' noenhanced front
set label '0.792' at screen 0.20625, 0.78608 center font ',14' tc rgb '#1F2328' noenhanced front
set label '{/:Bold 823 µs}' at screen 0.26341, 0.79768 left font ',14' tc rgb '#1F2328' front
set label 'overhead 3.8 %' at screen 0.26341, 0.77320 left font ',12.5' tc rgb '#57606A' noenhanced front
set label 'cluster' at screen 0.14632, 0.71907 right font ',14' tc rgb '#1F2328' noenhanced front
set label '0.898' at screen 0.21398, 0.71907 center font ',14' tc rgb '#1F2328' noenhanced front
set label '{/:Bold 954 µs}' at screen 0.27874, 0.73067 left font ',14' tc rgb '#1F2328' front
set label 'overhead 5.9 %' at screen 0.27874, 0.70619 left font ',12.5' tc rgb '#57606A' noenhanced front
set label 'threads' at screen 0.14632, 0.65206 right font ',14' tc rgb '#1F2328' noenhanced front
set label '1.05' at screen 0.22169, 0.65206 center font ',14' tc rgb '#1F2328' noenhanced front
set label '{/:Bold 1.10 ms}' at screen 0.29599, 0.66366 left font ',14' tc rgb '#1F2328' front
set label 'overhead 4.9 %' at screen 0.29599, 0.63918 left font ',12.5' tc rgb '#57606A' noenhanced front
set label 'thread_per_task' at screen 0.14632, 0.58505 right font ',14' tc rgb '#1F2328' noenhanced front
set label '1.15' at screen 0.24087, 0.58505 center font ',14' tc rgb '#1F2328' noenhanced front
set label '{/:Bold 1.40 ms}' at screen 0.33097, 0.59665 left font ',14' tc rgb '#1F2328' front
set label 'overhead 18 %' at screen 0.33097, 0.57216 left font ',12.5' tc rgb '#57606A' noenhanced front
set label 'serial (1 worker)' at screen 0.14632, 0.51804 right font ',14' tc rgb '#1F2328' noenhanced front
set label '3.32' at screen 0.35252, 0.51804 center font ',14' tc rgb '#1F2328' noenhanced front
set label '{/:Bold 3.32 ms}' at screen 0.55633, 0.52964 left font ',14' tc rgb '#1F2328' front
set label 'overhead 0.1 %' at screen 0.55633, 0.50515 left font ',12.5' tc rgb '#57606A' noenhanced front
set label 'fork' at screen 0.14632, 0.45103 right font ',14' tc rgb '#1F2328' noenhanced front
set label '1.32' at screen 0.23544, 0.45103 center font ',14' tc rgb '#FFFFFF' noenhanced front
set label '3.38' at screen 0.52463, 0.45103 center font ',14' tc rgb '#1F2328' noenhanced front
set label '1.22' at screen 0.79435, 0.45103 center font ',14' tc rgb '#1F2328' noenhanced front
set label '{/:Bold 6.03 ms}' at screen 0.87500, 0.46263 left font ',14' tc rgb '#1F2328' front
set label 'overhead 44 %' at screen 0.87500, 0.43814 left font ',12.5' tc rgb '#57606A' noenhanced front
set label 'The slowest 1 % of the tasks, on an axis of their own' at screen 0.15768, 0.35052 left font ',14' tc rgb '#57606A' noenhanced front
set arrow from screen 0.15655, 0.33505 to screen 0.15655, 0.05670 nohead lc rgb '#8A9199' lw 1 dt solid
set label '0' at screen 0.15768, 0.03093 center font ',14' tc rgb '#1F2328' noenhanced front
set label '1' at screen 0.34253, 0.03093 center font ',14' tc rgb '#1F2328' noenhanced front
set label '2' at screen 0.52738, 0.03093 center font ',14' tc rgb '#1F2328' noenhanced front
set label '3 ms' at screen 0.71223, 0.03093 center font ',14' tc rgb '#1F2328' noenhanced front
set label 'pool' at screen 0.14632, 0.31186 right font ',14' tc rgb '#1F2328' noenhanced front
set label '1.76' at screen 0.32567, 0.31186 center font ',14' tc rgb '#1F2328' noenhanced front
set label '{/:Bold 1.94 ms}' at screen 0.52508, 0.31186 left font ',14' tc rgb '#1F2328' front
set label 'cluster' at screen 0.14632, 0.26546 right font ',14' tc rgb '#1F2328' noenhanced front
set label '1.3' at screen 0.28716, 0.26546 center font ',14' tc rgb '#1F2328' noenhanced front
set label '0.281' at screen 0.43306, 0.26546 center font ',14' tc rgb '#1F2328' noenhanced front
set label '{/:Bold 1.63 ms}' at screen 0.46812, 0.26546 left font ',14' tc rgb '#1F2328' front
set label 'threads' at screen 0.14632, 0.21907 right font ',14' tc rgb '#1F2328' noenhanced front
set label '1.49' at screen 0.30262, 0.21907 center font ',14' tc rgb '#1F2328' noenhanced front
set label '0.518' at screen 0.48837, 0.21907 center font ',14' tc rgb '#1F2328' noenhanced front
set label '{/:Bold 2.05 ms}' at screen 0.54530, 0.21907 left font ',14' tc rgb '#1F2328' front
set label 'thread_per_task' at screen 0.14632, 0.17268 right font ',14' tc rgb '#1F2328' noenhanced front
set label '0.421' at screen 0.19660, 0.17268 center font ',14' tc rgb '#FFFFFF' noenhanced front
set label '2.84' at screen 0.50335, 0.17268 center font ',14' tc rgb '#1F2328' noenhanced front
set label '0.542' at screen 0.81584, 0.17268 center font ',14' tc rgb '#1F2328' noenhanced front
set label '{/:Bold 3.83 ms}' at screen 0.87500, 0.17268 left font ',14' tc rgb '#1F2328' front
set label 'serial (1 worker)' at screen 0.14632, 0.12629 right font ',14' tc rgb '#1F2328' noenhanced front
set label 'too few tasks' at screen 0.16677, 0.12629 left font ',12.5' tc rgb '#57606A' noenhanced front
set label 'fork' at screen 0.14632, 0.07990 right font ',14' tc rgb '#1F2328' noenhanced front
set label 'too few tasks' at screen 0.16677, 0.07990 left font ',12.5' tc rgb '#57606A' noenhanced front

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
