
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
