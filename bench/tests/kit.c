#include "bench/tests/kit.h"

#include <dirent.h>
#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "bench/registry.h"
#include "harness/base.h"
#include "harness/tests/effort.h"

/* No property takes longer, under any sanitiser, on any machine. */
#define LIMIT_NS (120 * NS_PER_S)

/* Longer than the kernel needs to clear away what is dead. */
#define PATIENCE_NS (10 * NS_PER_S)

static char note[128];

void kit_note(const char *format, ...)
{
	va_list args;

	va_start(args, format);
	vsnprintf(note, sizeof(note), format, args);
	va_end(args);
}

void kit_failed(const char *what, const char *file, int line)
{
	fprintf(stderr, "# %s:%d: not so: %s", file, line, what);
	fprintf(stderr, note[0] ? " (%s)\n" : "\n", note);
	_exit(1);
}

void kit_equal(long long a, long long b, const char *what, const char *file,
	       int line)
{
	if (a == b)
		return;
	fprintf(stderr, "# %lld is not %lld\n", a, b);
	kit_failed(what, file, line);
}

/* Call @see for each entry of the folder @path but `.' and `..'. */
static void each_entry(const char *path,
		       void (*see)(const char *name, void *arg), void *arg)
{
	DIR *dir = opendir(path);
	const struct dirent *e;

	CHECK(dir);
	while ((e = readdir(dir))) {
		if (e->d_name[0] != '.')
			see(e->d_name, arg);
	}
	(void)closedir(dir);
}

static void see_any(const char *name, void *arg)
{
	uint32_t *n = arg;

	(void)name;
	(*n)++;
}

struct child_list {
	pid_t *pids; /* [max], or NULL */
	size_t n, max;
	uint32_t zombies;
};

/* Is the entry @name of /proc a child of ours? */
static void see_process(const char *name, void *arg)
{
	struct child_list *list = arg;
	char path[300], text[512];
	const char *after;
	char state;
	int parent;
	FILE *f;
	size_t bytes;

	if (name[0] < '0' || name[0] > '9')
		return;
	snprintf(path, sizeof(path), "/proc/%s/stat", name);
	f = fopen(path, "r");
	if (!f)
		return; /* gone meanwhile, so it was not ours */
	bytes = fread(text, 1, sizeof(text) - 1, f);
	(void)fclose(f);
	text[bytes] = '\0';
	/* The second field is a name in brackets that may hold anything. */
	after = strrchr(text, ')');
	if (!after || sscanf(after, ") %c %d", &state, &parent) != 2)
		return;
	if (parent != getpid())
		return;
	if (list->n < list->max)
		list->pids[list->n] = atoi(name);
	list->n++;
	list->zombies += state == 'Z';
}

size_t kit_children(pid_t *ret, size_t max)
{
	struct child_list list = {.pids = ret, .max = max};

	each_entry("/proc", see_process, &list);
	return list.n < max ? list.n : max;
}

static uint32_t count_threads(void)
{
	uint32_t n = 0;

	each_entry("/proc/self/task", see_any, &n);
	return n;
}

/* Only shared ones: of its own memory the C library keeps what it likes. */
static uint32_t count_shared_mappings(void)
{
	FILE *f = fopen("/proc/self/maps", "r");
	char line[512];
	uint32_t n = 0;

	CHECK(f);
	while (fgets(line, sizeof(line), f)) {
		const char *rights = strchr(line, ' ');

		/* " rw-s" */
		n += rights && strlen(rights) > 4 && rights[4] == 's';
	}
	(void)fclose(f);
	return n;
}

void kit_count(struct kit_census *ret)
{
	struct child_list list = {0};

	each_entry("/proc", see_process, &list);
	*ret = (struct kit_census){
		.children = (uint32_t)list.n,
		.zombies = list.zombies,
		.threads = count_threads(),
		.mappings = count_shared_mappings(),
	};
	each_entry("/proc/self/fd", see_any, &ret->descriptors);
	CHECK(pthread_sigmask(SIG_BLOCK, NULL, &ret->mask) == 0);
}

void kit_expect_as(const struct kit_census *before)
{
	uint64_t deadline_ns = clock_ns() + PATIENCE_NS;
	struct kit_census now;

	while (count_threads() != before->threads && clock_ns() < deadline_ns)
		clock_sleep_until(clock_ns() + NS_PER_MS);
	kit_count(&now);
	KIT_EQUAL(now.threads, before->threads);
	KIT_EQUAL(now.zombies, before->zombies);
	KIT_EQUAL(now.children, before->children);
	KIT_EQUAL(now.descriptors, before->descriptors);
	KIT_EQUAL(now.mappings, before->mappings);
	for (int sig = 1; sig < NSIG; sig++)
		KIT_EQUAL(sigismember(&now.mask, sig),
			  sigismember(&before->mask, sig));
}

/* A model and a property, as a test. */
struct pair {
	const struct kit_property *property;
	const struct model *model;
	char name[128];
};

static void *tell_id(void *arg)
{
	pid_t *id = arg;

	*id = gettid();
	return NULL;
}

/*
 * A sanitiser starts a thread of its own together with our first one, and keeps
 * it.  Let it be there, and ours be gone, before anybody counts.
 */
