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

/* Do both say the same, to the number? */
static bool says_same(const struct xray_step *a, const struct xray_step *b)
{
	const char *says;

	if (a->words != b->words || a->call->process != b->call->process ||
	    strcmp(a->name, b->name) != 0)
		return false;
	says = xray_words_text(a->words, a->call->process == 0);
	return a->call->value == b->call->value || !strstr(says, "%n");
}

/* Join steps that say the same and follow each other. */
static void join_steps(struct xray_story *s)
{
	size_t n = 0;

	for (size_t i = 0; i < s->n; i++) {
		if (n > 0 && says_same(&s->steps[n - 1], &s->steps[i]))
			s->steps[n - 1].times++;
		else
			s->steps[n++] = s->steps[i];
	}
	s->n = n;
}

/* Number the workers as they come in. */
static void number_workers(struct xray_story *s)
{
	for (size_t i = 0; i < s->n; i++) {
		size_t k = 0;

		if (s->steps[i].call->process == 0)
			continue;
		while (s->steps[k].call->process != s->steps[i].call->process)
			k++;
		s->steps[i].worker =
			k < i ? s->steps[k].worker : ++s->n_workers;
	}
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
			.name = xray_words_name(words, c),
			.times = 1,
			.moment = words->at_return ? c->ended : c->begun,
		};
	}
	qsort(s.steps, s.n, sizeof(*s.steps), compare_moments);
	number_workers(&s);
	join_steps(&s);
	*ret = s;
	return 0;
}

void xray_story_done(struct xray_story *s)
{
	free(s->steps);
	*s = (struct xray_story){0};
}
