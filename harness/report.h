/*
 * report - the page that a run leaves for people.
 *
 * Floor 4.  One file that works offline and without JavaScript, readable on a
 * small screen, in the dark and on paper.
 */
#ifndef HARNESS_REPORT_H
#define HARNESS_REPORT_H

#include "harness/summary.h"

/*
 * Write @dir/report.html.  The figures are those that plot_all() left in
 * @dir/plots; where one is missing, a line says so and the tables have the
 * numbers.  0 or -errno.
 */
int report_write(const struct summary *s, const char *dir);

#endif
