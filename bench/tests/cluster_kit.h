/*
 * cluster_kit - a cluster without the model, and clients to torment it.
 *
 * The primary lives in the test's own process, which gives it its turns while
 * it waits for answers.
 */
#ifndef BENCH_TESTS_CLUSTER_KIT_H
#define BENCH_TESTS_CLUSTER_KIT_H

#include "bench/models/cluster_primary.h"
#include "harness/base.h"

/* Nothing here takes so long, unless it never ends. */
#define KIT_PATIENCE_NS (60 * NS_PER_S)

struct kit_cluster {
	struct cluster_primary primary;

	/* What the primary has told. */
	uint32_t n_ready, n_died, n_given_up, n_rolled, n_stuck, n_short;
	struct primary_event died; /* the last */
};

/* The policies, by name, for tests that go through all. */
#define KIT_POLICIES                                                           \
	{                                                                      \
		"exclusive", "herd", "block", "reuseport", "roundrobin", "ack" \
	}

/*
 * Start @k, which is static, with @workers that answer any path with who they are; before, they do what
 * the path says: /nap sleep for 50 ms, /hang for ever, /die by SIGKILL, /exit
 * with status 7.  Waits until all are ready.  @run_limit_ns as in the options.
 */
void kit_start(struct kit_cluster *k, const char *policy, uint32_t workers,
	       uint64_t run_limit_ns);

/* End it; nothing must be left. */
void kit_stop(struct kit_cluster *k);

/* After a test that failed: kill what it has left, so that the next can run. */
int kit_teardown(void **state);

/* Give the primary turns for as long as @waiting(k), or fail at last. */
void kit_wait(struct kit_cluster *k, bool (*waiting)(struct kit_cluster *k));

/* The same for an expression that is no function. */
#define KIT_WAIT_WHILE(k, condition)                                           \
	do {                                                                   \
		uint64_t until_ns = clock_ns() + KIT_PATIENCE_NS;              \
		while (condition)                                              \
			kit_turn((k), until_ns);                               \
	} while (0)

/* Give the primary a turn of a millisecond; fails from @until_ns on. */
void kit_turn(struct kit_cluster *k, uint64_t until_ns);

/* Wait until all places have ready workers and nobody is leaving. */
void kit_wait_ready(struct kit_cluster *k);

/* A connection, and a request on it; @close: it is the last. */
int kit_connect(struct kit_cluster *k);
void kit_send(int fd, const char *path, bool close);

/* Who has answered. */
struct kit_reply {
	bool ok;     /* else the connection has ended without an answer */
	bool closes; /* "Connection: close" */
	uint32_t worker;
	pid_t pid;
};

/* Receive one answer, while the primary has its turns. */
struct kit_reply kit_receive(struct kit_cluster *k, int fd);

/* Both. */
struct kit_reply kit_ask(struct kit_cluster *k, int fd, const char *path);

/* A new connection for one request. */
struct kit_reply kit_ask_once(struct kit_cluster *k, const char *path);

/* How many descriptors this process has open. */
uint32_t kit_descriptors(void);

/* All workers' numbers. */
struct board_sum kit_sum(const struct kit_cluster *k);

#endif
