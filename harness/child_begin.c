/*
 * Manners for who forks by itself.
 */
#include <signal.h>
#include <sys/prctl.h>
#include <unistd.h>

#include "harness/base.h"
#include "harness/child.h"
#include "harness/child_spawn.h"

/* The parent may be gone before we have asked for the signal. */
void child_die_with(pid_t parent)
{
	(void)prctl(PR_SET_PDEATHSIG, SIGKILL); /* fails for no known signal */
	if (getppid() != parent)
		(void)kill(getpid(), SIGKILL);
}

void child_begin(pid_t parent, const sigset_t *mask)
{
	static const int changed[] = {SIGINT,  SIGTERM, SIGHUP,
				      SIGPIPE, SIGXFSZ, SIGCHLD};
	struct sigaction dfl = {.sa_handler = SIG_DFL};

	child_die_with(parent);
	for (size_t i = 0; i < ARRAY_LEN(changed); i++)
		CHECK(sigaction(changed[i], &dfl, NULL) == 0);

	/* Last: a signal that has waited must not meet the old handler. */
	if (mask)
		CHECK(sigprocmask(SIG_SETMASK, mask, NULL) == 0);
}
