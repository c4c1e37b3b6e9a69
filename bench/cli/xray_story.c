#include "bench/cli/xray_story.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "bench/cli/xray_count.h"

static int compare_moments(const void *a, const void *b)
{
	const struct xray_step *x = a, *y = b;

	return (x->moment > y->moment) - (x->moment < y->moment);
}

/* Join steps that say the same and follow each other. */
static void join_steps(struct xray_story *s)
{
	size_t n = 0;

	for (size_t i = 0; i < s->n; i++) {
		struct xray_step *last = n > 0 ? &s->steps[n - 1] : NULL;
		const struct xray_step *step = &s->steps[i];

		if (last && last->words == step->words &&
		    last->call->process == step->call->process &&
		    strcmp(last->call->name, step->call->name) == 0 &&
		    last->call->value == step->call->value)
			last->times++;
		else
			s->steps[n++] = *step;
	}
	s->n = n;
}

static uint32_t count_workers(const struct xray_story *s)
{
	uint32_t n = 0;

	for (size_t i = 0; i < s->n; i++) {
		size_t k = 0;

		while (s->steps[k].call->process != s->steps[i].call->process)
			k++;
		n += k == i && s->steps[i].call->process != 0;
	}
	return n;
}

int xray_story_make(const struct xray_trace *t, struct xray_story *ret)
{
	struct xray_story s = {0};

	s.steps = calloc(t->n + 1, sizeof(*s.steps));
	if (!s.steps)
		return -ENOMEM;
	for (size_t i = 0; i < t->n; i++) {
		const struct xray_call *c = &t->calls[i];
		const struct xray_words *words = xray_words_of(c);

		if (!xray_is_of_model(c) ||
		    (words->at_return ? c->ended_in : c->begun_in) != XRAY_LAST)
			continue;
		s.steps[s.n++] = (struct xray_step){
			.call = c,
			.words = words,
			.times = 1,
			.moment = words->at_return ? c->ended : c->begun,
		};
	}
	qsort(s.steps, s.n, sizeof(*s.steps), compare_moments);
	s.n_workers = count_workers(&s);
	join_steps(&s);
	*ret = s;
	return 0;
}

void xray_story_done(struct xray_story *s)
{
	free(s->steps);
	*s = (struct xray_story){0};
}
