/*
 * export - what other people's tools read.
 *
 * Floor 4.  Files in formats that are not ours, made from the summary, so that
 * `report' makes them again from results.json alone.
 */
#ifndef HARNESS_EXPORT_H
#define HARNESS_EXPORT_H

#include <stdio.h>

#include "harness/histogram.h"
#include "harness/summary.h"

/*
 * Write the percentiles of @h as HdrHistogram's outputPercentileDistribution()
 * does with 5 ticks per half distance, and HistogramLogProcessor and wrk2 with
 * it: a line for 0, 10 … 50 %, then five for each halving of what remains until
 * all values are below, and three lines of totals.  Its plotter (plotFiles.html),
 * its gnuplot script and hdr-plot read it.  Values are in milliseconds, as the
 * plotter takes for granted, with six decimals: nanoseconds.  Each is
 * histogram_quantile() of its line's percentile; the last is the maximum.
 * An empty @h has one line, of 0.  Errors stay in @out.
 */
void export_hgrm(const struct histogram *h, FILE *out);

/*
 * Write the latency of each cell that has any to @dir/latency/NAME.hgrm, where
 * NAME is EXPERIMENT-WORKLOAD-MODEL-wWORKERS.  Cells equal in these are told
 * apart by what they differ in, "-size5000-load50"; if names are equal still,
 * by ".CELL", the number of the cell.  What is no letter, digit, hyphen or
 * underscore becomes an underscore.  Files of that kind that were in the folder
 * and are not of this run go.  The folder is there even if nothing is in it.  0
 * or -errno; then some may be missing.
 */
int export_latency(const struct summary *s, const char *dir);

#endif
