/*
 * goal - the contract of a wish: how fast we want to be, beside whom.
 *
 * Floor 2.  A suite that measures how work is handed out must hand it out better
 * than what it is measured against, or its verdicts are about itself.  An
 * experiment may have a table of goals, each a ratio of two of its cells, ours
 * to that of a limit or of a rival; `manyhands goals DIR' judges a run by it.
 */
#ifndef HARNESS_GOAL_H
#define HARNESS_GOAL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* One side of a comparison: who runs which tasks, how many at a time. */
struct goal_side {
	const char *runs;     /* a model, a peer, or the experiment's own */
	const char *workload; /* one of the experiment's default ones */
	uint64_t task_us;     /* how long a task takes; 0: as short as it can */
	uint32_t depth;   /* 0: with its one worker as many as others have */
	uint32_t workers; /* 1; 0: as many as the processors can run */
	bool loose;       /* not pinned, as peers are not */
	uint32_t windows; /* how many times the run's window; 0: once */
};

/* What of the two sides is compared, ours divided by theirs. */
enum goal_measure {
	GOAL_THROUGHPUT,
	GOAL_PER_WORKER, /* throughput of each of our workers to that of theirs */
	GOAL_ROUND_TRIP, /* median latency */
	GOAL_MEMORY,     /* the most that the measuring process ever had */
};

struct goal {
	const char *what;
	enum goal_measure measure;
	double bound; /* of the ratio */
	bool at_most; /* else at least */
	struct goal_side ours, theirs;
};

/* Room for the name of a side's cell, as in cell_spec. */
#define GOAL_NAME 32

/*
 * What the cells of @side are called as a model, "pool:10us:64": no two sides
 * that differ have one name.
 */
void goal_name(const struct goal_side *side, char ret[GOAL_NAME]);

#endif
