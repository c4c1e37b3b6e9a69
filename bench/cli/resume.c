#include "bench/cli/resume.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bench/cli/cli.h"
#include "harness/journal.h"

/*
 * Blocks of two machines in one run would be compared as if they were of one.
 * Kernel and compiler may differ without anybody noticing; then they count as
 * another machine, too.
 */
static void require_same_machine(const char *from, const struct host *then)
{
	struct host now;

	host_read(&now);
	if (strcmp(now.name, then->name) != 0)
		die(EXIT_USAGE,
		    "--resume %s: that run was begun on the machine '%s', "
		    "this is '%s'",
		    from, then->name, now.name);
	if (strcmp(now.cpu, then->cpu) != 0 ||
	    strcmp(now.kernel, then->kernel) != 0 ||
	    strcmp(now.compiler, then->compiler) != 0)
		die(EXIT_USAGE,
		    "--resume %s: processor, kernel or compiler changed since; "
		    "start a new run",
		    from);
}

void resume(const char *from, struct run_results *results, struct plan *plan,
	    char dir[PATH_MAX], int *journal)
{
	char error[512];

	if (snprintf(dir, PATH_MAX, "%s", from) >= PATH_MAX / 2)
		die(EXIT_USAGE, "--resume '%.40s…': too long", from);
	*journal = journal_resume(dir, results, plan, error, sizeof(error));
	if (*journal < 0)
		die(*journal == -EINVAL || *journal == -ENOENT ||
				    *journal == -ENOTDIR || *journal == -ENODATA
			    ? EXIT_USAGE
			    : EXIT_ENVIRONMENT,
		    "--resume: %s", error);
	require_same_machine(from, &results->info.host);
	if (results->info.plugin[0])
		free(load_workload(results->info.plugin));
	if (results->info.program[0])
		load_command(results->info.program);
}
