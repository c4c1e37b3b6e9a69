#include "harness/child_session.h"

#include <dirent.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "harness/child_ends.h"

/* A program that forks faster than we look might keep us for ever. */
#define MAX_ROUNDS 100

/*
 * Kill @pid if it is in session @sid.  1: it was, and alive.  By way of a pidfd,
 * so that it is the one whose session was asked for, even if its number is
 * somebody else's by now; it is readable once the process is a zombie.
 */
static int kill_if(pid_t pid, pid_t sid)
{
	struct pollfd p = {
		.fd = (int)syscall(SYS_pidfd_open, pid, 0),
		.events = POLLIN,
	};
	int killed;

	if (p.fd < 0)
		return 0;
	killed = getsid(pid) == sid && poll(&p, 1, 0) == 0 &&
		 syscall(SYS_pidfd_send_signal, p.fd, SIGKILL, NULL, 0) == 0;
	child_close_fd(&p.fd);
	return killed;
}

/* Kill those found now.  Returns how many. */
static int kill_round(pid_t sid)
{
	DIR *dir = opendir("/proc");
	struct dirent *entry;
	int n = 0;

	if (!dir)
		return 0;
	while ((entry = readdir(dir))) {
		pid_t pid = (pid_t)strtol(entry->d_name, NULL, 10);

		if (pid > 0 && pid != sid)
			n += kill_if(pid, sid);
	}
	(void)closedir(dir);
	return n;
}

/* Killed is not dead yet, and may have forked: until a round finds nobody. */
void child_session_kill(pid_t sid)
{
	for (int i = 0; i < MAX_ROUNDS && kill_round(sid) > 0; i++)
		;
}
