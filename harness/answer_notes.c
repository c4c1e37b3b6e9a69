/*
 * The notes: what a reader must know before trusting a number.
 */
#include <inttypes.h>
#include <math.h>
#include <stdarg.h>
#include <string.h>

#include "harness/answer_internal.h"
#include "harness/base.h"
#include "harness/design.h"
#include "harness/number.h"

#define BUSY_LOAD 0.25 /* load average per processor that disturbs */

static const char *const level_names[] = {
	[NOTE_GOOD] = "good",
	[NOTE_INFO] = "note",
	[NOTE_WARN] = "care",
	[NOTE_BAD] = "bad",
};

const char *note_level_name(enum note_level level)
{
	CHECK((size_t)level < ARRAY_LEN(level_names));
	return level_names[level];
}

void note_add(struct notes *notes, enum note_level level, const char *format,
	      ...)
{
	struct note *note = &notes->items[notes->n];
	va_list ap;

	CHECK(notes->n < ARRAY_LEN(notes->items));
	note->level = level;
	va_start(ap, format);
	vsnprintf(note->text, sizeof(note->text), format, ap);
	va_end(ap);
	notes->n++;
}

static void note_blocks(const struct summary *s, struct notes *notes)
{
	const struct run_info *info = &s->run->info;
	char more[64] = "";

	if (info->blocks_done > info->blocks_planned)
		snprintf(more, sizeof(more),
			 ", and %" PRIu32 " more because of noise",
			 info->blocks_done - info->blocks_planned);
	if (info->complete && strcmp(info->stopped, "precise") == 0)
		note_add(notes, NOTE_GOOD,
			 "After %" PRIu32 " blocks every headline ratio was "
			 "known to within %.0f %%, and the run stopped.",
			 info->blocks_done, 100 * DESIGN_HALF_WIDTH);
	else if (info->complete && info->blocks_done < info->blocks_planned)
		note_add(notes, NOTE_INFO,
			 "The time was used up after %" PRIu32 " of %" PRIu32
			 " blocks, all of them whole.",
			 info->blocks_done, info->blocks_planned);
	else if (info->complete && info->blocks_done == 1)
		note_add(notes, NOTE_GOOD,
			 "The one planned block was measured.");
	else if (info->complete)
		note_add(notes, NOTE_GOOD,
			 "All %" PRIu32 " planned blocks were measured%s.",
			 info->blocks_planned, more);
	else
		note_add(notes, NOTE_WARN,
			 "The run ended early%s%s%s: %" PRIu32 " of %" PRIu32
			 " blocks were measured.",
			 info->stopped[0] ? " (" : "", info->stopped,
			 info->stopped[0] ? ")" : "", info->blocks_done,
			 info->blocks_planned);
}

/* Cells that were measured in too few blocks, although the run has enough. */
static void note_intervals(const struct summary *s, struct notes *notes)
{
	size_t n = 0, none = 0;

	for (size_t i = 0; i < s->n; i++) {
		const struct estimate *t = &s->cells[i].throughput_per_s;

		/* A model that dies with its task has no throughput. */
		if (s->cells[i].spec.fault[0])
			continue;
		if (!isfinite(t->median))
			none++;
		else if (!isfinite(t->low))
			n++;
	}
	if (n > 0)
		note_add(notes, NOTE_WARN,
			 "%zu of %zu cells were measured too few "
			 "times for an interval.",
			 n, s->n);
	if (none > 0)
		note_add(notes, NOTE_BAD,
			 "%zu of %zu cells were never measured.", none, s->n);
}

/* Whether some cells were measured to see tasks fail; s->ok has none of them. */
static bool has_faults(const struct summary *s)
{
	for (size_t i = 0; i < s->n; i++) {
		if (s->cells[i].spec.fault[0])
			return true;
	}
	return false;
}

static void note_tasks(const struct summary *s, struct notes *notes)
{
	char kinds[120] = "";
	size_t used = 0;

	if (s->submitted == 0)
		return;
	if (s->failed == 0) {
		note_add(notes, NOTE_GOOD, "All %s tasks%s ended ok.",
			 number_count(s->submitted).text,
			 has_faults(s) ? " of cells without faults" : "");
		return;
	}
	for (int e = 0; e < TASK_ENDS; e++) {
		uint64_t n = 0;

		for (size_t i = 0; i < s->n; i++)
			n += s->cells[i].spec.fault[0] ? 0
						       : s->cells[i].ended[e];
		if (e == TASK_OK || n == 0 || used >= sizeof(kinds) - 40)
			continue;
		used += (size_t)snprintf(&kinds[used], sizeof(kinds) - used,
					 "%s%s %" PRIu64, used ? ", " : "",
					 task_end_name((enum task_end)e), n);
	}
	note_add(notes, NOTE_BAD, "%s of %s tasks failed (%s).",
		 number_count(s->failed).text, number_count(s->submitted).text,
		 kinds);
}

