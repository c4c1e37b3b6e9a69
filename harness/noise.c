#include "harness/noise.h"

#include <errno.h>
#include <limits.h>
#include <math.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "harness/base.h"

/* The columns of the line "cpu" in /proc/stat, proc(5). */
enum column {
	USER, /* time of guests included: their own columns repeat it */
	NICE,
	SYSTEM,
	IDLE,
	IOWAIT,
	IRQ,
	SOFTIRQ,
	STEAL,
	COLUMNS
};

/* Linux 2.4 had four columns; steal came with 2.6.11. */
#define COLUMNS_AT_LEAST (IDLE + 1)

/* The first line of @root@path in @ret; false if there is none. */
static bool read_line(const char *root, const char *path, char *ret, int size)
{
	char name[PATH_MAX];
	bool read;
	FILE *f;

	if (snprintf(name, sizeof(name), "%s%s", root, path) >=
	    (int)sizeof(name))
		return false;
	f = fopen(name, "re");
	if (!f)
		return false;
	read = fgets(ret, size, f) != NULL;
	(void)fclose(f); /* only read */
	return read;
}

/*
 * The number that begins at @text, in units of @unit_ns, and *@end behind it.
 * False: no number, or more than an int64_t of ns.
 */
static bool parse_ns(const char *text, uint64_t unit_ns, char **end,
		     int64_t *ret)
{
	unsigned long long n;

	/* Not left to strtoull(): that takes -1 for the largest number. */
	if (*text < '0' || *text > '9')
		return false;
	errno = 0;
	n = strtoull(text, end, 10);
	if (errno || n > INT64_MAX / unit_ns)
		return false;
	*ret = (int64_t)(n * unit_ns);
	return true;
}

/* How many columns the line "cpu …" has, at most COLUMNS, and their values. */
static size_t parse_cpu(char *line, int64_t ret[COLUMNS])
{
	long hz = sysconf(_SC_CLK_TCK);
	char *at = line + strlen("cpu ");
	size_t n = 0;

	if (hz <= 0 || strncmp(line, "cpu ", strlen("cpu ")) != 0)
		return 0;
	while (n < COLUMNS) {
		at += strspn(at, " ");
		if (!parse_ns(at, NS_PER_S / (uint64_t)hz, &at, &ret[n]))
			break;
		n++;
	}
	return n;
}

static int64_t add(int64_t a, int64_t b)
{
	return a > INT64_MAX - b ? INT64_MAX : a + b;
}

static void read_stat(const char *root, struct noise_sample *ret)
{
	int64_t ns[COLUMNS] = {0};
	char line[512];
	size_t n;

	if (!read_line(root, "/proc/stat", line, sizeof(line)))
		return;
	n = parse_cpu(line, ns);
	if (n < COLUMNS_AT_LEAST)
		return;
	ret->busy_ns = ret->total_ns = 0;
	for (size_t i = 0; i < n; i++) {
		ret->total_ns = add(ret->total_ns, ns[i]);
		if (i != IDLE && i != IOWAIT && i != STEAL)
			ret->busy_ns = add(ret->busy_ns, ns[i]);
	}
	if (n > STEAL)
		ret->steal_ns = ns[STEAL];
}

/* "some avg10=0.00 avg60=0.00 avg300=0.00 total=12345", in microseconds. */
static void read_pressure(const char *root, struct noise_sample *ret)
{
	char line[512], *at, *end;

	if (!read_line(root, "/proc/pressure/cpu", line, sizeof(line)) ||
	    strncmp(line, "some ", strlen("some ")) != 0)
		return;
	at = strstr(line, " total=");
	if (at)
		(void)parse_ns(at + strlen(" total="), NS_PER_US, &end,
			       &ret->psi_ns); /* else it stays unknown */
}

void noise_read_below(const char *root, struct noise_sample *ret)
{
	*ret = (struct noise_sample){-1, -1, -1, -1};
	read_stat(root, ret);
	read_pressure(root, ret);
}

void noise_read(struct noise_sample *ret)
{
	noise_read_below("/", ret);
}

static int64_t passed(int64_t before, int64_t after)
{
	if (before < 0 || after < 0)
		return -1;
	return after > before ? after - before : 0;
}

void noise_between(const struct noise_sample *before,
		   const struct noise_sample *after, uint64_t own_ns,
		   struct noise *ret)
{
	*ret = (struct noise){
		.busy_ns = -1,
		.steal_ns = -1,
		.psi_ns = passed(before->psi_ns, after->psi_ns),
	};
	if (passed(before->total_ns, after->total_ns) > 0) {
		ret->busy_ns = passed(before->busy_ns, after->busy_ns);
		ret->steal_ns = passed(before->steal_ns, after->steal_ns);
	}
	ret->foreign_ns = noise_foreign_ns(ret->busy_ns, own_ns);
}

int64_t noise_foreign_ns(int64_t busy_ns, uint64_t own_ns)
{
	if (busy_ns < 0)
		return -1;
	return (uint64_t)busy_ns > own_ns ? busy_ns - (int64_t)own_ns : 0;
}

const char *noise_level_name(enum noise_level level)
{
	static const char *const names[] = {
		[NOISE_UNKNOWN] = "unknown",
		[NOISE_OK] = "ok",
		[NOISE_BAD] = "bad",
	};

	CHECK((size_t)level < ARRAY_LEN(names));
	return names[level];
}

/* Of @capacity_ns, the part that is known to have been lost. */
static double lost(int64_t steal_ns, int64_t foreign_ns, uint64_t capacity_ns)
{
	double ns = 0;

	if (steal_ns > 0)
		ns += (double)steal_ns;
	if (foreign_ns > 0)
		ns += (double)foreign_ns;
	return ns / (double)capacity_ns;
}

int64_t noise_add(int64_t a, int64_t b)
{
	if (a < 0 || b < 0)
		return -1;
	return a > INT64_MAX - b ? INT64_MAX : a + b;
}

enum noise_level noise_block_level(int64_t steal_ns, int64_t foreign_ns,
				   uint64_t capacity_ns)
{
	if (capacity_ns == 0)
		return NOISE_UNKNOWN;
	if (lost(steal_ns, foreign_ns, capacity_ns) > NOISE_LIMIT)
		return NOISE_BAD;
	return steal_ns < 0 || foreign_ns < 0 ? NOISE_UNKNOWN : NOISE_OK;
}

double noise_share(int64_t steal_ns, int64_t foreign_ns, uint64_t capacity_ns)
{
	double part;

	if (steal_ns < 0 || foreign_ns < 0 || capacity_ns == 0)
		return NAN;
	part = 1 - lost(steal_ns, foreign_ns, capacity_ns);
	return part > 0 ? part : 0;
}

static uint64_t thread_cpu_ns(void)
{
	struct timespec t;

	CHECK(clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t) == 0);
	return (uint64_t)t.tv_sec * NS_PER_S + (uint64_t)t.tv_nsec;
}

/*
 * Never change these: the canaries of two runs are comparable only if they did
 * the same.  Each round needs the result of the round before, so the processor
 * cannot do two at once; and as the last one is compared, the compiler can drop
 * none.
 */
#define CANARY_ROUNDS 600000
#define CANARY_ANSWER UINT64_C(0xbe471096883d0d63)

uint64_t noise_canary_ns(void)
{
	uint64_t begun_ns = thread_cpu_ns();
	uint64_t x = 1;

	for (int i = 0; i < CANARY_ROUNDS; i++)
		x = mix64(x);
	CHECK(x == CANARY_ANSWER);
	return thread_cpu_ns() - begun_ns;
}
