
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
