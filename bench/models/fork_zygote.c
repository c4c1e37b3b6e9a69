/*
 * fork:zygote - a child process per task, forked by a helper beside each
 * processor, as Android starts its applications.
 *
 *	              ╭──task──▶ zygote 0 ──fork──▶ child: run, _exit
 *	generator ────┤             ▲                 │
 *	    ▲         │             └────waitpid──────┘   a shared page for
 *	    │         ╰──task──▶ zygote 1 …               the child's result
 *	    └═══════ answer ════════╯
 *
 * The cost to look for: `create', and that it hardly grows with the number of
 * workers.  fork(2) takes the time of whoever calls it; in fork.c that is the
 * generator, for all.  Here as many processors fork at once, each its own child,
 * which is born where it is to run.  And what the generator has taken since, its
 * zygotes do not have, and need not copy.
 *
 * What that buys: all that fork.c does, faster.  What it costs: a message there
 * and one back, processes that must be watched in their turn, and a child that
 * knows only what was known when its zygote was made.
 *
 * A zygote may be killed, and its child with it: the child asked for that.  What
 * was still in its pipe is there for its successor, as the pipe is ours, too;
 * only the task it had taken is lost, and fails.  Whose parent has died comes to
 * us, to be collected.
 *
 * What the zygotes do is in fork_zygote_breed.c, read it first.  Compare fork.c:
 * the same without the helpers.  pool.c: helpers that run the tasks themselves.
 */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "bench/models/fork_zygote_breed.h"
#include "harness/base.h"
#include "harness/fifo.h"
#include "harness/model.h"

struct zygote {
	pid_t pid;         /* leads a group of its own; 0: nobody */
	int ended;         /* pidfd; -1: nobody */
	int tasks[2];      /* a pipe of struct task, never full */
	int answers[2];    /* … of struct completion; never waits for us */
	struct fifo given; /* tasks without an answer, oldest first */

	uint64_t end_by_ns; /* the oldest must have ended */
	bool proven;        /* it has answered */
	bool late;          /* it had not, and all were killed */
	bool dead;          /* its last answers are to be read yet */
	int wait_status;    /* of its death */
};

/* What to wait for: two descriptors a zygote, its end and its answers. */
enum {
	END,
	ANSWERS,
	EVENTS
};

struct nursery {
	const struct job *job;
	struct zygote *zygotes; /* [job->workers] */
	struct cradle *cradles; /* [job->workers], memory all share */
	struct pollfd *events;  /* [job->workers * EVENTS] */
	uint32_t next;          /* zygote to ask first in collect */
	int64_t respawns;
	int adopted; /* whether we took in orphans before open */
};

/*
 * Kill a zygote and its child, and collect them.  Until it has told its number
 * the child is of its zygote's group, and after that we know it; only if it is
 * ours, by its zygote's death, the number is surely its own still.
 */
static void bury(struct nursery *n, uint32_t index)
{
	struct zygote *z = &n->zygotes[index];
	pid_t pid, child;
	siginfo_t info;
	int status;

	if (z->pid == 0)
		return;
	(void)kill(-z->pid, SIGKILL);
	while ((pid = waitpid(-z->pid, &status, 0)) >= 0 || errno == EINTR) {
		if (pid == z->pid)
			z->wait_status = status;
	}
	child = __atomic_exchange_n(&n->cradles[index].child, 0,
				    __ATOMIC_SEQ_CST);
	if (child != 0 && waitid(P_PID, (id_t)child, &info,
				 WEXITED | WNOHANG | WNOWAIT) == 0) {
		(void)kill(-child, SIGKILL);
		while (waitpid(-child, NULL, 0) >= 0 || errno == EINTR)
			;
	}
	(void)close(z->ended); /* a pidfd has nothing to lose */
	z->ended = -1;
	z->pid = 0;
}

/* In zygote @index: of all pipes, keep the ends that are its own. */
static void forget_others(const struct nursery *n, uint32_t index)
{
	for (uint32_t i = 0; i < n->job->workers; i++) {
		const struct zygote *z = &n->zygotes[i];

		(void)close(z->tasks[1]);
		(void)close(z->answers[0]);
		if (i == index)
			continue;
		(void)close(z->tasks[0]);
		(void)close(z->answers[1]);
	}
}

static int start(struct nursery *n, uint32_t index)
{
	struct zygote *z = &n->zygotes[index];
	pid_t parent = getpid(), pid = fork();

	if (pid == 0) {
		forget_others(n, index);
		zygote_breed(n->job, index, parent, z->tasks[0], z->answers[1],
			     &n->cradles[index]);
	}
	if (pid < 0)
		return -errno;
	(void)setpgid(pid, pid); /* both must, see fork.c */
	z->pid = pid;
	z->ended = (int)syscall(SYS_pidfd_open, pid, 0);
	if (z->ended < 0) {
		int r = -errno;

		bury(n, index);
		return r;
	}
	return 0;
}

