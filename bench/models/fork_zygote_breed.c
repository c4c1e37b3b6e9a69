/*
 * A zygote has one child at a time.  It waits for it, so no signal, no poll(2) and
 * no clock is needed here: whoever takes too long is killed by the generator, the
 * zygote with it.
 */
#include "bench/models/fork_zygote_breed.h"

#include <errno.h>
#include <sys/wait.h>
#include <unistd.h>

#include "harness/base.h"
#include "harness/child.h"

/*
 * The child.  Its place is its zygote's, by birth.  It leads a group, so that a
 * kill reaches what its task has started; but first it says who it is.
 */
static _Noreturn void work(const struct job *job, const struct worker *self,
			   pid_t zygote, const struct task *task,
			   struct cradle *cradle)
{
	uint64_t created_ns = clock_ns();

	__atomic_store_n(&cradle->child, getpid(), __ATOMIC_SEQ_CST);
	(void)setpgid(0, 0); /* fails never: we are nobody's leader yet */
	child_begin(zygote, NULL);
	task_run(job, self, task, created_ns, &cradle->result);
	_exit(0);
}

/* A child for @task, from its birth to its end. */
static struct completion bear(const struct job *job, const struct worker *self,
			      const struct task *task, struct cradle *cradle)
{
	struct completion c = {
		.id = task->id, .worker = self->index, .cpu = -1};
	pid_t zygote = getpid(), pid;
	int status;

	/* Lost until proven done: what the last task left here must go. */
	cradle->result = (struct completion){.status = TASK_LOST};
	pid = fork();
	if (pid == 0)
		work(job, self, zygote, task, cradle);
	if (pid < 0) {
		c.status = TASK_STATUS(TASK_START, errno);
		return c;
	}
	while (waitpid(pid, &status, 0) < 0)
		CHECK(errno == EINTR);
	if (status == 0 && cradle->result.status != TASK_LOST)
		return cradle->result;
	c.status = task_status_of_wait(status);
	return c;
}

void zygote_breed(const struct job *job, uint32_t index, pid_t parent,
		  int tasks, int answers, struct cradle *cradle)
{
	struct worker self;
	struct task task;

	child_begin(parent, NULL);
	(void)setpgid(0, 0);
	worker_begin(&self, job, index);
	/* Records of one size, each written at once, are read whole. */
	while (read(tasks, &task, sizeof(task)) == sizeof(task)) {
		struct completion c = bear(job, &self, &task, cradle);

		if (write(answers, &c, sizeof(c)) != sizeof(c))
			break;
	}
	_exit(1);
}
