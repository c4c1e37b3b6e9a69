/*
 * Where text goes in a figure.  gnuplot does not know how wide a text will be,
 * nor does it move labels apart; so this is done here.
 */
#include <errno.h>
#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "harness/base.h"
#include "harness/number.h"
#include "harness/plot_internal.h"

#define LABEL_ROOM 10.0 /* from the axes to a label */
#define LEADER_MIN 3.0  /* a label moved by less needs no leader line */

void plot_quote(FILE *out, const char *text)
{
	fputc('\'', out);
	for (; *text; text++) {
		unsigned char ch = (unsigned char)*text;

		if (ch == '\'')
			fputs("''", out);
		else
			fputc(ch < ' ' || ch == 0x7f ? ' ' : ch, out);
	}
	fputc('\'', out);
}

void plot_comment(FILE *out, const char *text)
{
	fputs("# ", out);
	for (; *text; text++)
		fputc((unsigned char)*text < ' ' ? ' ' : *text, out);
	fputc('\n', out);
}

void plot_cell_name(const struct view *v, const struct cell_summary *c,
		    char name[64])
{
	if (c->spec.workers == v->focus)
		snprintf(name, 64, "%s", c->spec.model);
	else
		snprintf(name, 64, "%s (%" PRIu32 " worker%s)", c->spec.model,
			 c->spec.workers, c->spec.workers == 1 ? "" : "s");
}

/* Write @text so for bold letters, where gnuplot's enhanced mode reads markup. */
static void quote_bold(FILE *out, const char *text)
{
	fputs("'{/:Bold ", out);
	for (; *text; text++) {
		unsigned char ch = (unsigned char)*text;

		if (strchr("\\{}_^@&~", ch))
			fputc('\\', out);
		else if (ch == '\'')
			fputc('\'', out);
		fputc(ch < ' ' || ch == 0x7f ? ' ' : ch, out);
	}
	fputs("}'", out);
}

/* Widths of letters, about; the last row is for all others. */
static const struct {
	const char *letters;
	double em;
} widths[] = {
	{"iljI.,:;'|! \xe2", 0.27}, /* 0xe2 leads the thin space */
	{"ftr()[]/-", 0.32},
	{"sckvxyz", 0.50},
	{"mwMW%", 0.86},
	{"ABCDEFGHJKLNOPQRSTUVXYZ", 0.69},
	{NULL, 0.56},
};

double plot_text_width(const char *text, double size, bool bold)
{
	double em = 0;

	for (; *text; text++) {
		unsigned char ch = (unsigned char)*text;

		if ((ch & 0xc0) == 0x80)
			continue; /* counted with the byte that leads it */
		for (size_t i = 0; i < ARRAY_LEN(widths); i++) {
			if (!widths[i].letters ||
			    strchr(widths[i].letters, ch)) {
				em += widths[i].em;
				break;
			}
		}
	}
	return em * size * (bold ? 1.07 : 1);
}

void canvas_begin(const struct canvas *c, const char *name, const char *title,
		  const char *subtitle)
{
	struct text_style heading = {SIZE_TITLE, ALIGN_LEFT, INK, true};
	struct text_style below = {SIZE_TEXT, ALIGN_LEFT, GREY, false};

	fprintf(c->gp,
		"# %s: written by manyhands.  To draw it again, here:\n"
		"#\tgnuplot %s.gp\n\nNAME = ",
		name, name);
	plot_quote(c->gp, name);
	fprintf(c->gp,
		"\nDATA = NAME.'.dat'\nWIDTH = %.1f\nHEIGHT = %.1f\nLEFT = %.1f\n"
		"RIGHT = %.1f\nTOP = %.1f\nBOTTOM = %.1f\n",
		c->width, c->height, c->left, c->right, c->top, c->bottom);
	canvas_text(c, 20, 28, &heading, title);
	canvas_text(c, 20, 60, &below, subtitle);
}

