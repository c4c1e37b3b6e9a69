/*
 * drill - the marks that `manyhands drill' leaves in a trace of its system
 * calls: the bytes of a write(2) to descriptor -1, which fails.
 */
#ifndef BENCH_CLI_DRILL_H
#define BENCH_CLI_DRILL_H

#define DRILL_OPEN "xray: open"
#define DRILL_TASKS "xray: tasks" /* all but the last */
#define DRILL_LAST "xray: last"   /* one task, alone */
#define DRILL_CLOSE "xray: close"
#define DRILL_END "xray: end"

#endif
