#include "harness/slice_inject.h"

#include <dirent.h>
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "harness/slice_drive.h"
#include "harness/slice_processes.h"

/* What is on its way out of a closed model is gone after this. */
#define LEAVE_NS (1 * NS_PER_S)

/* When there is no worker to be found, look again after this. */
#define LOOK_AGAIN_NS (1 * NS_PER_MS)

int inject_init(struct inject *i, uint32_t workers)
{
	*i = (struct inject){.fault = NULL};
	i->out_since_ns = calloc(workers, sizeof(*i->out_since_ns));
	return i->out_since_ns ? 0 : -ENOMEM;
}

void inject_done(struct inject *i)
{
	free(i->out_since_ns);
}

static uint64_t count_descriptors(void)
{
	DIR *dir = opendir("/proc/self/fd");
	uint64_t n = 0;

	while (dir && readdir(dir))
		n++;
	if (dir)
		(void)closedir(dir);
	return n;
}

/* Memory shared with other processes: " rw-s" in its line. */
static uint64_t count_mappings(void)
{
	FILE *f = fopen("/proc/self/maps", "re");
	uint64_t n = 0;
	char line[512];

	while (f && fgets(line, sizeof(line), f)) {
		const char *rights = strchr(line, ' ');

		n += rights && strlen(rights) > 4 && rights[4] == 's';
	}
	if (f)
		(void)fclose(f); /* only read */
	return n;
}

/* Zombies too: who makes a child has to collect it. */
static uint64_t count_processes(void)
{
	struct processes p;
	uint64_t n = 0;

	(void)processes_list(&p); /* without memory, those that fit */
	for (size_t i = 0; i < p.n; i++)
		n += p.all[i].ours;
	processes_done(&p);
	return n;
}

static struct belongings count_belongings(void)
{
	return (struct belongings){
		.processes = count_processes(),
		.descriptors = count_descriptors(),
		.mappings = count_mappings(),
	};
}

void inject_begin(struct drive *d)
{
	const struct cell_spec *cell = &d->result->cell;
	struct inject *i = &d->inject;

	if (!cell->fault[0])
		return;
	i->fault = fault_find(cell->fault);
	i->reach = (enum fault_reach)cell->fault_reach;
	i->every_ns = cell->fault_every_ns;
	i->rng.state = mix64(d->arrival_seed);
	(void)prctl(PR_SET_CHILD_SUBREAPER, 1);
	i->before = count_belongings();
}

static uint64_t beyond(uint64_t now, uint64_t before)
{
	return now > before ? now - before : 0;
}

void inject_end(struct drive *d)
{
	const struct belongings *before = &d->inject.before;
	uint64_t deadline_ns = clock_ns() + LEAVE_NS;
	struct belongings now;

	if (!d->inject.fault)
		return;
	while (count_processes() > before->processes &&
	       clock_ns() < deadline_ns)
		clock_sleep_until(clock_ns() + LOOK_AGAIN_NS);
	now = count_belongings();
	d->result->left_processes = beyond(now.processes, before->processes);
	d->result->left_descriptors =
		beyond(now.descriptors, before->descriptors);
	d->result->left_mappings = beyond(now.mappings, before->mappings);
}

/*
 * From then on there are no more faults.  But where the first half of the window
 * had no moment for any, as tasks take too long, one may come yet.
 */
static uint64_t end_of_faults(const struct drive *d)
{
	return d->result->injected ? d->window_start_ns + d->window_ns / 2
				   : CLOCK_NEVER;
}

/* Whether it is time for a fault. */
static bool is_due(const struct drive *d)
{
	const struct inject *i = &d->inject;
	uint64_t begin_ns = d->window_start_ns, now_ns;

	if (!i->fault || begin_ns == CLOCK_NEVER)
		return false;
	now_ns = d->now();
	return now_ns >= begin_ns && now_ns >= i->next_ns &&
	       now_ns < end_of_faults(d);
}

/* A fault has happened. */
static void happened(struct drive *d)
{
	d->inject.next_ns = d->now() + d->inject.every_ns;
	d->result->injected++;
}

uint64_t inject_seed(const struct drive *d)
{
	return is_due(d) && d->inject.fault->act ? FAULT_SEED : 0;
}

void inject_sent(struct drive *d, const struct flight *f)
{
	if (!f->faulty)
		return;
	d->inject.n_faulty++;
	happened(d);
}

/*
 * A pid may be another's as soon as its process is collected.  So open a pidfd
 * and look whether the process is still ours: then the pidfd is its own.
 */
