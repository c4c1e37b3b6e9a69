#include "harness/slice_memory.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "harness/slice_processes.h"

/* A process that has ended, zombies too, has given its memory back. */
static int add_memory(long pid, struct slice_result *ret)
{
	int64_t pss = -1, rss = -1;
	char path[64], line[256];
	FILE *f;

	snprintf(path, sizeof(path), "/proc/%ld/smaps_rollup", pid);
	f = fopen(path, "re");
	if (!f)
		return errno == ENOENT || errno == ESRCH ? 0 : -errno;
	while (fgets(line, sizeof(line), f)) {
		if (strncmp(line, "Pss:", 4) == 0)
			pss = 1024 * strtoll(line + 4, NULL, 10);
		else if (strncmp(line, "Rss:", 4) == 0)
			rss = 1024 * strtoll(line + 4, NULL, 10);
	}
	(void)fclose(f);
	if (pss >= 0 && rss >= 0) {
		ret->pss_bytes += pss;
		ret->rss_bytes += rss;
		ret->processes++;
	}
	return 0;
}

void slice_memory_read(struct slice_result *ret)
{
	struct processes p;
	int r = processes_list(&p);

	ret->pss_bytes = ret->rss_bytes = 0;
	ret->processes = 0;
	for (size_t i = 0; r == 0 && i < p.n; i++) {
		if (p.all[i].ours)
			r = add_memory(p.all[i].pid, ret);
	}
	processes_done(&p);
	/* A part of them would look like all. */
	if (r < 0 || ret->processes == 0) {
		ret->pss_bytes = ret->rss_bytes = -1;
		ret->processes = 0;
	}
}