void canvas_text(const struct canvas *c, double x, double y,
		 const struct text_style *style, const char *text)
{
	static const char *const aligns[] = {
		[ALIGN_LEFT] = "left",
		[ALIGN_CENTRE] = "center",
		[ALIGN_RIGHT] = "right",
	};

	fputs("set label ", c->gp);
	if (style->bold)
		quote_bold(c->gp, text);
	else
		plot_quote(c->gp, text);
	fprintf(c->gp, " at screen %.5f, %.5f %s font ',%g' tc rgb '%s' %s\n",
		x / c->width, 1 - y / c->height, aligns[style->align],
		style->size, style->colour,
		style->bold ? "front" : "noenhanced front");
}

void canvas_line(const struct canvas *c, double x1, double y1, double x2,
		 double y2, const char *colour, double width, const char *dash)
{
	fprintf(c->gp,
		"set arrow from screen %.5f, %.5f to screen %.5f, %.5f nohead "
		"lc rgb '%s' lw %g dt %s\n",
		x1 / c->width, 1 - y1 / c->height, x2 / c->width,
		1 - y2 / c->height, colour, width, dash);
}

void canvas_box(const struct canvas *c, double x1, double y1, double x2,
		double y2, const char *colour, double opacity)
{
	fprintf(c->gp,
		"set object rectangle from screen %.5f, %.5f to screen %.5f, "
		"%.5f fillcolor rgb '%s' fillstyle transparent solid %g "
		"noborder\n",
		x1 / c->width, 1 - y1 / c->height, x2 / c->width,
		1 - y2 / c->height, colour, opacity);
}

void canvas_point(const struct canvas *c, double x, double y, int point,
		  double size, const char *colour)
{
	fprintf(c->gp,
		"set label '' at screen %.5f, %.5f point pt %d ps %g lc rgb "
		"'%s' front\n",
		x / c->width, 1 - y / c->height, point, size, colour);
}

void canvas_models(const struct canvas *c, const char *const *names,
		   const struct look *looks, size_t n)
{
	fprintf(c->gp, "MODELS = %zu\narray MODEL[%zu] = [", n, n);
	for (size_t i = 0; i < n; i++) {
		fputs(i ? ", " : "", c->gp);
		plot_quote(c->gp, names[i]);
	}
	fprintf(c->gp, "]\narray COLOUR[%zu] = [", n);
	for (size_t i = 0; i < n; i++)
		fprintf(c->gp, "%s'%s'", i ? ", " : "", looks[i].colour);
	fprintf(c->gp, "]\narray POINT[%zu] = [", n);
	for (size_t i = 0; i < n; i++)
		fprintf(c->gp, "%s%d", i ? ", " : "", looks[i].point);
	fputs("]\n", c->gp);
	/* A dash is syntax, not a value, so it cannot be in an array. */
	for (size_t i = 0; i < n; i++)
		fprintf(c->gp,
			"set linetype %zu lc rgb '%s' lw 2.5 dt %s "
			"pt %d ps 0.75\n",
			i + 1, looks[i].colour, looks[i].dash, looks[i].point);
}

/* A run of places that have been moved together, and their mean. */
struct pack {
	double mean;
	size_t n;
};

int plot_spread(double *y, size_t n, double gap, double low, double high)
{
	struct pack *packs = calloc(n + 1, sizeof(*packs));
	size_t *order = calloc(n + 1, sizeof(*order));
	size_t n_packs = 0, at = 0;

	if (!packs || !order) {
		free(packs);
		free(order);
		return -ENOMEM;
	}
	for (size_t i = 0; i < n; i++) {
		size_t k = i;

		for (; k > 0 && y[order[k - 1]] > y[i]; k--)
			order[k] = order[k - 1];
		order[k] = i;
	}
	/*
	 * Subtract i gaps from the i-th place: then "at least a gap apart" is
	 * "not descending", and the closest such sequence is found by pooling
	 * neighbours in the wrong order (isotonic regression).
	 */
	for (size_t i = 0; i < n; i++) {
		packs[n_packs++] =
			(struct pack){y[order[i]] - (double)i * gap, 1};
		while (n_packs > 1 &&
		       packs[n_packs - 2].mean > packs[n_packs - 1].mean) {
			struct pack *a = &packs[n_packs - 2], b = a[1];

			a->mean = (a->mean * (double)a->n +
				   b.mean * (double)b.n) /
				  (double)(a->n + b.n);
			a->n += b.n;
			n_packs--;
		}
	}
	high -= n > 0 ? gap * (double)(n - 1) : 0;
	for (size_t p = 0; p < n_packs; p++) {
		double mean = fmax(fmin(packs[p].mean, high), low);

		for (size_t k = 0; k < packs[p].n; k++, at++)
			y[order[at]] = mean + (double)at * gap;
	}
	free(packs);
	free(order);
	return 0;
}

