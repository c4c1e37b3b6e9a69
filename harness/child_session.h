/*
 * child_session - find and kill whoever is left of a session.
 *
 * Floor 1, part of child.  kill(2) reaches a process group, and a shell with
 * job control, or a program that runs another in a group of its own, makes more
 * of them.  They stay in the session of the child that began it, unless they
 * begin one themselves, as daemons do: setsid(2).
 */
#ifndef HARNESS_CHILD_SESSION_H
#define HARNESS_CHILD_SESSION_H

#include <sys/types.h>

/*
 * SIGKILL for every process of session @sid, until none is found but its leader
 * (a zombie, which keeps the number taken; it must not be collected before).
 * Walks through /proc, so it takes a millisecond or more.
 */
void child_session_kill(pid_t sid);

#endif
