#include "bench/peers/stint.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "harness/base.h"

/* Before the window every worker has run so many tasks on average. */
#define SETTLE_TASKS 10

/* The clock is read about so often, whether tasks are long or short. */
#define LOOK_NS (2 * NS_PER_US)
#define MAX_STRIDE 64

/* The workloads of bench/registry.def. */
#define MODEL(x)
#define EXPERIMENT(x)
#define PEER(x)
#define WORKLOAD(x) extern const struct workload workload_##x;
#include "bench/registry.def"
#undef WORKLOAD
#define WORKLOAD(x) &workload_##x,
static const struct workload *const workloads[] = {
#include "bench/registry.def"
};

static const struct workload *find_workload(const char *name)
{
	for (size_t i = 0; i < ARRAY_LEN(workloads); i++) {
		if (strcmp(workloads[i]->name, name) == 0)
			return workloads[i];
	}
	return NULL;
}

bool stint_begin(struct stint *w, int argc, char **argv, const char *version,
		 int *ret_code)
{
	*ret_code = 0;
	if (argc == 2 && strcmp(argv[1], "probe") == 0) {
		printf("%s\n", version);
		return false;
	}
	*ret_code = 2;
	if (argc != 9 || strcmp(argv[1], "run") != 0) {
		fprintf(stderr,
			"usage: %s probe, or run WORKLOAD SIZE WORKERS "
			"DEPTH SETTLE_NS WINDOW_NS TASK\n",
			argv[0]);
		return false;
	}
	*w = (struct stint){
		.workload = find_workload(argv[2]),
		.size = strtoull(argv[3], NULL, 10),
		.workers = (uint32_t)strtoul(argv[4], NULL, 10),
		.settle_ns = strtoull(argv[6], NULL, 10),
		.window_asked_ns = strtoull(argv[7], NULL, 10),
		.stride = 1,
		.calls_left = 1,
	};
	if (!w->workload || w->workers == 0) {
		fprintf(stderr, "no workload '%s', or no workers\n", argv[2]);
		return false;
	}
	w->in_flight = w->workers * (uint32_t)strtoul(argv[5], NULL, 10);
	w->n_tallies = w->workers + 1;
	w->tallies = aligned_alloc(_Alignof(struct tally),
				   w->n_tallies * sizeof(*w->tallies));
	CHECK(w->tallies);
	memset(w->tallies, 0, w->n_tallies * sizeof(*w->tallies));
	w->settled_ns = clock_ns() + w->settle_ns;
	return true;
}

uint64_t stint_next(struct stint *w)
{
	return w->n_tasks++ % PEER_SEEDS + 1;
}

void stint_run(struct stint *w, uint32_t thread, uint64_t seed)
{
	stint_note(w, thread, seed, w->workload->run(w->size, seed));
}

void stint_note(struct stint *w, uint32_t thread, uint64_t seed,
		uint64_t digest)
{
	struct tally *t = &w->tallies[thread];
	struct seed_tally *s = &t->seeds[seed - 1];

	if (s->tasks++ == 0)
		s->digest = digest;
	s->differed += digest != s->digest;
	/* Only this thread adds: no need for an atomic addition. */
	__atomic_store_n(&t->done, t->done + 1, __ATOMIC_RELAXED);
}

static uint64_t count_done(const struct stint *w)
{
	uint64_t n = 0;

	for (uint32_t i = 0; i < w->n_tallies; i++)
		n += __atomic_load_n(&w->tallies[i].done, __ATOMIC_RELAXED);
	return n;
}

/* What is due at @now_ns.  False: the window has closed. */
static bool go_on(struct stint *w, uint64_t now_ns)
{
	if (w->window_end_ns == 0) {
		w->done_before = count_done(w);
		if (now_ns >= w->settled_ns &&
		    w->done_before >= SETTLE_TASKS * w->workers) {
			w->window_begin_ns = now_ns;
			w->window_end_ns = now_ns + w->window_asked_ns;
		}
		return true;
	}
	if (now_ns < w->window_end_ns)
		return true;
	w->tasks = count_done(w) - w->done_before;
	w->window_end_ns = now_ns;
	w->over = true;
	return false;
}

bool stint_is_over(const struct stint *w)
{
	return w->over;
}

bool stint_goes_on(struct stint *w)
{
	uint64_t now_ns;

	if (w->over)
		return false;
	if (--w->calls_left > 0)
		return true;
	now_ns = clock_ns();
	if (now_ns - w->looked_ns > LOOK_NS)
		w->stride = 1;
	else if (w->stride < MAX_STRIDE)
		w->stride *= 2;
	w->looked_ns = now_ns;
	w->calls_left = w->stride;
	return go_on(w, now_ns);
}

/* The accounts of all threads together. */
static struct seed_tally sum_of(const struct stint *w, size_t seed)
{
	struct seed_tally sum = {0};

	for (uint32_t i = 0; i < w->n_tallies; i++) {
		const struct seed_tally *s = &w->tallies[i].seeds[seed];

		if (s->tasks == 0)
			continue;
		if (sum.tasks == 0)
			sum.digest = s->digest;
		sum.tasks += s->tasks;
		/* Those equal to a first that differs differ themselves. */
		sum.differed +=
			s->digest == sum.digest ? s->differed : s->tasks;
	}
	return sum;
}

int stint_print(struct stint *w)
{
	printf("{\"tasks\": %" PRIu64 ", \"window_ns\": %" PRIu64
	       ", \"seeds\": [",
	       w->tasks, w->window_end_ns - w->window_begin_ns);
	for (size_t i = 0; i < PEER_SEEDS; i++) {
		struct seed_tally s = sum_of(w, i);

		printf("%s[\"", i ? ", " : "");
		if (s.tasks > 0)
			printf("%016" PRIx64, s.digest);
		printf("\", %" PRIu64 ", %" PRIu64 "]", s.tasks, s.differed);
	}
	puts("]}");
	free(w->tallies);
	return fflush(stdout) == 0 ? 0 : 3;
}
