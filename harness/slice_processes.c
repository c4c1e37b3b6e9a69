#include "harness/slice_processes.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

void process_look(struct process *p)
{
	char path[64], line[512], *after_name;
	FILE *f;

	p->parent = 0;
	p->state = 0;
	snprintf(path, sizeof(path), "/proc/%ld/stat", p->pid);
	f = fopen(path, "re");
	if (!f)
		return;
	/* `1234 (name) S 1200 …', and the name may have brackets itself. */
	if (fgets(line, sizeof(line), f)) {
		after_name = strrchr(line, ')');
		/* A bracket, a space, the state, a space, the parent. */
		if (after_name && strlen(after_name) > 4) {
			p->state = after_name[2];
			p->parent = strtol(after_name + 4, NULL, 10);
		}
	}
	(void)fclose(f);
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
	p->all[p->n] = (struct process){
		.pid = pid,
		.ours = pid == (long)getpid(),
	};
	process_look(&p->all[p->n++]);
	return 0;
}

static int read_proc(struct processes *p)
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

int processes_list(struct processes *ret)
{
	int r;

	*ret = (struct processes){0};
	r = read_proc(ret);
	if (r == 0)
		find_descendants(ret);
	return r;
}

void processes_done(struct processes *p)
{
	free(p->all);
	*p = (struct processes){0};
}

bool process_is_leaf(const struct processes *all, const struct process *p)
{
	for (size_t i = 0; i < all->n; i++) {
		if (all->all[i].parent == p->pid)
			return false;
	}
	return p->ours;
}
