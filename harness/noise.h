/*
 * noise - who else used the processors while we measured, read only.
 *
 * Floor 1.  Three-valued: fine, bad, or unknown.  No machine tells everything
 * (a container may hide /proc/stat, an old kernel has no PSI), and what cannot
 * be known is -1, never guessed and never 0.
 *
 * Two things can take a processor from us.  Steal: the hypervisor let another
 * guest run.  Foreign CPU: another process of our own machine ran, which is
 * what all processors did less what we did ourselves.  Neither implies the
 * other, so both are needed; and a processor that only became slower (clock
 * frequency, a shared core) shows in neither, but in the canary.
 *
 * /proc/stat counts ticks, 10 ms each where USER_HZ is 100, and on many kernels
 * by looking once a tick at who runs.  So a slice of 200 ms on 2 processors is
 * 40 ticks, and less than about 20 ms of foreign time in it means nothing.  The
 * sums of a whole block are many times as long and that much sharper: judge
 * those.
 */
#ifndef HARNESS_NOISE_H
#define HARNESS_NOISE_H

#include <stdint.h>

/* Totals since boot of all processors of the machine; -1 unknown. */
struct noise_sample {
	int64_t total_ns; /* all below and idle: moves on or means nothing */
	int64_t busy_ns;  /* user, nice, system, irq and softirq */
	int64_t steal_ns; /* ready to run, but the hypervisor did not let us */
	int64_t psi_ns;   /* during which some task waited for a processor */
};

/* Blocks only on /proc. */
void noise_read(struct noise_sample *ret);

/* The same from @root/proc; normally "/". */
void noise_read_below(const char *root, struct noise_sample *ret);

/* What happened between two samples; -1 unknown. */
struct noise {
	int64_t busy_ns, steal_ns, psi_ns;
	int64_t foreign_ns; /* busy with other processes than ours */
};

/*
 * The difference of @before and @after, @own_ns being the CPU time that we used
 * ourselves in between (getrusage(2), of this process and of its children).  A
 * counter that went back, as old kernels' do, counts as 0.  If the processors'
 * time stood still, nobody counts it (some sandboxes show a /proc/stat that
 * never changes, or less than a tick has passed): all but PSI is then unknown.
 */
void noise_between(const struct noise_sample *before,
		   const struct noise_sample *after, uint64_t own_ns,
		   struct noise *ret);

/*
 * @busy_ns less @own_ns; 0 if that is less than nothing, which is the ticks'
 * error; -1 if @busy_ns is unknown.  For a block, give the sums over its slices
 * instead of adding up the slices' foreign times: each of those was cut at 0,
 * so that their errors no longer cancel.
 */
int64_t noise_foreign_ns(int64_t busy_ns, uint64_t own_ns);

/*
 * The sum of two times: -1 if one of them is unknown, the largest number if it
 * is larger.
 */
int64_t noise_add(int64_t a, int64_t b);

enum noise_level {
	NOISE_UNKNOWN,
	NOISE_OK,
	NOISE_BAD
};

/* "unknown", "ok" or "bad". */
const char *noise_level_name(enum noise_level level);

/* A block that lost a larger part of its processors' time is bad. */
#define NOISE_LIMIT 0.10

/*
 * The rule for a block, fixed beforehand: bad if steal and foreign CPU together
 * took more than NOISE_LIMIT of @capacity_ns, that is wall time times the
 * processors we could use.  -1 is an unknown time.  If one of both is unknown,
 * the other may still suffice for bad, but never for ok: what we cannot see may
 * be the half that is bad.
 *
 * /proc/stat is of the whole machine.  Where we may use only some of its
 * processors, what others do on the rest counts against us, too: the rule errs
 * towards bad.
 */
enum noise_level noise_block_level(int64_t steal_ns, int64_t foreign_ns,
				   uint64_t capacity_ns);

/*
 * The part of the CPU time that was there for us: 1 less what steal and foreign
 * CPU took of @capacity_ns; in 0 to 1, NaN if one of them is unknown.
 *
 * The other way to say it, our own CPU time by wall time and workers, would be
 * wrong: a worker that waits for a task or for a disk uses no processor and has
 * lost none.
 */
double noise_share(int64_t steal_ns, int64_t foreign_ns, uint64_t capacity_ns);

/*
 * Do a fixed piece of work, about 2 ms of arithmetic that needs no memory, and
 * return the CPU time that the calling thread needed for it, in ns.  If it
 * differs between two slices or two runs of one program, the processor itself
 * was faster or slower: another frequency, or a neighbour on its core.
 */
uint64_t noise_canary_ns(void);

#endif
