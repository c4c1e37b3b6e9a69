/*
 * peer - the contract of a rival: the same tasks, run by what people would
 * otherwise use.
 *
 * Floor 2.  A peer is a program in another runtime that measures one slice all
 * by itself: it keeps tasks in flight in a closed loop, settles, counts what
 * ends in a window, and prints that.  It is started with its command and
 *
 *	probe		print the version of the runtime, a line, and end
 *	run WORKLOAD SIZE WORKERS DEPTH SETTLE_NS WINDOW_NS TASK
 *
 * and prints in the second case one JSON object:
 *
 *	{"tasks": 812, "window_ns": 200012345,
 *	 "seeds": [["9f86d081884c7d65", 230, 0], …]}
 *
 * "tasks" ended in the window.  "seeds" has an entry for each of the seeds 1 …
 * PEER_SEEDS, which tasks use in turn: the digest of its first task as 16
 * hexadecimal digits ("" if there was none), how many tasks there were in the
 * whole slice, and how many of them had another digest than the first.  TASK is
 * the small program that our model exec runs: `TASK WORKLOAD SIZE SEED' prints a
 * digest, for peers that start a program for each task.
 *
 * A peer is used as its users use it, and takes no time stamps of single tasks.
 * Whatever goes wrong it says on standard error, and exits with another code
 * than 0.
 */
#ifndef HARNESS_PEER_H
#define HARNESS_PEER_H

#include <stdbool.h>
#include <stdint.h>

#define PEER_SEEDS 4

struct peer {
	const char *name;    /* of its cells: "node:fork" */
	const char *summary; /* one line: what its users call */
	unsigned traits;     /* enum model_trait bits */

	/*
	 * How it is started: words, NULL-terminated.  The first is looked up in
	 * PATH; "peers/FILE" stands for a file in the folder of peers.
	 */
	const char *const *command;

	/* Those it can run, NULL at the end; NULL: all of ours. */
	const char *const *workloads;

	const char *minimum; /* version that is needed; NULL: any */
	const char *package; /* "apt-get install nodejs": what brings it */

	/*
	 * A runtime that compiles what it runs often is not warm after the few
	 * milliseconds that we settle.  It gets at least so long.
	 */
	uint64_t settle_ns;
};

/* Where peers find what is ours. */
struct peer_home {
	const char *folder; /* of the files of peers */
	const char *task;   /* manyhands-task */
};

/* What is known of a peer on this machine. */
struct peer_state {
	bool there;
	char version[32]; /* "20.19.2" */
	char why[160];    /* why it is not there */
};

/* Words of a command line, with room for what they point to. */
#define PEER_MAX_WORDS 16

struct peer_words {
	char *argv[PEER_MAX_WORDS]; /* NULL-terminated */
	char text[PEER_MAX_WORDS][512];
};

/*
 * The command of @peer, followed by the NULL-terminated @more.  0, or
 * -ENAMETOOLONG.
 */
int peer_command(const struct peer *peer, const struct peer_home *home,
		 const char *const *more, struct peer_words *ret);

/*
 * Find out whether @peer can run here, by asking it.  Blocks up to ten seconds.
 * 0 with an answer in @ret; -errno: nothing can be started at all.
 */
int peer_probe(const struct peer *peer, const struct peer_home *home,
	       struct peer_state *ret);

#endif
