/*
 * host - the machine as far as it matters for a result, read only.
 *
 * Floor 1.  What cannot be known is marked unknown, never guessed: empty
 * string, -1 or NaN as the field says.  Nothing is ever changed.
 */
#ifndef HARNESS_HOST_H
#define HARNESS_HOST_H

#include <stdint.h>

struct host {
	char name[64];       /* host name */
	char cpu[96];        /* model name; "" unknown */
	char kernel[96];     /* "Linux 6.1.0 x86_64" */
	char compiler[96];   /* that built us */
	char hypervisor[32]; /* "kvm", …; "vm" nameless; "none"; "" unknown */
	char governor[32];   /* cpufreq of CPU 0; "" unknown */
	char clocksource[32];  /* "tsc"; "" unknown */
	int aslr;              /* randomize_va_space; -1 unknown */
	double mhz;            /* of CPU 0 now; NaN unknown */
	int turbo;             /* may exceed its base frequency; -1 unknown */
	int on_battery;        /* so it may slow down at any time; -1 unknown */
	uint64_t memory_bytes; /* installed; 0 unknown */
	double load[3];        /* load average; NaN unknown */
	uint32_t cpus;         /* online; 0 unknown */
	double quota_cpus;     /* CPUs the cgroups allow; NaN: no quota */
	char quota_from[8];    /* "v1", "v2"; "" when no cgroup told */
};

/* Fill @ret.  Blocks only on /proc and /sys. */
void host_read(struct host *ret);

/* The same from @root/proc and @root/sys; normally "/". */
void host_read_below(const char *root, struct host *ret);

/*
 * The CPU quota in @root (normally "/"), as a number of CPUs: the smallest of
 * all limits on the way from our cgroup to the top.  Reads cgroup v2
 * (cpu.max) and v1 (cpu.cfs_quota_us / cpu.cfs_period_us) below
 * @root/sys/fs/cgroup as @root/proc/self/cgroup says.  NaN: none.  @from gets
 * "v1" or "v2", whichever set the limit or said that there is none; "" if no
 * cgroup said anything.
 */
double host_quota(const char *root, char from[8]);

#endif
