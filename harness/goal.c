#include "harness/goal.h"

#include <inttypes.h>
#include <stdio.h>

#include "harness/base.h"

void goal_name(const struct goal_side *side, char ret[GOAL_NAME])
{
	char task[24] = "empty";

	if (side->task_us > 0)
		snprintf(task, sizeof(task), "%" PRIu64 "us", side->task_us);
	CHECK(snprintf(ret, GOAL_NAME, "%s:%s:%" PRIu32 "%s%s%s", side->runs,
		       task, side->depth, side->workers ? ":alone" : "",
		       side->loose ? ":loose" : "",
		       side->windows ? ":long" : "") < GOAL_NAME);
}
