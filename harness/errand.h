/*
 * errand - a task as a program of its own: the words that ask for it, the line
 * that answers, and the end of whoever was asked.
 *
 * Floor 2.  For models that execute a program for each task: a small one, or this
 * one as `manyhands task …'.  The fork(2) and the execve(2) stay in the model:
 *
 *	parent				child
 *	errand_open()
 *	errand_open_report()
 *	fork() ───────────────────────▶	errand_begin()
 *	errand_started()		execve(words.argv[0], …)
 *	poll(2) for p->out, p->ended	errand_fail(): only if that failed
 *	errand_read(), errand_end()
 */
#ifndef HARNESS_ERRAND_H
#define HARNESS_ERRAND_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "harness/model.h"
#include "harness/task.h"

#define ERRAND_MAX_WORDS 16
#define ERRAND_WORDS_BYTES 8192                      /* of all words together */
#define ERRAND_QUOTED_BYTES (5 * ERRAND_WORDS_BYTES) /* quotes, all of it */

/* An answer is shorter; who says more talks nonsense. */
#define ERRAND_LINE 256

/* An argument vector and the text it points to. */
struct errand_words {
	char *argv[ERRAND_MAX_WORDS]; /* NULL-terminated */
	size_t n, used;
	char text[ERRAND_WORDS_BYTES];
};

/*
 * The words that make a program run @task of @job as worker @self and answer by
 * one line.  argv[0] is the path of the program: @program, a small one as
 * job->task_program is; NULL: the one that the process @owner runs, even if
 * another has been built in its place.
 */
void errand_words(struct errand_words *ret, const struct job *job,
		  const struct worker *self, const struct task *task,
		  const char *program, pid_t owner);

/*
 * The same words as one line for a shell, each in single quotes, in which
 * nothing means anything but the quote itself.
 */
void errand_quote(const struct errand_words *words,
		  char ret[ERRAND_QUOTED_BYTES]);

/* The line that tells of @c; a newline at its end.  Returns its length. */
size_t errand_print(const struct completion *c, char ret[ERRAND_LINE]);

/*
 * The reverse, to the letter: true only if @text of @bytes is just what
 * errand_print() makes of @ret, but for the worker, which it does not tell.
 */
bool errand_parse(const char *text, size_t bytes, struct completion *ret);

/* One program at work. */
struct errand {
	pid_t pid; /* leads a group of its own; 0: nobody */
	int ended; /* pidfd: readable when it has ended; -1: nobody */
	int out;   /* its standard output; -1: at its end */

	int report; /* on which a fork says why it cannot execute; -1: none */
	int child_out, child_report; /* the child's ends, until it is started */
	bool killed;                 /* for its lateness: errand_kill() */
	size_t bytes;                /* that it has said, at most this much: */
	char text[ERRAND_LINE];
};

/* Make the pipe of its output.  0 or -errno, and then nothing is open. */
int errand_open(struct errand *p);

/*
 * Make another, for errand_fail(): for a child with memory of its own, which has
 * no other way to tell.  0 or -errno, and then @p is closed.
 */
int errand_open_report(struct errand *p);

/*
 * In the child, before execve(2): standard input from nowhere, standard output
 * to the pipe, everything else but standard error closed on execve(2).  Leads a
 * group.  0 or -errno.
 */
int errand_begin(const struct errand *p);

/* In the child, after a failure: tell the parent @error, and end. */
_Noreturn void errand_fail(const struct errand *p, int error);

/*
 * In the parent, with what fork(2) gave, or -errno.  @pidfd is the child's, and
 * from now on ours; -1: make one.  0, or -errno: there is no child, and the
 * pipes are closed.
 */
int errand_started(struct errand *p, pid_t pid, int pidfd);

/* Take what it has said; if that is too much, kill it. */
void errand_read(struct errand *p);

/* Its time is over: kill it and its group.  Call errand_end() as ever. */
void errand_kill(struct errand *p);

/*
 * Once p->ended is readable, or to end it: kill what is left of its group,
 * collect it, and say in @ret how its task @id ended.  All of @p is closed.
 */
void errand_end(struct errand *p, uint64_t id, struct completion *ret);

/*
 * In the program, before its task: do not outlive whoever wants the answer.  A
 * shell may stand between us and it; then we are that one's child, and this dies
 * with us both.  Should the reader be gone already, this does not return.
 */
void errand_die_with_reader(void);

#endif
