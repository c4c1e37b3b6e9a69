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

/* What a zygote knows. */
struct breeder {
	const struct job *job;
	struct worker self;
	int tasks, answers; /* its ends of the two pipes */
	struct cradle *cradle;
};

/*
 * The child.  Its place is its zygote's, by birth.  It leads a group, so that a
 * kill reaches what its task has started; but first it says who it is.
 */
static _Noreturn void work(const struct breeder *b, const struct task *task,
			   pid_t zygote)
{
	struct cradle *cradle = b->cradle;
	uint64_t created_ns = clock_ns();

	__atomic_store_n(&cradle->child, getpid(), __ATOMIC_SEQ_CST);
	(void)setpgid(0, 0); /* fails never: we are nobody's leader yet */
	child_begin(zygote, NULL);
	/* Whatever it says or reads, it cannot be in our name. */
	(void)close(b->tasks);
	(void)close(b->answers);
	task_run(b->job, &b->self, task, created_ns, &cradle->result);
	_exit(0);
}

/* A child for @task, from its birth to its end. */
static struct completion bear(const struct breeder *b, const struct task *task)
{
	struct completion c = {
		.id = task->id, .worker = b->self.index, .cpu = -1};
	struct cradle *cradle = b->cradle;
	pid_t zygote = getpid(), pid;
	int status;

	/* Lost until proven done: what the last task left here must go. */
	cradle->result = (struct completion){.status = TASK_LOST};
	pid = fork();
	if (pid == 0)
		work(b, task, zygote);
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
	struct breeder b = {
		.job = job,
		.tasks = tasks,
		.answers = answers,
		.cradle = cradle,
	};
	struct task task;

	child_begin(parent, NULL);
	(void)setpgid(0, 0);
	worker_begin(&b.self, job, index);
	/* Records of one size, each written at once, are read whole. */
	while (read(tasks, &task, sizeof(task)) == sizeof(task)) {
		struct completion c = bear(&b, &task);

		if (write(answers, &c, sizeof(c)) != sizeof(c))
			break;
	}
	_exit(1);
}
