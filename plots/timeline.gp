
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
