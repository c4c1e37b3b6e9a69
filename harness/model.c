#include "harness/model.h"

const struct model_counts model_no_counts = {
	.respawns = -1,
	.given_up = -1,
	.recycled = -1,
	.retries = -1,
	.wakeups = -1,
	.wasted_wakeups = -1,
	.connections = -1,
	.connections_max = -1,
	.connections_squares = -1,
};

void model_standard(const struct model *model, int64_t ret[MODEL_MAX_SETTINGS])
{
	for (size_t i = 0; i < MODEL_MAX_SETTINGS; i++)
		ret[i] = 0;
	for (size_t i = 0; model->settings && model->settings[i].key; i++)
		ret[i] = model->settings[i].standard;
}
