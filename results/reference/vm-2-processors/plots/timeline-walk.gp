# timeline-walk: written by manyhands.  To draw it again, here:
#	gnuplot timeline-walk.gp

NAME = 'timeline-walk'
DATA = NAME.'.dat'
WIDTH = 880.0
HEIGHT = 576.0
LEFT = 188.0
RIGHT = 780.0
TOP = 124.0
BOTTOM = 512.0
set label '{/:Bold Here, workers of fork compute for 82 % of the time, of threads for 98 %}' at screen 0.02273, 0.95139 left font ',18' tc rgb '#1F2328' front
set label 'walk, 2 workers: the tasks of a few moments of one slice of each model' at screen 0.02273, 0.89583 left font ',14' tc rgb '#57606A' noenhanced front
set object rectangle from screen 0.21358, 0.84809 to screen 0.22836, 0.82552 fillcolor rgb '#882255' fillstyle transparent solid 1 noborder
set label 'create worker' at screen 0.23517, 0.83681 left font ',14' tc rgb '#1F2328' noenhanced front
set object rectangle from screen 0.36692, 0.84809 to screen 0.38170, 0.82552 fillcolor rgb '#E69F00' fillstyle transparent solid 1 noborder
set label 'reach the worker' at screen 0.38852, 0.83681 left font ',14' tc rgb '#1F2328' noenhanced front
set object rectangle from screen 0.54238, 0.84809 to screen 0.55715, 0.82552 fillcolor rgb '#CFD5DD' fillstyle transparent solid 1 noborder
set label 'compute (the task itself)' at screen 0.56397, 0.83681 left font ',14' tc rgb '#1F2328' noenhanced front
set object rectangle from screen 0.77081, 0.84809 to screen 0.78558, 0.82552 fillcolor rgb '#56B4E9' fillstyle transparent solid 1 noborder
set label 'return the result' at screen 0.79240, 0.83681 left font ',14' tc rgb '#1F2328' noenhanced front
PHASES = 4
array PHASE[4] = ['create worker', 'reach the worker', 'compute (the task itself)', 'return the result']
array PHASE_COLOUR[4] = ['#882255', '#E69F00', '#CFD5DD', '#56B4E9']
LENGTH = 20000000.0
ROW_HEIGHT = 28
PANELS = 6
array PANEL[6]
array PANEL_TOP[6]
PANEL_TOP[1] = 124.0
PANEL[1] = 'serial (1 worker)'
PANEL_TOP[2] = 168.0
PANEL[2] = 'fork'
PANEL_TOP[3] = 240.0
PANEL[3] = 'thread_per_task'
PANEL_TOP[4] = 312.0
PANEL[4] = 'pool'
PANEL_TOP[5] = 384.0
PANEL[5] = 'threads'
PANEL_TOP[6] = 456.0
PANEL[6] = 'cluster'
set xtics ('' 0, '' 5e+06, '' 1e+07, '' 1.5e+07, '' 2e+07)
set label '0' at screen 0.21358, 0.07292 center font ',14' tc rgb '#1F2328' noenhanced front
set label '5' at screen 0.38178, 0.07292 center font ',14' tc rgb '#1F2328' noenhanced front
set label '10' at screen 0.54997, 0.07292 center font ',14' tc rgb '#1F2328' noenhanced front
set label '15' at screen 0.71817, 0.07292 center font ',14' tc rgb '#1F2328' noenhanced front
set label '20 ms' at screen 0.88636, 0.07292 center font ',14' tc rgb '#1F2328' noenhanced front
set label 'time; each model from a moment of its own' at screen 0.54997, 0.03125 center font ',14' tc rgb '#1F2328' noenhanced front
set label '{/:Bold serial (1 worker)}' at screen 0.02273, 0.76042 left font ',14' tc rgb '#444444' front
set label 'w0' at screen 0.20222, 0.76042 right font ',12.5' tc rgb '#57606A' noenhanced front
set arrow from screen 0.21358, 0.76042 to screen 0.88636, 0.76042 nohead lc rgb '#D5D9DE' lw 1 dt solid
set label 'busy 100 %' at screen 0.89773, 0.76042 left font ',12.5' tc rgb '#57606A' noenhanced front
set label '{/:Bold fork}' at screen 0.02273, 0.65972 left font ',14' tc rgb '#B34F00' front
set label 'w0' at screen 0.20222, 0.68403 right font ',12.5' tc rgb '#57606A' noenhanced front
set arrow from screen 0.21358, 0.68403 to screen 0.88636, 0.68403 nohead lc rgb '#D5D9DE' lw 1 dt solid
set label 'w1' at screen 0.20222, 0.63542 right font ',12.5' tc rgb '#57606A' noenhanced front
set arrow from screen 0.21358, 0.63542 to screen 0.88636, 0.63542 nohead lc rgb '#D5D9DE' lw 1 dt solid
set label 'busy 82 %' at screen 0.89773, 0.65972 left font ',12.5' tc rgb '#57606A' noenhanced front
set label '{/:Bold thread\_per\_task}' at screen 0.02273, 0.53472 left font ',14' tc rgb '#6B3A00' front
set label 'w0' at screen 0.20222, 0.55903 right font ',12.5' tc rgb '#57606A' noenhanced front
set arrow from screen 0.21358, 0.55903 to screen 0.88636, 0.55903 nohead lc rgb '#D5D9DE' lw 1 dt solid
set label 'w1' at screen 0.20222, 0.51042 right font ',12.5' tc rgb '#57606A' noenhanced front
set arrow from screen 0.21358, 0.51042 to screen 0.88636, 0.51042 nohead lc rgb '#D5D9DE' lw 1 dt solid
set label 'busy 83 %' at screen 0.89773, 0.53472 left font ',12.5' tc rgb '#57606A' noenhanced front
set label '{/:Bold pool}' at screen 0.02273, 0.40972 left font ',14' tc rgb '#0063A0' front
set label 'w0' at screen 0.20222, 0.43403 right font ',12.5' tc rgb '#57606A' noenhanced front
set arrow from screen 0.21358, 0.43403 to screen 0.88636, 0.43403 nohead lc rgb '#D5D9DE' lw 1 dt solid
set label 'w1' at screen 0.20222, 0.38542 right font ',12.5' tc rgb '#57606A' noenhanced front
set arrow from screen 0.21358, 0.38542 to screen 0.88636, 0.38542 nohead lc rgb '#D5D9DE' lw 1 dt solid
set label 'busy 97 %' at screen 0.89773, 0.40972 left font ',12.5' tc rgb '#57606A' noenhanced front
set label '{/:Bold threads}' at screen 0.02273, 0.28472 left font ',14' tc rgb '#007A59' front
set label 'w0' at screen 0.20222, 0.30903 right font ',12.5' tc rgb '#57606A' noenhanced front
set arrow from screen 0.21358, 0.30903 to screen 0.88636, 0.30903 nohead lc rgb '#D5D9DE' lw 1 dt solid
set label 'w1' at screen 0.20222, 0.26042 right font ',12.5' tc rgb '#57606A' noenhanced front
set arrow from screen 0.21358, 0.26042 to screen 0.88636, 0.26042 nohead lc rgb '#D5D9DE' lw 1 dt solid
set label 'busy 98 %' at screen 0.89773, 0.28472 left font ',12.5' tc rgb '#57606A' noenhanced front
set label '{/:Bold cluster}' at screen 0.02273, 0.15972 left font ',14' tc rgb '#9A4675' front
set label 'w0' at screen 0.20222, 0.18403 right font ',12.5' tc rgb '#57606A' noenhanced front
set arrow from screen 0.21358, 0.18403 to screen 0.88636, 0.18403 nohead lc rgb '#D5D9DE' lw 1 dt solid
set label 'w1' at screen 0.20222, 0.13542 right font ',12.5' tc rgb '#57606A' noenhanced front
set arrow from screen 0.21358, 0.13542 to screen 0.88636, 0.13542 nohead lc rgb '#D5D9DE' lw 1 dt solid
set label 'busy 95 %' at screen 0.89773, 0.15972 left font ',12.5' tc rgb '#57606A' noenhanced front

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

