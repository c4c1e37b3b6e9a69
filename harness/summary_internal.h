/*
 * What the files of summary share.
 */
#ifndef HARNESS_SUMMARY_INTERNAL_H
#define HARNESS_SUMMARY_INTERNAL_H

#include "harness/summary.h"

/*
 * Fill in what open loops have beyond closed ones; percentiles of saturated
 * cells are taken away.  All cells are summed up already.  0 or -ENOMEM.
 */
int summary_open(struct summary *s);

/* Fill in what the cells of @s took to start and to end.  0 or -ENOMEM. */
int summary_add_startup(struct summary *s);

/*
 * Fill in how evenly the workers of each cell were used, and what its model has
 * counted.  0 or -ENOMEM.
 */
int summary_add_spread(struct summary *s);

#endif