static void start_first_thread(void)
{
	pthread_t thread;
	pid_t id;

	CHECK(pthread_create(&thread, NULL, tell_id, &id) == 0);
	CHECK(pthread_join(thread, NULL) == 0);
	while (tgkill(getpid(), id, 0) == 0)
		clock_sleep_until(clock_ns() + NS_PER_MS);
}

/* The forked process of one test. */
static _Noreturn void check_pair(const struct pair *pair)
{
	struct rlimit no_core = {0, 0};

	/* A model that kills its whole group by mistake kills itself only. */
	CHECK(setpgid(0, 0) == 0);
	/* If our parent is killed, so are we: a hang must not outlive it. */
	CHECK(prctl(PR_SET_PDEATHSIG, SIGKILL) == 0);
	/* What our children leave behind comes to us. */
	CHECK(prctl(PR_SET_CHILD_SUBREAPER, 1) == 0);
	(void)setrlimit(RLIMIT_CORE, &no_core);
	start_first_thread();
	pair->property->check(pair->model);
	exit(0); /* not _exit: sanitisers look for leaks on the way out */
}

/* Kill every child that is left.  How many there were. */
static uint32_t kill_orphans(void)
{
	pid_t pids[64];
	uint32_t killed = 0;
	size_t n;

	/* Those may have children in turn, which come to us when they die. */
	while ((n = kit_children(pids, ARRAY_LEN(pids))) > 0) {
		for (size_t i = 0; i < n; i++) {
			(void)kill(pids[i], SIGKILL);
			CHECK(waitpid(pids[i], NULL, 0) == pids[i]);
		}
		killed += (uint32_t)n;
	}
	return killed;
}

static void test_pair(void **state)
{
	const struct pair *pair = *state;
	struct pollfd ended = {.events = POLLIN};
	uint64_t deadline_ns = clock_ns() + LIMIT_NS;
	int status, late;
	uint32_t orphans;
	pid_t pid;

	(void)fflush(NULL); /* or it would be written twice */
	pid = fork();
	if (pid == 0)
		check_pair(pair);
	assert_true(pid > 0);
	ended.fd = (int)syscall(SYS_pidfd_open, pid, 0);
	assert_true(ended.fd >= 0);
	do
		late = poll(&ended, 1, clock_poll_ms(deadline_ns)) != 1;
	while (late && clock_ns() < deadline_ns);
	(void)close(ended.fd);
	if (late)
		(void)kill(pid, SIGKILL);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	orphans = kill_orphans();
	if (late)
		fail_msg("%s: no end", pair->name);
	if (WIFSIGNALED(status))
		fail_msg("%s: killed by %s", pair->name,
			 strsignal(WTERMSIG(status)));
	if (WEXITSTATUS(status) != 0)
		fail_msg("%s: exit %d", pair->name, WEXITSTATUS(status));
	if (orphans != 0)
		fail_msg("%s: left %u processes", pair->name, orphans);
}

/*
 * All models of the registry, then the experiments' own.  NULL at the end.
 * Where time is short, under a sanitiser, not those: they have tests of their
 * own, which run there, too.
 */
static const struct model **all_models(void)
{
	const struct model **all = calloc(n_models + 1, sizeof(struct model *));
	size_t n = n_models;

	CHECK(all);
	memcpy(all, models, n_models * sizeof(struct model *));
	for (size_t i = 0; effort_of(100) == 100 && i < n_experiments; i++) {
		const struct model *const *own = experiments[i]->own_models;

		for (; own && *own; own++) {
			all = realloc(all, (n + 2) * sizeof(struct model *));
			CHECK(all);
			all[n++] = *own;
		}
	}
	all[n] = NULL;
	return all;
}

int kit_main(const struct kit_property *properties, size_t n)
{
	const struct model **all = all_models();
	int r = kit_main_of(all, properties, n);

	free(all);
	return r;
}

int kit_main_of(const struct model *const *all,
		const struct kit_property *properties, size_t n)
{
	struct CMUnitTest *tests;
	struct pair *pairs;
	size_t used = 0, count = 0;
	int r;

	while (all[count])
		count++;
	pairs = calloc(n * count + 1, sizeof(*pairs));
	tests = calloc(n * count + 1, sizeof(*tests));
	CHECK(pairs && tests);
	CHECK(prctl(PR_SET_CHILD_SUBREAPER, 1) == 0);
	for (size_t i = 0; i < n * count; i++) {
		struct pair *pair = &pairs[used];

		pair->model = all[i / n];
		pair->property = &properties[i % n];
		if (pair->property->only &&
		    !(pair->property->only & pair->model->traits))
			continue;
		snprintf(pair->name, sizeof(pair->name), "%s: %s",
			 pair->model->name, pair->property->name);
		tests[used] = (struct CMUnitTest){
			.name = pair->name,
			.test_func = test_pair,
			.initial_state = pair,
		};
		used++;
	}
	/* What the macro cmocka_run_group_tests() does with an array. */
	r = _cmocka_run_group_tests("models", tests, used, NULL, NULL);
	free(tests);
	free(pairs);
	return r;
}
