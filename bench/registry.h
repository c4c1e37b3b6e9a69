/*
 * registry - find models, workloads, experiments and peers, by name or one by one.
 *
 * The table itself is registry.def, which says how to add to it.
 */
#ifndef BENCH_REGISTRY_H
#define BENCH_REGISTRY_H

#include <stddef.h>

#include "harness/experiment.h"
#include "harness/model.h"
#include "harness/peer.h"
#include "harness/workload.h"

/* In the order of registry.def. */
extern const struct model *const models[]; /* [n_models] */
extern const size_t n_models;

extern const struct workload *const workloads[]; /* [n_workloads] */
extern const size_t n_workloads;

extern const struct experiment *const experiments[]; /* [n_experiments] */
extern const size_t n_experiments;

extern const struct peer *const peers[]; /* [n_peers] */
extern const size_t n_peers;

/*
 * The one of exactly this name, or NULL.  A model that is the best variant of
 * its kind is also found as `name:variant'.
 */
const struct model *model_find(const char *name);
const struct workload *workload_find(const char *name);
const struct experiment *experiment_find(const char *name);
const struct peer *peer_find(const char *name);

#endif
