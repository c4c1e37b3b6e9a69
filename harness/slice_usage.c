#include "harness/slice_usage.h"

#include "harness/base.h"

static uint64_t timeval_ns(struct timeval t)
{
	return (uint64_t)t.tv_sec * NS_PER_S + (uint64_t)t.tv_usec * NS_PER_US;
}

static void note_own(const struct slice_usage *before,
		     const struct slice_usage *after, struct slice_result *ret)
{
	const struct rusage *b[] = {&before->self, &before->children};
	const struct rusage *a[] = {&after->self, &after->children};

	for (size_t i = 0; i < ARRAY_LEN(a); i++) {
		ret->user_ns +=
			timeval_ns(a[i]->ru_utime) - timeval_ns(b[i]->ru_utime);
		ret->system_ns +=
			timeval_ns(a[i]->ru_stime) - timeval_ns(b[i]->ru_stime);
		ret->switches_voluntary +=
			(uint64_t)(a[i]->ru_nvcsw - b[i]->ru_nvcsw);
		ret->switches_involuntary +=
			(uint64_t)(a[i]->ru_nivcsw - b[i]->ru_nivcsw);
		ret->faults_minor +=
			(uint64_t)(a[i]->ru_minflt - b[i]->ru_minflt);
		ret->faults_major +=
			(uint64_t)(a[i]->ru_majflt - b[i]->ru_majflt);
	}
	/* Linux gives ru_maxrss in KiB. */
	ret->peak_self_bytes = (uint64_t)after->self.ru_maxrss * 1024;
	ret->peak_child_bytes = (uint64_t)after->children.ru_maxrss * 1024;
}

/*
 * The order is that of an onion: what we need for looking, which is reading
 * /proc and the canary, is not in what the slice used itself.
 */
void slice_usage_begin(struct slice_usage *u, struct slice_result *ret)
{
	ret->canary_before_ns = (int64_t)noise_canary_ns();
	u->at_ns = clock_ns();
	noise_read(&u->noise);
	CHECK(getrusage(RUSAGE_SELF, &u->self) == 0);
	CHECK(getrusage(RUSAGE_CHILDREN, &u->children) == 0);
}

void slice_usage_end(const struct slice_usage *before, struct slice_result *ret)
{
	struct slice_usage after;
	struct noise noise;

	CHECK(getrusage(RUSAGE_SELF, &after.self) == 0);
	CHECK(getrusage(RUSAGE_CHILDREN, &after.children) == 0);
	noise_read(&after.noise);
	after.at_ns = clock_ns();
	ret->canary_after_ns = (int64_t)noise_canary_ns();

	note_own(before, &after, ret);
	noise_between(&before->noise, &after.noise,
		      ret->user_ns + ret->system_ns, &noise);
	ret->noise_span_ns = (int64_t)(after.at_ns - before->at_ns);
	ret->busy_ns = noise.busy_ns;
	ret->steal_ns = noise.steal_ns;
	ret->foreign_ns = noise.foreign_ns;
	ret->psi_ns = noise.psi_ns;
}
