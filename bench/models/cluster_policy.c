#include "bench/models/cluster_policy.h"

#include <string.h>

#include "harness/base.h"

const struct cluster_policy cluster_policies[] = {
	{
		.name = "exclusive",
		.summary = "one listener, epoll wakes one worker (nginx)",
		.accept = ACCEPT_EVENT,
		.exclusive = true,
	},
	{
		.name = "herd",
		.summary = "one listener, epoll wakes every worker",
		.accept = ACCEPT_EVENT,
	},
	{
		.name = "block",
		.summary = "one listener, workers sleep in accept(2), "
			   "one connection at a time (Apache, gunicorn)",
		.accept = ACCEPT_BLOCK,
	},
	{
		.name = "reuseport",
		.summary = "a listener for each worker, the kernel hashes",
		.accept = ACCEPT_EVENT,
		.own_listener = true,
	},
	{
		.name = "roundrobin",
		.summary = "the primary accepts and passes on, in blind turn",
		.accept = ACCEPT_PRIMARY,
	},
	{
		.name = "ack",
		.summary = "the primary passes on to workers that have "
			   "acknowledged the last one (Node.js)",
		.accept = ACCEPT_PRIMARY,
		.acks = true,
	},
};

const size_t n_cluster_policies = ARRAY_LEN(cluster_policies);

const struct cluster_policy *cluster_policy_find(const char *name)
{
	for (size_t i = 0; i < ARRAY_LEN(cluster_policies); i++) {
		if (strcmp(cluster_policies[i].name, name) == 0)
			return &cluster_policies[i];
	}
	return NULL;
}
