/*
 * config_models - which models a run measures, and as what.
 *
 * Part of config.  All of it dies, naming the option, on what is not there.
 */
#ifndef BENCH_CLI_CONFIG_MODELS_H
#define BENCH_CLI_CONFIG_MODELS_H

#include "bench/cli/config.h"

/* Add @list of MODEL and NAME=MODEL, comma-separated, to the models of @c. */
void config_add_models(struct run_config *c, const char *list);

/*
 * With all options known: if nobody has named a model, take the profile's; then
 * do what the lists @inflated (NAME=FACTOR) and @set_to (NAME.KEY=VALUE) say,
 * each NULL if there is none; and find the model that ratios refer to.
 */
void config_choose_models(struct run_config *c, const char *inflated,
			  const char *set_to);

#endif
