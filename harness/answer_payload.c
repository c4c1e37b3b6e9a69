/*
 * What may be said of moving bytes.
 */
#include <errno.h>
#include <math.h>
#include <string.h>

#include "harness/answer.h"
#include "harness/answer_internal.h"
#include "harness/base.h"
#include "harness/number.h"
#include "harness/payload.h"

const char title_neutral_payload[] =
	"Time to move a task’s bytes, there and back";

static struct number bytes_text(uint64_t bytes)
{
	return number_bytes_short((double)bytes);
}

/*
 * From which of the numbers of bytes on carrier @k is surely slower than a
 * pointer, that and all larger ones that were measured; p->n_bytes: from none.
 */
static size_t slower_from(const struct payload *p, size_t k)
{
	size_t from = p->n_bytes;

	while (from > 0 && payload_more(&payload_at(p, k, from - 1)->ratio))
		from--;
	return from;
}

static bool has_ratio(const struct payload *p, size_t k)
{
	for (size_t i = 0; i < p->n_bytes; i++) {
		if (isfinite(payload_at(p, k, i)->ratio.low))
			return true;
	}
	return false;
}

/* "pipe and socket": those that are slower from bytes number @from on. */
static size_t list_slower(const struct payload *p, size_t from, FILE *out)
{
	size_t total = 0, n = 0;

	for (size_t k = 0; k < p->n_carriers; k++)
		total += has_ratio(p, k) && slower_from(p, k) == from;
	for (size_t k = 0; k < p->n_carriers && out; k++) {
		if (!has_ratio(p, k) || slower_from(p, k) != from)
			continue;
		n++;
		fprintf(out, "%s%s",
			n == 1       ? ""
			: n == total ? " and "
				     : ", ",
			p->carriers[k]->name);
	}
	return total;
}

/* Rule: from how many bytes on each way is surely slower than a pointer. */
static void say_from(const struct payload *p, FILE *out)
{
	struct number most = bytes_text(p->bytes[p->n_bytes - 1]);
	const char *before = "Surely slower than a thread with a pointer: ";
	size_t n_slower = 0;

	for (size_t i = 0; i < p->n_bytes; i++) {
		if (list_slower(p, i, NULL) == 0)
			continue;
		fputs(before, out);
		n_slower += list_slower(p, i, out);
		if (i == 0)
			fputs(" with any number of bytes", out);
		else
			fprintf(out, " from %s on",
				bytes_text(p->bytes[i]).text);
		before = ", ";
	}
	if (list_slower(p, p->n_bytes, NULL) > 0) {
		fputs(n_slower > 0 ? "; not shown for "
				   : "Not shown to be slower than a thread "
				     "with a pointer: ",
		      out);
		n_slower += list_slower(p, p->n_bytes, out);
	}
	if (n_slower > 0)
		fprintf(out, ".  Up to %s each way were measured.", most.text);
}

/* Which of two ratios a rule is about. */
enum which {
	WHOLE_TIME,
	CPU_TIME
};

static const struct estimate *ratio_at(const struct payload *p, size_t k,
				       size_t i, enum which which)
{
	const struct payload_point *at = payload_at(p, k, i);

	return which == CPU_TIME ? &at->cpu_ratio : &at->ratio;
}

/*
 * The carrier that takes most with most bytes, if surely more than a pointer;
 * else p->n_carriers.
 */
static size_t dearest(const struct payload *p, enum which which)
{
	size_t last = p->n_bytes - 1, worst = p->n_carriers;

	for (size_t k = 0; k < p->n_carriers; k++) {
		const struct estimate *ratio = ratio_at(p, k, last, which);

		if (payload_more(ratio) &&
		    (worst == p->n_carriers ||
		     ratio->median > ratio_at(p, worst, last, which)->median))
			worst = k;
	}
	return worst;
}

/* Rule: by how much, at most. */
static void say_dearest(const struct payload *p, enum which which, FILE *out)
{
	size_t last = p->n_bytes - 1, k = dearest(p, which);
	const struct estimate *ratio;

	if (k == p->n_carriers)
		return;
	ratio = ratio_at(p, k, last, which);
	fprintf(out, "  With %s a task takes %s%s as %s by %s as by pointer.",
		bytes_text(p->bytes[last]).text,
		number_times(ratio->median).text,
		number_interval(ratio->low, ratio->high, number_ratio).text,
		which == CPU_TIME ? "much processor time" : "long",
		p->carriers[k]->name);
}

/* Times a task may work, one of which is told. */
static const double works_ns[] = {100e3, 1e6, 10e6};

/*
 * From which number of bytes on carrier @k surely needs more than @work_ns to
 * move them; p->n_bytes: from none.
 */
static size_t dearer_from(const struct payload *p, size_t k, double work_ns)
{
	size_t from = p->n_bytes;

	while (from > 0 && payload_at(p, k, from - 1)->move_ns.low > work_ns)
		from--;
	return from;
}

/*
 * Rule: from how many bytes on moving costs more than the work, for the shortest
 * work for which that is decided by the bytes, by the wire everybody has.
 */
static void say_dearer(const struct payload *p, FILE *out)
{
	size_t k = payload_find(p, "pipe"), last = p->n_bytes - 1, from;
	struct number first;

	if (k == p->n_carriers)
		return;
	for (size_t i = 0; i < ARRAY_LEN(works_ns); i++) {
		const struct estimate *move;

		from = dearer_from(p, k, works_ns[i]);
		if (!(payload_at(p, k, 0)->move_ns.high < works_ns[i]) ||
		    from == p->n_bytes)
			continue;
		move = &payload_at(p, k, from)->move_ns;
		first = bytes_text(p->bytes[from]);
		fprintf(out, "  A task that works for %s and brings %s",
			number_time_short(works_ns[i]).text, first.text);
		if (from < last)
			fprintf(out, " to %s", bytes_text(p->bytes[last]).text);
		fprintf(out,
			" by pipe spends more time on moving than on working: "
			"%s%s with %s.",
			number_time(move->median).text,
			number_interval(move->low, move->high, number_time)
				.text,
			first.text);
		return;
	}
}

void answer_say_payload(const struct view *v, FILE *out)
{
	struct payload p;

	/* Without memory the page says less. */
	if (payload_make(v, &p) < 0)
		return;
	say_from(&p, out);
	say_dearest(&p, WHOLE_TIME, out);
	say_dearest(&p, CPU_TIME, out);
	say_dearer(&p, out);
	payload_done(&p);
}

/* The claim: moving most bytes takes the slowest surely longer than a pointer. */
void title_payload(const struct view *v, char *buf, size_t size)
{
	struct payload p;

	snprintf(buf, size, "%s", title_neutral_payload);
	if (payload_make(v, &p) == 0) {
		size_t last = p.n_bytes - 1, k = dearest(&p, WHOLE_TIME);
		size_t pointer = payload_find(&p, "pointer");

		if (k < p.n_carriers && pointer < p.n_carriers &&
		    payload_at(&p, k, last)->move_ns.low >
			    payload_at(&p, pointer, last)->move_ns.high)
			snprintf(
				buf, size,
				"%s there and back: %s by %s, %s by pointer",
				bytes_text(p.bytes[last]).text,
				number_time(
					payload_at(&p, k, last)->move_ns.median)
					.text,
				p.carriers[k]->name,
				number_time(payload_at(&p, pointer, last)
						    ->move_ns.median)
					.text);
		payload_done(&p);
	}
}
