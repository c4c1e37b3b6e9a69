#include "harness/host.h"

#include <errno.h>
#include <limits.h>
#include <math.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/*
 * Groups of processes form a tree, a limit may be set at each level, and the
 * tightest counts.  In version 1 each controller has a tree of its own, in
 * version 2 all share one; a hybrid system has both, with the controller "cpu"
 * in one of them.
 */
struct answer {
	double cpus;      /* the tightest limit; NaN: none yet */
	const char *from; /* the version that said so; "" none yet */
};

/* Read the first line of @dir/@name, without its end; false: there is none. */
static bool read_line(const char *dir, const char *name, char ret[64])
{
	char path[PATH_MAX];
	bool ok;
	FILE *f;
	int n = snprintf(path, sizeof(path), "%s/%s", dir, name);

	if (n < 0 || (size_t)n >= sizeof(path))
		return false;
	f = fopen(path, "re");
	if (!f)
		return false;
	ok = fgets(ret, 64, f) != NULL;
	(void)fclose(f); /* only read */
	if (ok)
		ret[strcspn(ret, "\n")] = '\0';
	return ok;
}

/* Read microseconds and step over them; -1 if there are none at *@s. */
static long long parse_us(char **s)
{
	char *end;
	long long us;

	if (**s < '0' || **s > '9')
		return -1;
	errno = 0;
	us = strtoll(*s, &end, 10);
	*s = end;
	return errno == 0 ? us : -1;
}

/* Take in that @from says: @quota_us in each @period_us; negative: no limit. */
static void hear(struct answer *a, const char *from, long long quota_us,
		 long long period_us)
{
	double cpus = (double)quota_us / (double)period_us;

	if (quota_us < 0) {
		if (a->from[0] == '\0')
			a->from = from;
	} else if (isnan(a->cpus) || cpus < a->cpus) {
		a->cpus = cpus;
		a->from = from;
	}
}

/* "150000 100000" or "max 100000"; what is neither says nothing. */
static void ask_v2(struct answer *a, const char *dir)
{
	long long quota_us = -1, period_us;
	char line[64], *s = line;

	if (!read_line(dir, "cpu.max", line))
		return;
	if (strncmp(s, "max", 3) == 0)
		s += 3;
	else if ((quota_us = parse_us(&s)) <= 0)
		return;
	if (*s++ != ' ')
		return;
	period_us = parse_us(&s);
	if (period_us > 0 && *s == '\0')
		hear(a, "v2", quota_us, period_us);
}

/* The same in two files, where a quota of -1 means no limit. */
static void ask_v1(struct answer *a, const char *dir)
{
	char quota[64], period[64], *q = quota, *p = period;
	long long quota_us = -1, period_us;

	if (!read_line(dir, "cpu.cfs_quota_us", quota) ||
	    !read_line(dir, "cpu.cfs_period_us", period))
		return;
	if (strcmp(quota, "-1") != 0 &&
	    ((quota_us = parse_us(&q)) <= 0 || *q != '\0'))
		return;
	period_us = parse_us(&p);
	if (period_us > 0 && *p == '\0')
		hear(a, "v1", quota_us, period_us);
}

/*
 * Ask each group from @path up to the top of the tree mounted at @mount.  In a
 * container @path may be the name that the host knows, which is not there, or
 * begin above the tree; the top is our own group then, and is always asked.
 */
static void climb(struct answer *a, const char *mount, const char *path,
		  void (*ask)(struct answer *a, const char *dir))
{
	char dir[PATH_MAX];
	size_t top = strlen(mount);
	int n;

	if (strncmp(path, "/..", 3) == 0)
		path = "";
	n = snprintf(dir, sizeof(dir), "%s%s", mount, path);
	if (n < 0 || (size_t)n >= sizeof(dir))
		return;
	for (;;) {
		char *slash;

		ask(a, dir);
		slash = strrchr(dir + top, '/');
		if (!slash)
			return;
		*slash = '\0';
	}
}

/* Whether the list "cpu,cpuacct" names the controller cpu. */
static bool controls_cpu(const char *list)
{
	for (const char *s = list; s; s = strchr(s, ',')) {
		s += *s == ',';
		if (strncmp(s, "cpu", 3) == 0 && (s[3] == ',' || !s[3]))
			return true;
	}
	return false;
}

/* A line of /proc/self/cgroup: "0::/path" or "4:cpu,cpuacct:/path". */
static void ask_tree(struct answer *a, const char *root, char *line)
{
	char *controllers = strchr(line, ':');
	char *path = controllers ? strchr(controllers + 1, ':') : NULL;
	char mount[PATH_MAX];

	if (!path || path[1] != '/')
		return;
	*controllers++ = '\0';
	*path++ = '\0';
	path[strcspn(path, "\n")] = '\0';
	if (controllers[0] == '\0') {
		snprintf(mount, sizeof(mount), "%s/sys/fs/cgroup", root);
		climb(a, mount, path, ask_v2);
		snprintf(mount, sizeof(mount), "%s/sys/fs/cgroup/unified",
			 root);
		climb(a, mount, path, ask_v2);
	} else if (controls_cpu(controllers)) {
		/* The mount has the name of the list, or of one of them. */
		snprintf(mount, sizeof(mount), "%s/sys/fs/cgroup/%s", root,
			 controllers);
		climb(a, mount, path, ask_v1);
		snprintf(mount, sizeof(mount), "%s/sys/fs/cgroup/cpu", root);
		climb(a, mount, path, ask_v1);
	}
}

double host_quota(const char *root, char from[8])
{
	struct answer a = {.cpus = NAN, .from = ""};
	char name[PATH_MAX], *line = NULL;
	size_t size = 0;
	FILE *f = NULL;
	int n = snprintf(name, sizeof(name), "%s/proc/self/cgroup", root);

	if (n > 0 && (size_t)n < sizeof(name))
		f = fopen(name, "re");
	if (f) {
		while (getline(&line, &size, f) >= 0)
			ask_tree(&a, root, line);
		free(line);
		(void)fclose(f); /* only read */
	}
	strcpy(from, a.from);
	return a.cpus;
}