static bool send_signal(const struct process *p, int signal)
{
	struct process now = *p;
	int fd = (int)syscall(SYS_pidfd_open, (pid_t)p->pid, 0);
	bool sent = false;

	if (fd < 0)
		return false;
	process_look(&now);
	if (now.parent == p->parent && !strchr("ZTX", now.state))
		sent = syscall(SYS_pidfd_send_signal, fd, signal, NULL, 0) == 0;
	(void)close(fd);
	return sent;
}

/*
 * Workers are the processes without children of their own.  Where there are
 * none, all share this one.
 */
static bool strike(struct inject *i)
{
	const struct process *chosen = NULL;
	struct processes p;
	uint64_t n = 0;
	bool sent = false;

	if (i->reach == REACH_ALL)
		return kill(getpid(), i->fault->sent) == 0;
	(void)processes_list(&p);
	for (size_t k = 0; k < p.n; k++) {
		/* Each as likely as the others, without counting them first. */
		if (process_is_leaf(&p, &p.all[k]) &&
		    p.all[k].pid != (long)getpid() &&
		    rng_below(&i->rng, ++n) == 0)
			chosen = &p.all[k];
	}
	if (chosen)
		sent = send_signal(chosen, i->fault->sent);
	processes_done(&p);
	return sent;
}

void inject_strike(struct drive *d)
{
	if (!is_due(d) || d->inject.fault->act)
		return;
	if (!strike(&d->inject)) {
		d->inject.next_ns = d->now() + LOOK_AGAIN_NS;
		return;
	}
	happened(d);
	/* One that hangs is missed only when its next task takes too long. */
	d->inject.noticed_ns = d->inject.next_ns;
	if (task_status_end(d->inject.fault->end) == TASK_TIMEOUT)
		d->inject.noticed_ns += d->job->run_limit_ns;
}

uint64_t inject_deadline(const struct drive *d, uint64_t deadline_ns)
{
	const struct inject *i = &d->inject;
	uint64_t next_ns = d->window_start_ns;

	if (!i->fault || i->fault->act || next_ns == CLOCK_NEVER)
		return deadline_ns;
	if (next_ns < i->next_ns)
		next_ns = i->next_ns;
	if (next_ns >= end_of_faults(d))
		return deadline_ns;
	return next_ns < deadline_ns ? next_ns : deadline_ns;
}

/* The place of worker @c->worker works: how long was it out? */
static void note_recovery(struct drive *d, const struct completion *c)
{
	uint64_t since_ns = d->inject.out_since_ns[c->worker];
	uint64_t ns;

	if (since_ns == 0 || c->start_ns < since_ns)
		return;
	ns = c->start_ns - since_ns;
	d->inject.out_since_ns[c->worker] = 0;
	d->inject.n_out--;
	d->result->outages++;
	d->result->outage_sum_ns += ns;
	if (ns > d->result->outage_max_ns)
		d->result->outage_max_ns = ns;
}

/* The place of worker @index has failed with the task of @f. */
static void note_failure(struct drive *d, const struct flight *f,
			 uint32_t index)
{
	uint64_t *since_ns = &d->inject.out_since_ns[index];

	if (*since_ns != 0)
		return;
	*since_ns =
		d->last_end_ns[index] ? d->last_end_ns[index] : f->submit_ns;
	d->inject.n_out++;
}

void inject_note(struct drive *d, const struct flight *f,
		 const struct completion *c, int32_t status)
{
	struct inject *i = &d->inject;
	bool ok = task_status_end(status) == TASK_OK;
	/* From outside it may hit any task, or none. */
	bool hit = f->faulty || (!ok && i->fault && !i->fault->act);

	if (!i->fault)
		return;
	i->n_faulty -= f->faulty;
	if (hit && !fault_promised(i->fault, i->reach, status))
		d->result->misreported++;
	if (!ok && !f->faulty)
		d->result->collateral++;
	if (ok)
		note_recovery(d, c);
	else
		note_failure(d, f, c->worker);
}

bool inject_waits(const struct drive *d)
{
	const struct inject *i = &d->inject;

	if (i->fault && d->result->injected == 0)
		return true;
	/* A server's worker works when somebody connects to it: who knows when. */
	if (i->reach == REACH_TASK && i->n_out > 0)
		return true;
	return i->n_faulty > 0 || d->now() < i->noticed_ns;
}

void inject_finish(struct drive *d)
{
	d->result->places_lost = d->inject.n_out;
}
