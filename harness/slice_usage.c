#include "harness/slice_usage.h"

#include "harness/base.h"

void slice_usage_read(struct slice_usage *u)
{
	CHECK(getrusage(RUSAGE_SELF, &u->self) == 0);
	CHECK(getrusage(RUSAGE_CHILDREN, &u->children) == 0);
}

static uint64_t timeval_ns(struct timeval t)
{
	return (uint64_t)t.tv_sec * NS_PER_S + (uint64_t)t.tv_usec * NS_PER_US;
}

void slice_usage_note(const struct slice_usage *before,
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
