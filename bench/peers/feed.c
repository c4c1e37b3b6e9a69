/*
 * feed - what stands at both ends of `xargs' or `parallel', see programs.sh.
 *
 * They get a line for each task from our standard output: its seed.  There are
 * always some more lines than they can run tasks, as from a file.  On standard
 * input come the answers of our program, in whatever order: each tells its seed.
 * The account goes to descriptor 3.
 */
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "bench/peers/stint.h"
#include "harness/base.h"
#include "harness/errand.h"

/*
 * Lines per worker beyond those that are at work.  `parallel' holds answers back
 * until it has started as many tasks more as it runs at once.
 */
#define AHEAD 4

static struct stint stint;

static void put(void)
{
	printf("%u\n", (unsigned)stint_next(&stint));
	/* If a line is lost, an answer is, too. */
	(void)fflush(stdout);
}

/* Read answers until there are no more.  How many; or -1: one is none. */
static int64_t work(void)
{
	char line[ERRAND_LINE];
	int64_t n = 0;

	for (; fgets(line, sizeof(line), stdin); n++) {
		struct completion c;

		if (!errand_parse(line, strlen(line), &c) || c.id < 1 ||
		    c.id > PEER_SEEDS || c.status != TASK_STATUS(TASK_OK, 0)) {
			fprintf(stderr, "an answer that is none: %s", line);
			return -1;
		}
		stint_note(&stint, 0, c.id, c.digest);
		if (stint_is_over(&stint))
			continue;
		if (stint_goes_on(&stint))
			put();
		else if (dup2(3, STDOUT_FILENO) < 0) /* No more lines. */
			return -1;
	}
	return n;
}

int main(int argc, char **argv)
{
	int64_t n;
	int code;

	if (!stint_begin(&stint, argc, argv, "", &code))
		return code;
	for (uint32_t i = 0; i < (1 + AHEAD) * stint.workers; i++)
		put();
	n = work();
	if (n < 0)
		return 1;
	if ((uint64_t)n != stint.n_tasks || !stint_is_over(&stint)) {
		fputs("feed: the answers ended too early\n", stderr);
		return 1;
	}
	/* The tool is our child, by the exec of programs.sh. */
	(void)wait(NULL);
	return stint_print(&stint);
}
