#include "bench/cli/progress.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "harness/base.h"

/* A shorter bar than the least tells too little to be worth its place. */
#define BAR_WIDTH 24
#define MIN_BAR_WIDTH 6

void progress_init(struct progress *p, bool quiet)
{
	const char *term = getenv("TERM");

	/* A dumb terminal cannot go back to draw a line again. */
	*p = (struct progress){
		.quiet = quiet,
		.terminal = isatty(STDERR_FILENO) == 1 && term && *term &&
			    strcmp(term, "dumb") != 0,
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

/* How many characters fit on a line of the terminal. */
static size_t columns(void)
{
	struct winsize size;

	if (ioctl(STDERR_FILENO, TIOCGWINSZ, &size) < 0 || size.ws_col == 0)
		return 80;
	return size.ws_col;
}

/* Where the run is; with the cell that is measured now, if @cell. */
static size_t describe(const struct run_progress *now, bool cell, char *buf,
		       size_t size)
{
	char left[48], where[32] = "warming up";

	time_left(now->left_ns, left, sizeof(left));
	if (now->block > 0)
		snprintf(where, sizeof(where), "block %" PRIu32 " of %" PRIu32,
			 now->block, now->blocks);
	if (cell)
		snprintf(buf, size, "%s%s: %s %s", where, left,
			 now->cell->workload, now->cell->model);
	else
		snprintf(buf, size, "%s%s", where, left);
	return strlen(buf);
}

static void draw_bar(struct progress *p, const struct run_progress *now)
{
	size_t total = (now->blocks + 1) * now->slices;
	size_t done = now->block * now->slices + now->slice;
	/* The last column stays free: to write there can wrap the line. */
	size_t room = columns() - 1, width = 0;
	char bar[BAR_WIDTH + 1], text[160];
	size_t used = describe(now, true, text, sizeof(text)) + 3;

	/* On a narrow terminal the cell goes first, the bar next. */
	if (used + MIN_BAR_WIDTH > room)
		used = describe(now, false, text, sizeof(text)) + 3;
	if (used + MIN_BAR_WIDTH <= room)
		width = room - used < BAR_WIDTH ? room - used : BAR_WIDTH;
	for (size_t i = 0; i < width; i++)
		bar[i] = i < width * done / total ? '#' : '.';
	bar[width] = '\0';
	if (width > 0)
		fprintf(stderr, "\r[%s] %s\033[K", bar, text);
	else
		fprintf(stderr, "\r%.*s\033[K", (int)room, text);
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
