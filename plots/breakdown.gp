
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
