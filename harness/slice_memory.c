#include "harness/slice_memory.h"

#include <dirent.h>
#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct process {
	long pid, parent;
	bool ours; /* descends from this process, or is it */
};

struct processes {
	struct process *all; /* [n] */
	size_t n, room;
};

/* 0 if @pid is gone: then it has no memory either. */
static long parent_of(long pid)
{
	char path[64], line[512], *after_name;
	long parent = 0;
	FILE *f;

	snprintf(path, sizeof(path), "/proc/%ld/stat", pid);
	f = fopen(path, "re");
	if (!f)
		return 0;
	/* `1234 (name) S 1200 …', and the name may have brackets itself. */
	if (fgets(line, sizeof(line), f)) {
		after_name = strrchr(line, ')');
		/* A bracket, a space, the state, a space, the parent. */
		if (after_name && strlen(after_name) > 4)
			parent = strtol(after_name + 4, NULL, 10);
	}
	(void)fclose(f);
	return parent;
}

static int add_process(struct processes *p, long pid)
{
	if (p->n == p->room) {
		size_t room = p->room ? 2 * p->room : 256;
		struct process *all = realloc(p->all, room * sizeof(*all));

		if (!all)
			return -ENOMEM;
		p->all = all;
		p->room = room;
	}
	p->all[p->n++] = (struct process){
		.pid = pid,
		.parent = parent_of(pid),
		.ours = pid == (long)getpid(),
	};
	return 0;
}

/* All processes of the machine that we can see.  0 or -errno. */
static int list_processes(struct processes *p)
{
	DIR *proc = opendir("/proc");
	struct dirent *entry;
	int r = 0;

	if (!proc)
		return -errno;
	while (r == 0 && (entry = readdir(proc))) {
		char *end;
		long pid = strtol(entry->d_name, &end, 10);

		if (pid > 0 && *end == '\0')
			r = add_process(p, pid);
	}
	(void)closedir(proc);
	return r;
}

static bool is_ours(const struct processes *p, long pid)
{
	for (size_t i = 0; i < p->n; i++) {
		if (p->all[i].pid == pid)
			return p->all[i].ours;
	}
	return false;
}

/* Children of ours are ours, and so on, until a round finds no more. */
static void find_descendants(struct processes *p)
{
	bool more = true;

	while (more) {
		more = false;
		for (size_t i = 0; i < p->n; i++) {
			struct process *x = &p->all[i];

			if (x->ours || !is_ours(p, x->parent))
				continue;
			x->ours = more = true;
		}
	}
}

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
	struct processes p = {0};
	int r = list_processes(&p);

	find_descendants(&p);
	ret->pss_bytes = ret->rss_bytes = 0;
	ret->processes = 0;
	for (size_t i = 0; r == 0 && i < p.n; i++) {
		if (p.all[i].ours)
			r = add_memory(p.all[i].pid, ret);
	}
	free(p.all);
	/* A part of them would look like all. */
	if (r < 0 || ret->processes == 0) {
		ret->pss_bytes = ret->rss_bytes = -1;
		ret->processes = 0;
	}
}
