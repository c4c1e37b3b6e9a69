#include "harness/saturation.h"

#include <math.h>

double saturation_growth(const struct slice_result *r)
{
	if (r->status != SLICE_OK || r->offered == 0)
		return NAN;
	return ((double)r->backlog_end - (double)r->backlog_begin) /
	       (double)r->offered;
}

bool saturation_of_cell(const struct estimate *growth, uint64_t tasks,
			uint64_t offered)
{
	/* No comparison with NaN, an absent bound, is true. */
	return 100 * tasks < 99 * offered || growth->low > 0;
}