void canvas_missing(const struct canvas *c, const struct view *v,
		    const char *const *drawn, size_t n)
{
	struct text_style right = {SIZE_SMALL, ALIGN_RIGHT, GREY, false};
	char text[160] = "not measured:";
	size_t used = strlen(text), missing = 0;

	for (size_t i = 0; i < v->n_models; i++) {
		bool found = false;

		for (size_t k = 0; k < n; k++)
			found |= strcmp(drawn[k], v->models[i]) == 0;
		if (found || used >= sizeof(text) - 40)
			continue;
		used += (size_t)snprintf(&text[used], sizeof(text) - used,
					 "%s %s", missing ? "," : "",
					 v->models[i]);
		missing++;
	}
	if (missing > 0)
		canvas_text(c, c->width - 14, c->height - 14, &right, text);
}

double plot_labels_height(size_t n)
{
	return LABEL_HEIGHT * (double)n;
}

int canvas_end_labels(const struct canvas *c, const struct end_label *labels,
		      size_t n)
{
	double *y = calloc(n + 1, sizeof(*y));
	double x = c->right + LABEL_ROOM;
	int r;

	if (!y)
		return -ENOMEM;
	for (size_t i = 0; i < n; i++)
		y[i] = labels[i].y;
	r = plot_spread(y, n, LABEL_HEIGHT, c->top,
			c->bottom - LABEL_HEIGHT / 3);
	for (size_t i = 0; i < n && r == 0; i++) {
		struct text_style name = {SIZE_TEXT, ALIGN_LEFT,
					  labels[i].colour, true};
		struct text_style second = {SIZE_SMALL, ALIGN_LEFT, GREY,
					    false};

		canvas_text(c, x, y[i], &name, labels[i].name);
		canvas_text(c, x, y[i] + 16, &second, labels[i].second);
		if (fabs(y[i] - labels[i].y) > LEADER_MIN ||
		    labels[i].x < c->right - 24)
			canvas_line(c, labels[i].x + 6, labels[i].y, x - 4,
				    y[i], labels[i].line_colour, 0.8, "solid");
	}
	free(y);
	return r;
}

struct tics plot_tics(double max, size_t about, bool beyond)
{
	struct tics t = {.n = 0};
	double step, power, most;

	if (!(max > 0) || !isfinite(max))
		max = 1;
	power = pow(10, floor(log10(max / (double)about)));
	step = max / (double)about / power;
	step = power * (step <= 1 ? 1 : step <= 2 ? 2 : step <= 5 ? 5 : 10);
	most = beyond ? ceil(max / step - 1e-9) : floor(max / step + 1e-9);
	while ((double)t.n <= most && t.n < MAX_TICS) {
		t.at[t.n] = (double)t.n * step;
		t.n++;
	}
	return t;
}

/* Multiples of powers of ten, from coarse to fine. */
static const double log_steps[][6] = {
	{1},
	{1, 2, 5},
	{1, 1.5, 2, 3, 5, 7},
};

#define MIN_LOG_TICS 3
#define MAX_LOG_TICS 9

struct tics plot_tics_log(double low, double high)
{
	struct tics t = {.n = 0};

	for (size_t s = 0; s < ARRAY_LEN(log_steps); s++) {
		struct tics finer = {.n = 0};

		for (int e = (int)floor(log10(low)); pow(10, e) <= high; e++) {
			for (size_t k = 0; k < ARRAY_LEN(log_steps[s]); k++) {
				double at = log_steps[s][k] * pow(10, e);

				if (at >= low && at <= high &&
				    finer.n < MAX_TICS)
					finer.at[finer.n++] = at;
			}
		}
		if (s > 0 && t.n >= 2 && finer.n > MAX_LOG_TICS)
			break;
		t = finer;
		if (t.n >= MIN_LOG_TICS && s > 0)
			break;
	}
	return t;
}
