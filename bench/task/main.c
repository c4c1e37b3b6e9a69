/*
 * manyhands-task - run one task and print its digest; nothing else.
 *
 *	manyhands-task [--record=ID] [--bind-errno=N] [--extra-ppm=N]
 *		WORKLOAD SIZE SEED
 *
 * What the models exec and shell start for each task.  It could be `manyhands
 * task', which is the same for whoever calls it, with or without --record (see
 * harness/errand.h).  But a program is paid for at each start: every library must
 * be mapped and linked, every page that is touched brought in.  So there is
 * nothing here but the workloads: no topology, no JSON of ours, no help.  And
 * where there are archives of the libraries, it is linked statically.
 */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "bench/registry.h"
#include "harness/base.h"
#include "harness/errand.h"
#include "harness/fault.h"

/* When this process began to be ours: before main, before other libraries. */
static uint64_t created_ns;

__attribute__((constructor)) static void note_creation(void)
{
	created_ns = clock_ns();
}

static _Noreturn void usage(void)
{
	static const char text[] =
		"usage: manyhands-task [--record=ID] [--bind-errno=N] "
		"[--extra-ppm=N] WORKLOAD SIZE SEED\n";

	(void)!write(STDERR_FILENO, text, sizeof(text) - 1);
	_exit(2);
}

static uint64_t number(const char *text, uint64_t min, uint64_t max)
{
	char *end;
	uint64_t value;

	errno = 0;
	value = strtoull(text, &end, 10);
	if (errno || *end || *text < '0' || *text > '9' || value < min ||
	    value > max)
		usage();
	return value;
}

/* The value in @word if it is "--name=value", else NULL. */
static const char *value_of(const char *word, const char *name)
{
	size_t n = strlen(name);

	return strncmp(word, name, n) == 0 ? word + n : NULL;
}

static const struct workload *find(const char *name)
{
	const struct workload *w = workload_find(name);

	if (!w)
		w = fault_workload(name, workload_find);
	if (!w)
		usage();
	return w;
}

/*
 * One write(2), and out: what is to be done on the way out of main(), such as
 * libcrypto's giving back each of its tables, the kernel does better.
 */
static _Noreturn void answer(const char *line, size_t bytes)
{
	_exit(write(STDOUT_FILENO, line, bytes) == (ssize_t)bytes ? 0 : 3);
}

int main(int argc, char **argv)
{
	struct worker self = {0};
	struct job job = {0};
	struct task task = {0};
	struct completion c;
	char line[ERRAND_LINE];
	const char *value;
	int record = 0;

	for (; argc > 1 && argv[1][0] == '-'; argc--, argv++) {
		if ((value = value_of(argv[1], "--record="))) {
			task.id = number(value, 0, UINT64_MAX);
			record = 1;
		} else if ((value = value_of(argv[1], "--bind-errno="))) {
			self.bind_errno = (int32_t)number(value, 0, INT32_MAX);
		} else if ((value = value_of(argv[1], "--extra-ppm="))) {
			job.extra_ppm = (uint32_t)number(value, 0, 1000000);
		} else {
			usage();
		}
	}
	if (argc != 4)
		usage();
	job.workload = find(argv[1]);
	job.size = number(argv[2], 1, INT64_MAX);
	task.seed = number(argv[3], 0, UINT64_MAX);
	if (record)
		errand_die_with_reader();
	task_run(&job, &self, &task, created_ns, &c);
	if (record)
		answer(line, errand_print(&c, line));
	answer(line, (size_t)snprintf(line, sizeof(line), "%016" PRIx64 "\n",
				      c.digest));
}
