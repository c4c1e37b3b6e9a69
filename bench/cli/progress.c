#include "bench/cli/progress.h"

#include <inttypes.h>
#include <stdio.h>
#include <unistd.h>

#include "harness/base.h"

#define BAR_WIDTH 24

void progress_init(struct progress *p, bool quiet)
{
	*p = (struct progress){
		.quiet = quiet,
		.terminal = isatty(STDERR_FILENO) == 1,
	};
}

/* "1 min 20 s", "45 s", "" if unknown. */
static void time_left(uint64_t ns, char *buf, size_t size)
{
	uint64_t s = (ns + NS_PER_S - 1) / NS_PER_S;

	if (ns == 0)
		snprintf(buf, size, "%s", "");
	else if (s >= 60)
		snprintf(buf, size, ", %" PRIu64 " min %" PRIu64 " s left",
			 s / 60, s % 60);
	else
		snprintf(buf, size, ", %" PRIu64 " s left", s);
}

static void draw_bar(struct progress *p, const struct run_progress *now)
{
	char bar[BAR_WIDTH + 1], left[48];
	size_t total = (now->blocks + 1) * now->slices;
	size_t filled =
		BAR_WIDTH * (now->block * now->slices + now->slice) / total;

	for (size_t i = 0; i < BAR_WIDTH; i++)
		bar[i] = i < filled ? '#' : '.';
	bar[BAR_WIDTH] = '\0';
	time_left(now->left_ns, left, sizeof(left));
	if (now->block == 0)
		fprintf(stderr, "\r[%s] warming up%s\033[K", bar, left);
	else
		fprintf(stderr,
			"\r[%s] block %" PRIu32 " of %" PRIu32
			"%s: %s %s\033[K",
			bar, now->block, now->blocks, left, now->cell->workload,
			now->cell->model);
	p->drawn = true;
}

void progress_show(void *ctx, const struct run_progress *now)
{
	struct progress *p = ctx;
	char left[48];

	if (p->quiet)
		return;
	if (p->terminal) {
		draw_bar(p, now);
		return;
	}
	if (now->slice > 0)
		return;
	time_left(now->left_ns, left, sizeof(left));
	if (now->block == 0)
		fprintf(stderr, "warming up: %zu slices\n", now->slices);
	else
		fprintf(stderr, "block %" PRIu32 " of %" PRIu32 "%s\n",
			now->block, now->blocks, left);
}

void progress_done(struct progress *p)
{
	if (p->drawn)
		fputs("\r\033[K", stderr);
	p->drawn = false;
}
