/*
 * fds - whether a test leaves descriptors open.
 */
#ifndef HARNESS_TESTS_FDS_H
#define HARNESS_TESTS_FDS_H

/* How many we have, and a constant more. */
int fds_count(void);

#endif