static void nursery_close(void *model);

static int open_pipes(struct zygote *z)
{
	if (pipe2(z->tasks, O_CLOEXEC) < 0 || pipe2(z->answers, O_CLOEXEC) < 0)
		return -errno;
	CHECK(fcntl(z->answers[0], F_SETFL, O_NONBLOCK) == 0);
	return 0;
}

static int nursery_open(const struct job *job, void **ret)
{
	size_t bytes = job->workers * sizeof(struct cradle);
	struct nursery *n = calloc(1, sizeof(*n));
	int r = -ENOMEM;

	if (!n)
		return -ENOMEM;
	n->job = job;
	CHECK(prctl(PR_GET_CHILD_SUBREAPER, &n->adopted) == 0);
	CHECK(prctl(PR_SET_CHILD_SUBREAPER, 1) == 0);
	n->zygotes = calloc(job->workers, sizeof(*n->zygotes));
	n->events = calloc(job->workers * EVENTS, sizeof(*n->events));
	n->cradles = mmap(NULL, bytes, PROT_READ | PROT_WRITE,
			  MAP_SHARED | MAP_ANONYMOUS | MAP_POPULATE, -1, 0);
	if (n->cradles == MAP_FAILED)
		n->cradles = NULL;
	if (!n->zygotes || !n->events || !n->cradles)
		goto fail;
	for (uint32_t i = 0; i < job->workers; i++)
		n->zygotes[i] = (struct zygote){
			.ended = -1,
			.tasks = {-1, -1},
			.answers = {-1, -1},
			.end_by_ns = CLOCK_NEVER,
		};
	for (uint32_t i = 0; i < job->workers; i++) {
		r = fifo_init(&n->zygotes[i].given, job->depth,
			      sizeof(struct task));
		if (r == 0)
			r = open_pipes(&n->zygotes[i]);
		if (r < 0)
			goto fail;
	}
	/* Whoever cannot be started now may be when there is a task for it. */
	for (uint32_t i = 0; i < job->workers; i++)
		(void)start(n, i);
	*ret = n;
	return 0;
fail:
	nursery_close(n);
	return r;
}

/* The next task begins, or there is none. */
static void set_clock(const struct nursery *n, struct zygote *z)
{
	z->end_by_ns = z->given.n > 0 && n->job->run_limit_ns
			       ? clock_ns() + n->job->run_limit_ns
			       : CLOCK_NEVER;
}

/* To the zygote that has least to do. */
static int nursery_submit(void *model, const struct task *tasks, size_t n_tasks)
{
	struct nursery *n = model;
	struct zygote *z = &n->zygotes[0];

	(void)n_tasks;
	for (uint32_t i = 1; i < n->job->workers; i++) {
		if (n->zygotes[i].given.n < z->given.n)
			z = &n->zygotes[i];
	}
	if (fifo_put(&z->given, &tasks[0]) < 0)
		return 0;
	CHECK(write(z->tasks[1], &tasks[0], sizeof(tasks[0])) ==
	      sizeof(tasks[0]));
	if (z->given.n == 1)
		set_clock(n, z);
	return 1;
}

/* Take answers that have come, up to @max. */
static size_t hear(struct nursery *n, struct zygote *z, struct completion *ret,
		   size_t max)
{
	size_t count = 0;
	struct task task;

	while (count < max &&
	       read(z->answers[0], &ret[count], sizeof(*ret)) == sizeof(*ret)) {
		CHECK(fifo_take(&z->given, &task) && task.id == ret[count].id);
		count++;
		z->proven = true;
		set_clock(n, z);
	}
	return count;
}

/* Has the zygote, or the one before it, taken the oldest task? */
static bool has_taken(const struct zygote *z)
{
	int bytes;

	CHECK(ioctl(z->tasks[0], FIONREAD, &bytes) == 0);
	return (size_t)bytes < z->given.n * sizeof(struct task);
}

/* The oldest task of @z, for which there is no zygote any more, ends so. */
static struct completion fail(struct nursery *n, struct zygote *z,
			      int32_t status)
{
	struct completion c = {
		.worker = (uint32_t)(z - n->zygotes),
		.cpu = -1,
		.status = status,
	};
	struct task task;

	if (!has_taken(z)) /* its successor would */
		CHECK(read(z->tasks[0], &task, sizeof(task)) == sizeof(task));
	CHECK(fifo_take(&z->given, &task));
	c.id = task.id;
	set_clock(n, z);
	return c;
}

