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

#endif