# timeline.gp - who ran what when.
#
# DATA has one data set a model: worker, then when a task's phases begin and the
# last one ends, in ns.  The other axis is in pixels from above.  A box is a
# task; thin bars below the worker's line come before it, above after it.

set xrange [0:LENGTH]
set yrange [BOTTOM:TOP]
set xtics scale 0.4
unset ytics
set border 0

middle(i) = PANEL_TOP[i] + ROW_HEIGHT * (column(1) + 0.5)
array LOW[PHASES] = [8, 8, 9, -1]
array HIGH[PHASES] = [1, 1, -9, -8]
cut(x) = x < 0 ? 0 : x > LENGTH ? LENGTH : x
from(p) = cut(column(p + 1))
to(p) = cut(column(p + 2))

plot for [p in "1 2 4 3"] for [i = 1:PANELS] DATA index i - 1 \
	using (to(p + 0) > from(p + 0) ? from(p + 0) : 1/0):(middle(i)):\
		(from(p + 0)):(to(p + 0)):\
		(middle(i) + LOW[p + 0]):(middle(i) + HIGH[p + 0]) \
	with boxxyerror fillcolor rgb PHASE_COLOUR[p + 0] \
	fillstyle solid 1 border rgb (p eq "3" ? '#57606A' : 'white') \
	linewidth 0.6 title PANEL[i].': '.PHASE[p + 0] noenhanced