static void note_digests(const struct summary *s, struct notes *notes)
{
	if (s->ok == 0)
		return;
	if (s->wrong_digests > 0)
		note_add(notes, NOTE_BAD,
			 "%s results differ from the serial ones: "
			 "do not use these numbers.",
			 number_count(s->wrong_digests).text);
	else if (!s->digests_equal)
		note_add(notes, NOTE_BAD,
			 "Slices of the same work had different "
			 "results: do not use these numbers.");
	else
		note_add(notes, NOTE_GOOD,
			 "Every result is the same as when the "
			 "task runs alone.");
}

static void note_slices(const struct summary *s, struct notes *notes)
{
	if (s->n_bad_slices == 0)
		return;
	for (size_t i = 0; i < s->n; i++) {
		const struct cell_summary *c = &s->cells[i];

		if (!c->trouble[0] || c->spec.fault[0])
			continue;
		note_add(notes, NOTE_BAD,
			 "%zu of %zu slices did not end well; the "
			 "first: %s (%s, %s, workers %" PRIu32 ").",
			 s->n_bad_slices, s->run->n, c->trouble, c->spec.model,
			 c->spec.workload, c->spec.workers);
		return;
	}
}

static void note_pinning(const struct summary *s, struct notes *notes)
{
	uint64_t misplaced = 0, unbound = 0, migrations = 0;
	bool pinned = false;

	for (size_t i = 0; i < s->n; i++) {
		misplaced += s->cells[i].misplaced;
		unbound += s->cells[i].unbound;
		migrations += s->cells[i].migrations;
		pinned |= strcmp(s->cells[i].spec.pin, "none") != 0;
	}
	if (s->ok == 0)
		return;
	if (!pinned)
		note_add(notes, NOTE_INFO,
			 "Workers were not pinned: they moved to "
			 "another processor %s times.",
			 number_count(migrations).text);
	else if (misplaced + unbound + migrations == 0)
		note_add(notes, NOTE_GOOD,
			 "Pinning held: every task ran on its "
			 "worker's processor.");
	else
		note_add(notes, NOTE_WARN,
			 "Pinning did not hold: tasks on a wrong "
			 "processor %s, of workers that could not "
			 "be pinned %s, moves %s.",
			 number_count(misplaced).text,
			 number_count(unbound).text,
			 number_count(migrations).text);
}

static void note_generator(const struct summary *s, struct notes *notes)
{
	size_t shared = 0, measured = 0;

	for (size_t i = 0; i < s->n; i++) {
		measured += s->cells[i].n_measured > 0;
		shared += s->cells[i].generator_shared;
	}
	if (measured == 0)
		return;
	if (shared == 0)
		note_add(notes, NOTE_GOOD,
			 "The load generator had a processor of "
			 "its own.");
	else
		note_add(notes, NOTE_INFO,
			 "In %zu of %zu cells the load generator "
			 "shared the processors with the workers.",
			 shared, measured);
}

static void note_machine(const struct summary *s, struct notes *notes)
{
	const struct run_info *info = &s->run->info;
	const struct host *host = &info->host;

	if (isfinite(host->quota_cpus) && host->quota_cpus > 0)
		note_add(
			notes,
			host->quota_cpus < info->usable_pus ? NOTE_WARN
							    : NOTE_INFO,
			"A CPU quota allowed %s processors (cgroup %s); %" PRIu32
			" were visible.",
			number_short(host->quota_cpus).text, host->quota_from,
			info->usable_pus);
	if (info->usable_cores < info->usable_pus)
		note_add(notes, NOTE_INFO,
			 "%" PRIu32 " processors are in %" PRIu32
			 " cores: siblings share a core.",
			 info->usable_pus, info->usable_cores);
	if (isfinite(host->load[0]) &&
	    host->load[0] > BUSY_LOAD * info->usable_pus)
		note_add(notes, NOTE_WARN,
			 "The machine was not idle: load average "
			 "%s at the start.",
			 number_plain(host->load[0]).text);
	if (host->hypervisor[0] && strcmp(host->hypervisor, "none") != 0)
		note_add(notes, NOTE_INFO,
			 "This is a virtual machine (%s): what "
			 "other guests do cannot be seen.",
			 host->hypervisor);
}

/* What to worry about comes first; otherwise the order stays. */
static void put_worst_first(struct notes *notes)
{
	for (size_t i = 1; i < notes->n; i++) {
		struct note note = notes->items[i];
		size_t k = i;

		for (; k > 0 && notes->items[k - 1].level < note.level; k--)
			notes->items[k] = notes->items[k - 1];
		notes->items[k] = note;
	}
}

void notes_make(const struct summary *s, struct notes *ret)
{
	*ret = (struct notes){.n = 0};
	note_blocks(s, ret);
	note_intervals(s, ret);
	note_tasks(s, ret);
	note_digests(s, ret);
	note_slices(s, ret);
	note_pinning(s, ret);
	note_generator(s, ret);
	answer_note_trust(s, ret);
	note_machine(s, ret);
	put_worst_first(ret);
}