/*
 * A zygote has died, and its answers have been read.  A task that it had taken
 * ends with it.  So does one that it had not, if it never did anything: else
 * successors that die at birth would follow each other for ever.
 */
static size_t mourn(struct nursery *n, struct zygote *z, struct completion *ret)
{
	int32_t status = z->late ? TASK_STATUS(TASK_TIMEOUT, 0)
				 : task_status_of_wait(z->wait_status);
	bool fails = z->given.n > 0 && (has_taken(z) || !z->proven);

	if (fails)
		*ret = fail(n, z, status);
	z->dead = z->late = z->proven = false;
	return fails;
}

/* Whoever has died, or is not there, while there is something to do. */
static size_t mend(struct nursery *n, uint32_t index, struct completion *ret,
		   size_t max)
{
	struct zygote *z = &n->zygotes[index];
	size_t count = 0;
	int r;

	if (z->dead && max > 0)
		count = mourn(n, z, ret);
	while (z->pid == 0 && !z->dead && z->given.n > 0 && count < max) {
		r = start(n, index);
		if (r < 0)
			ret[count++] = fail(n, z, TASK_STATUS(TASK_START, -r));
		else
			n->respawns++;
	}
	return count;
}

/*
 * Sleep until something has come, or @deadline_ns.  Kills those whose task has
 * run too long on the way: a task that hangs may be stopped or deaf to all else,
 * and so may its zygote.
 */
static void wait_for_events(struct nursery *n, uint64_t deadline_ns)
{
	uint64_t now = clock_ns(), wake_ns = deadline_ns;
	struct timespec left;

	for (uint32_t i = 0; i < n->job->workers; i++) {
		struct pollfd *events = &n->events[i * EVENTS];
		struct zygote *z = &n->zygotes[i];

		events[END] = (struct pollfd){z->ended, POLLIN, 0};
		events[ANSWERS] = (struct pollfd){z->answers[0], POLLIN, 0};
		if (z->dead || (z->pid == 0 && z->given.n > 0))
			wake_ns = 0; /* to be mended */
		else if (z->pid != 0 && now >= z->end_by_ns)
			z->late = kill(-z->pid, SIGKILL) == 0;
		else if (z->end_by_ns < wake_ns)
			wake_ns = z->end_by_ns;
	}
	left = clock_timespec(wake_ns > now ? wake_ns - now : 0);
	if (ppoll(n->events, n->job->workers * EVENTS, &left, NULL) < 0)
		CHECK(errno == EINTR || errno == ENOMEM); /* both pass */
}

static int nursery_reap(void *model, uint64_t deadline_ns,
			struct completion *ret, size_t max)
{
	struct nursery *n = model;
	size_t count = 0;

	for (;;) {
		wait_for_events(n, deadline_ns);
		for (uint32_t i = 0; i < n->job->workers && count < max; i++) {
			/* Go on where we stopped: not always the first. */
			uint32_t index = n->next++ % n->job->workers;
			struct zygote *z = &n->zygotes[index];

			if (n->events[index * EVENTS + END].revents) {
				bury(n, index);
				z->dead = true;
			}
			/* Its last answers come before its end. */
			count += hear(n, z, ret + count, max - count);
			count += mend(n, index, ret + count, max - count);
		}
		if (count > 0 || clock_ns() >= deadline_ns)
			return (int)count;
	}
}

static void close_pipe(const int ends[2])
{
	for (int i = 0; i < 2; i++) {
		if (ends[i] >= 0)
			(void)close(ends[i]); /* a pipe has nothing to lose */
	}
}

static void nursery_close(void *model)
{
	struct nursery *n = model;

	if (!n)
		return;
	for (uint32_t i = 0; n->zygotes && n->cradles && i < n->job->workers;
	     i++) {
		bury(n, i);
		close_pipe(n->zygotes[i].tasks);
		close_pipe(n->zygotes[i].answers);
		fifo_done(&n->zygotes[i].given);
	}
	CHECK(prctl(PR_SET_CHILD_SUBREAPER, n->adopted) == 0);
	if (n->cradles)
		(void)munmap(n->cradles, n->job->workers * sizeof(*n->cradles));
	free(n->events);
	free(n->zygotes);
	free(n);
}

static void nursery_count(void *model, struct model_counts *ret)
{
	const struct nursery *n = model;

	*ret = model_no_counts;
	ret->respawns = n->respawns;
}

const struct model model_fork_zygote = {
	.name = "fork:zygote",
	.summary = "a child process per task, forked by a helper per worker",
	.traits = MODEL_PROCESS | MODEL_PER_TASK,
	.open = nursery_open,
	.submit = nursery_submit,
	.reap = nursery_reap,
	.close = nursery_close,
	.count = nursery_count,
};
