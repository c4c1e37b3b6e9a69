#include "harness/experiment.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "harness/base.h"

/* Cells are compared byte by byte, and holes have any value. */
_Static_assert(sizeof(struct cell_spec) == 4 * 32 + 2 * 128 + 2 * 16 +
						   7 * sizeof(uint64_t) +
						   6 * sizeof(uint32_t),
	       "struct cell_spec has holes");

int plan_add(struct plan *plan, const struct cell_spec *cell)
{
	if (plan->n == plan->room) {
		size_t room = plan->room ? 2 * plan->room : 32;
		struct cell_spec *cells =
			realloc(plan->cells, room * sizeof(*cells));

		if (!cells)
			return -ENOMEM;
		plan->cells = cells;
		plan->room = room;
	}
	plan->cells[plan->n++] = *cell;
	return 0;
}

/* Names come from our own table: one that does not fit is a mistake there. */
static void copy_name(char *to, size_t size, const char *from)
{
	CHECK((size_t)snprintf(to, size, "%s", from) < size);
}

struct cell_spec plan_cell(const struct plan_options *options,
			   const char *experiment,
			   const struct plan_model *model, size_t workload,
			   uint32_t workers)
{
	struct cell_spec cell = {
		.size = options->sizes[workload],
		.workers = workers,
		.depth = options->depth,
		.extra_ppm = model->extra_ppm,
		.rank = RANK_MAIN,
	};

	copy_name(cell.experiment, sizeof(cell.experiment), experiment);
	copy_name(cell.model, sizeof(cell.model), model->name);
	copy_name(cell.runs, sizeof(cell.runs), model->model->name);
	copy_name(cell.workload, sizeof(cell.workload),
		  options->workloads[workload]->name);
	copy_name(cell.pin, sizeof(cell.pin), options->pin);
	CHECK(model_settings_print(model->model, model->settings, cell.settings,
				   sizeof(cell.settings)) == 0);
	return cell;
}

struct cell_spec plan_peer_cell(const struct plan_options *options,
				const char *experiment, const struct peer *peer,
				size_t workload, uint32_t workers)
{
	struct cell_spec cell = {
		.size = options->sizes[workload],
		.workers = workers,
		.depth = options->depth,
		.rank = RANK_MAIN,
	};

	copy_name(cell.experiment, sizeof(cell.experiment), experiment);
	copy_name(cell.model, sizeof(cell.model), peer->name);
	copy_name(cell.runs, sizeof(cell.runs), peer->name);
	copy_name(cell.workload, sizeof(cell.workload),
		  options->workloads[workload]->name);
	copy_name(cell.pin, sizeof(cell.pin), "none");
	return cell;
}

void plan_load(struct cell_spec *cell, uint32_t percent, double per_s,
	       const char *of)
{
	double interval_ns = (double)NS_PER_S * 100 / (percent * per_s);

	cell->load_percent = percent;
	/* 0 would be a closed loop. */
	cell->interval_ns = interval_ns < 1 ? 1 : (uint64_t)interval_ns;
	copy_name(cell->load_of, sizeof(cell->load_of), of);
}

uint32_t plan_focus(const struct plan_options *options)
{
	uint32_t focus = options->workers[0];

	for (size_t i = 1; i < options->n_workers; i++) {
		if (options->workers[i] <= options->processors)
			focus = options->workers[i];
	}
	return focus;
}

const struct plan_model *plan_reference(const struct plan_options *options)
{
	size_t i = 0;

	while (i < options->n_models &&
	       strcmp(options->models[i].name, options->reference) != 0)
		i++;
	CHECK(i < options->n_models);
	return &options->models[i];
}

bool experiment_is_call(const struct cell_spec *cell)
{
	static const char prefix[] = "call:";

	return strncmp(cell->runs, prefix, strlen(prefix)) == 0;
}

void plan_done(struct plan *plan)
{
	free(plan->cells);
	*plan = (struct plan){0};
}
