#include "bench/cli/folder.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "bench/cli/cli.h"
#include "harness/base.h"

void folder_make(const char *out, const char *host, char dir[PATH_MAX])
{
	char utc[32];
	struct tm tm;
	time_t now;

	if (out) {
		if (snprintf(dir, PATH_MAX, "%s", out) >= PATH_MAX / 2)
			die(EXIT_USAGE, "--out '%.40s…': too long", out);
	} else {
		now = time(NULL);
		CHECK(gmtime_r(&now, &tm) &&
		      strftime(utc, sizeof(utc), "%Y%m%dT%H%M%SZ", &tm) > 0);
		if (mkdir("results", 0777) < 0 && errno != EEXIST)
			die(EXIT_ENVIRONMENT,
			    "cannot make the folder results/ here: %s; "
			    "choose another with --out DIR",
			    strerror(errno));
		snprintf(dir, PATH_MAX, "results/%s-%s", utc,
			 host[0] ? host : "host");
	}
	if (mkdir(dir, 0777) == 0)
		return;
	if (errno == EEXIST)
		die(EXIT_USAGE,
		    "'%s' exists already; choose another folder with --out",
		    dir);
	die(EXIT_ENVIRONMENT,
	    "cannot make the folder '%s': %s; choose another with --out", dir,
	    strerror(errno));
}

void folder_remove(const char *dir)
{
	char path[PATH_MAX + 32];

	snprintf(path, sizeof(path), "%s/journal.jsonl", dir);
	(void)unlink(path);
	(void)rmdir(dir);
}
