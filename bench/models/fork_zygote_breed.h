/*
 * fork_zygote_breed - what a zygote does: take a task, fork, wait, answer.
 *
 * Part of the model fork:zygote.
 */
#ifndef BENCH_MODELS_FORK_ZYGOTE_BREED_H
#define BENCH_MODELS_FORK_ZYGOTE_BREED_H

#include <sys/types.h>

#include "harness/model.h"

/* What a child leaves, in memory that all share. */
struct cradle {
	pid_t child; /* who works, since before it left the zygote's group */
	struct completion result;
};

/*
 * To be called in the process just forked by @parent: be zygote @index of @job.
 * Takes struct task from the pipe @tasks and writes a struct completion for each
 * into @answers.
 */
_Noreturn void zygote_breed(const struct job *job, uint32_t index, pid_t parent,
			    int tasks, int answers, struct cradle *cradle);

#endif
