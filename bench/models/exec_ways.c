/*
 * fork(2) copies the page tables of the parent and marks its pages
 * copy-on-write, so that it grows with the parent; execve(2) throws the copy away
 * at once.  BSD's answer of 1979 was vfork(2): do not copy, lend.  The child runs
 * in the parent's memory, and the thread that called stands still until the child
 * has left that memory, by execve(2) or by its end.
 *
 * What the child may do with borrowed memory is little:
 *
 *   - Nothing but system calls, and writes into what is meant for it.  What it
 *     changes, the parent finds changed: that is how way_borrow() learns of an
 *     error, and why the child may not touch a lock, or malloc(3), or stdio.
 *   - No handler of the parent's may run in it, for it would do the parent's work
 *     in the wrong process.  So all signals are held back until the child has
 *     undone the handlers: those are its own, as CLONE_SIGHAND is not asked for.
 *   - It may not return from the function that called vfork(2): it would take the
 *     parent's stack down.  clone(2) gives it a stack of its own, and a pidfd
 *     into the bargain.
 *
 * CLONE_VFORK stops the calling thread only.  Others go on, in the same memory,
 * which is why a lock in the child might never be free.
 */
#include "bench/models/exec_ways.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include "harness/base.h"
#include "harness/child.h"

/* The child: pinned as the worker it will be, for execve(2) keeps that. */
static _Noreturn void become_program(const struct exec_order *o, pid_t parent)
{
	struct errand_words words;
	struct worker self;
	int r;

	child_begin(parent, NULL);
	worker_begin(&self, o->job, o->index);
	errand_words(&words, o->job, &self, o->task, o->program, parent);
	r = errand_begin(o->errand);
	if (r == 0) {
		(void)execve(words.argv[0], words.argv, environ);
		r = -errno; /* still here, so it failed */
	}
	errand_fail(o->errand, -r);
}

int way_fork(const struct exec_order *o)
{
	pid_t parent = getpid(), pid;
	int r = errand_open(o->errand);

	if (r == 0)
		r = errand_open_report(o->errand);
	if (r < 0)
		return r;
	pid = fork();
	if (pid == 0)
		become_program(o, parent);
	return errand_started(o->errand, pid < 0 ? -errno : pid, -1);
}

/*
 * For the other two.  We stand still until the child is a program, so we can as
 * well go where it is to be: it is born there, and execve(2) keeps that.  A child
 * that pins itself would have to get there first.  After a fork(2) that is the
 * better way, as we go on at once, and would be in the child's.
 */
static void go_and_say(const struct exec_order *o, struct errand_words *ret)
{
	struct worker self;

	worker_begin(&self, o->job, o->index);
	errand_words(ret, o->job, &self, o->task, o->program, getpid());
}

static void come_home(const struct exec_order *o)
{
	CHECK(sched_setaffinity(0, EXEC_CPU_SETS * sizeof(*o->home), o->home) ==
	      0);
}

/* What lies ready for the child, as it can make nothing itself. */
struct loan {
	const struct exec_order *order;
	pid_t parent;
	const sigset_t *mask; /* of the parent, before */
	struct errand_words words;
	int error; /* why the child did not become the program */
};

/* The child, in its parent's memory.  Its result is its exit status. */
static int use_loan(void *arg)
{
	struct loan *loan = arg;
	int r;

	child_begin(loan->parent, NULL);
	r = errand_begin(loan->order->errand);
	CHECK(sigprocmask(SIG_SETMASK, loan->mask, NULL) == 0);
	if (r == 0) {
		(void)execve(loan->words.argv[0], loan->words.argv, environ);
		r = -errno;
	}
	loan->error = r;
	return 127;
}

int way_borrow(const struct exec_order *o)
{
	struct loan loan = {.order = o, .parent = getpid()};
	int r = errand_open(o->errand), pidfd = -1;
	sigset_t all, mask;
	pid_t pid;

	if (r < 0)
		return r;
	go_and_say(o, &loan.words);
	sigfillset(&all);
	CHECK(pthread_sigmask(SIG_SETMASK, &all, &mask) == 0);
	loan.mask = &mask;
	/* Stacks grow down, so the child is given the end of its. */
	pid = clone(use_loan, o->stack + EXEC_STACK_BYTES,
		    CLONE_VM | CLONE_VFORK | CLONE_PIDFD | SIGCHLD, &loan,
		    &pidfd);
	r = pid < 0 ? -errno : loan.error;
	CHECK(pthread_sigmask(SIG_SETMASK, &mask, NULL) == 0);
	come_home(o);
	if (pid >= 0 && r < 0) {
		while (waitpid(pid, NULL, 0) < 0 && errno == EINTR)
			;
		(void)close(pidfd);
	}
	return errand_started(o->errand, r < 0 ? r : pid, pidfd);
}

/* Say what the child is to do: a table for the library, as there is no code. */
static int describe(const struct errand *e, posix_spawn_file_actions_t *files,
		    posix_spawnattr_t *attributes)
{
	static const int changed[] = {SIGINT,  SIGTERM, SIGHUP,
				      SIGPIPE, SIGXFSZ, SIGCHLD};
	sigset_t usual;
	int r;

	sigemptyset(&usual);
	for (size_t i = 0; i < ARRAY_LEN(changed); i++)
		sigaddset(&usual, changed[i]);
	CHECK(posix_spawnattr_setsigdefault(attributes, &usual) == 0);
	CHECK(posix_spawnattr_setpgroup(attributes, 0) == 0);
	CHECK(posix_spawnattr_setflags(attributes,
				       POSIX_SPAWN_SETSIGDEF |
					       POSIX_SPAWN_SETPGROUP) == 0);
	r = posix_spawn_file_actions_addopen(files, STDIN_FILENO, "/dev/null",
					     O_RDONLY, 0);
	if (r == 0)
		r = posix_spawn_file_actions_adddup2(files, e->child_out,
						     STDOUT_FILENO);
	if (r == 0)
		r = posix_spawn_file_actions_addclosefrom_np(files,
							     STDERR_FILENO + 1);
	return -r;
}

/*
 * What posix_spawn(3) has no word for is to die with us.  The program itself asks
 * for that (errand_die_with_reader()), a little later than others.
 */
int way_spawn(const struct exec_order *o)
{
	struct errand_words words;
	posix_spawn_file_actions_t files;
	posix_spawnattr_t attributes;
	int r = errand_open(o->errand);
	pid_t pid = -1;

	if (r < 0)
		return r;
	go_and_say(o, &words);
	CHECK(posix_spawn_file_actions_init(&files) == 0);
	CHECK(posix_spawnattr_init(&attributes) == 0);
	r = describe(o->errand, &files, &attributes);
	if (r == 0)
		r = -posix_spawn(&pid, words.argv[0], &files, &attributes,
				 words.argv, environ);
	come_home(o);
	(void)posix_spawn_file_actions_destroy(&files); /* fail never */
	(void)posix_spawnattr_destroy(&attributes);
	return errand_started(o->errand, r < 0 ? r : pid, -1);
}
