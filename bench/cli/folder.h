/*
 * folder - where a run's files go.
 */
#ifndef BENCH_CLI_FOLDER_H
#define BENCH_CLI_FOLDER_H

#include <limits.h>

/*
 * Make the run's folder and give its name in @dir: @out, or, where that is
 * NULL, results/<utc>-<host>.  Always a new one, so that no older result is
 * touched: dies if it exists or cannot be made.
 */
void folder_make(const char *out, const char *host, char dir[PATH_MAX]);

/* Nothing was measured: leave nothing. */
void folder_remove(const char *dir);

#endif
