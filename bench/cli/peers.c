#include "bench/cli/peers.h"

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bench/cli/cli.h"
#include "bench/registry.h"
#include "harness/base.h"

static struct peer_state *states; /* [n_peers]; NULL: nobody asked */

const struct peer_home *peers_home(void)
{
	static char folder[PATH_MAX + sizeof("/peers")];
	static struct peer_home home = {.folder = folder};

	if (home.task)
		return &home;
	home.task = small_program();
	snprintf(folder, sizeof(folder), "%.*s/peers",
		 (int)(strrchr(home.task, '/') - home.task), home.task);
	return &home;
}

const struct peer_state *peers_states(void)
{
	if (states)
		return states;
	states = calloc(n_peers, sizeof(*states));
	CHECK(states);
	for (size_t i = 0; i < n_peers; i++) {
		int r = peer_probe(peers[i], peers_home(), &states[i]);

		if (r < 0)
			die(EXIT_ENVIRONMENT, "asking for %s: %s",
			    peers[i]->name, strerror(-r));
	}
	return states;
}

/* Add @name and what is said of it to @list of @size bytes. */
static void add(char *list, size_t size, const char *name, const char *between,
		const char *what)
{
	size_t used = strlen(list);

	snprintf(list + used, size - used, "%s%s%s%s", used > 0 ? "; " : "",
		 name, between, what);
}

void peers_note(struct run_info *info)
{
	info->peers[0] = info->absent_peers[0] = '\0';
	for (size_t i = 0; states && i < n_peers; i++) {
		char why[256];

		snprintf(why, sizeof(why), "%s (%s)", states[i].why,
			 peers[i]->package);
		if (states[i].there)
			add(info->peers, sizeof(info->peers), peers[i]->name,
			    " ", states[i].version);
		else
			add(info->absent_peers, sizeof(info->absent_peers),
			    peers[i]->name, ": ", why);
	}
}
