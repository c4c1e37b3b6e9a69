#include "harness/child_words.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static char *const nothing[] = {NULL};

static size_t count(char *const *words)
{
	size_t n = 0;

	while (words[n])
		n++;
	return n;
}

/* Whether one of @env sets the same name as @entry, a "NAME=value". */
static int env_has(char *const *env, const char *entry)
{
	size_t name = strcspn(entry, "=");

	for (; *env; env++) {
		if (strcspn(*env, "=") == name && !memcmp(*env, entry, name))
			return 1;
	}
	return 0;
}

/* @base with @add in it: an array of borrowed strings, or NULL. */
static char **env_merge(char *const *base, char *const *add)
{
	size_t n = 0;
	char **env = malloc((count(base) + count(add) + 1) * sizeof(*env));

	if (!env)
		return NULL;
	for (char *const *e = base; *e; e++) {
		if (!env_has(add, *e))
			env[n++] = *e;
	}
	for (char *const *e = add; *e; e++)
		env[n++] = *e;
	env[n] = NULL;
	return env;
}

static char **words_copy(char *const *words)
{
	size_t bytes = (count(words) + 1) * sizeof(*words);
	char **copy = malloc(bytes);

	if (copy)
		memcpy(copy, words, bytes);
	return copy;
}

int child_words_init(struct child_words *w, const struct child_options *o)
{
	char *shell[] = {"/bin/sh", "-c", (char *)o->command, NULL};
	char *const *argv = o->command ? shell : o->argv;
	char *const *base = o->env_is_all || !environ ? nothing : environ;

	*w = (struct child_words){0};
	if (o->function)
		return 0;
	w->file = argv[0];
	w->argv = words_copy(argv);
	w->env = env_merge(base, o->env ? o->env : nothing);
	if (!w->argv || !w->env) {
		child_words_done(w);
		return -ENOMEM;
	}
	if (o->argv0)
		w->argv[0] = (char *)o->argv0;
	return 0;
}

void child_words_done(struct child_words *w)
{
	free(w->argv);
	free(w->env);
	*w = (struct child_words){0};
}
