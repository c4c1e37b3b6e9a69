#include "harness/tests/fds.h"

#include <dirent.h>

#include "harness/base.h"

int fds_count(void)
{
	DIR *d = opendir("/proc/self/fd");
	int n = 0;

	CHECK(d);
	while (readdir(d))
		n++;
	(void)closedir(d);
	return n;
}
