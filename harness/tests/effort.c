#include "harness/tests/effort.h"

#include <stdlib.h>

#include "harness/base.h"

int effort_of(int n)
{
	const char *text = getenv("TEST_EFFORT");
	int percent = text ? atoi(text) : 100;

	CHECK(percent >= 1 && percent <= 100);
	return n * percent < 100 ? 1 : n * percent / 100;
}
