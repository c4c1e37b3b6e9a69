#include "harness/peer.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>

#include "harness/base.h"
#include "harness/child.h"

#define PROBE_LIMIT_NS (10 * NS_PER_S)

static int add_word(struct peer_words *w, size_t i, const char *folder,
		    const char *word)
{
	char *text = w->text[i];
	int n;

	CHECK(i + 1 < PEER_MAX_WORDS);
	n = folder ? snprintf(text, sizeof(w->text[i]), "%s/%s", folder, word)
		   : snprintf(text, sizeof(w->text[i]), "%s", word);
	w->argv[i] = text;
	w->argv[i + 1] = NULL;
	return n < (int)sizeof(w->text[i]) ? 0 : -ENAMETOOLONG;
}

int peer_command(const struct peer *peer, const struct peer_home *home,
		 const char *const *more, struct peer_words *ret)
{
	static const char prefix[] = "peers/";
	size_t n = 0;
	int r = 0;

	for (const char *const *w = peer->command; r == 0 && *w; w++) {
		bool ours = strncmp(*w, prefix, strlen(prefix)) == 0;

		r = add_word(ret, n++, ours ? home->folder : NULL,
			     ours ? *w + strlen(prefix) : *w);
	}
	for (const char *const *w = more; r == 0 && *w; w++)
		r = add_word(ret, n++, NULL, *w);
	return r;
}

/* The first line of @text, nothing but printable ASCII. */
static void copy_line(char *to, size_t size, const char *text)
{
	snprintf(to, size, "%.*s", (int)strcspn(text, "\n"), text);
	for (char *p = to; *p; p++) {
		if ((unsigned char)*p < ' ' || (unsigned char)*p > '~')
			*p = '?';
	}
}

/* What the end of a probe says. */
static void judge(const struct peer *peer, const struct child_result *child,
		  struct peer_state *ret)
{
	char how[64];

	if (child->wait_status != 0 || child->late) {
		copy_line(ret->why, sizeof(ret->why), child->err);
		if (!ret->why[0])
			snprintf(ret->why, sizeof(ret->why), "its probe: %s",
				 child_result_text(child, how, sizeof(how)));
		return;
	}
	copy_line(ret->version, sizeof(ret->version), child->out);
	if (ret->version[strspn(ret->version, "0123456789.")] != '\0' ||
	    !ret->version[0])
		snprintf(ret->why, sizeof(ret->why),
			 "its probe says no version: '%s'", ret->version);
	else if (peer->minimum && strverscmp(ret->version, peer->minimum) < 0)
		snprintf(ret->why, sizeof(ret->why),
			 "too old: version %s, and %s is needed", ret->version,
			 peer->minimum);
	else
		ret->there = true;
}

int peer_probe(const struct peer *peer, const struct peer_home *home,
	       struct peer_state *ret)
{
	static const char *const probe[] = {"probe", NULL};
	struct peer_state state = {.there = false};
	struct peer_words words;
	struct child_options options = {
		.argv = words.argv,
		.limit_ns = PROBE_LIMIT_NS,
		.out_cap = 4096,
		.err_cap = 4096,
	};
	enum child_step step;
	struct child_result child;
	int r = peer_command(peer, home, probe, &words);

	if (r < 0)
		return r;
	r = child_run_until(&options, -1, &child, &step);
	if (r < 0 && step == CHILD_STEP_PROGRAM) {
		snprintf(state.why, sizeof(state.why), "no %.64s here",
			 peer->command[0]);
	} else if (r < 0) {
		return r;
	} else {
		judge(peer, &child, &state);
		child_result_done(&child);
	}
	*ret = state;
	return 0;
}
