#include "bench/cli/config_models.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bench/cli/cli.h"
#include "bench/registry.h"
#include "harness/base.h"

/* The model that is called @name in this run; NULL: none. */
static struct plan_model *find_model(const struct run_config *c,
				     const char *name)
{
	for (size_t i = 0; i < c->n_models; i++) {
		if (strcmp(c->models[i].name, name) == 0)
			return &c->models[i];
	}
	return NULL;
}

/* A name that looks well in tables, file names and on a command line. */
static void check_alias(const char *name)
{
	static const char letters[] = "abcdefghijklmnopqrstuvwxyz"
				      "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
				      "0123456789_-:";

	if (!name[0] || name[strspn(name, letters)])
		die(EXIT_USAGE,
		    "--model '%s=…': a name has letters, digits, '_', '-' "
		    "and ':'",
		    name);
	if (strlen(name) >= sizeof(((struct cell_spec *)0)->model))
		die(EXIT_USAGE, "--model '%.40s…=…': the name is too long",
		    name);
}

/* Takes over @name, which must be of the heap. */
static void add_model(struct run_config *c, char *name,
		      const struct model *model)
{
	if (find_model(c, name))
		die(EXIT_USAGE, "--model: '%s' is named twice", name);
	c->models = realloc(c->models, (c->n_models + 1) * sizeof(*c->models));
	CHECK(c->models);
	c->models[c->n_models] =
		(struct plan_model){.name = name, .model = model};
	model_standard(model, c->models[c->n_models++].settings);
}

void config_add_models(struct run_config *c, const char *list)
{
	char *name;

	while ((name = parse_item("--model", &list))) {
		char *equals = strchr(name, '=');
		const char *model = equals ? equals + 1 : name;

		if (equals) {
			*equals = '\0';
			check_alias(name);
		}
		add_model(c, name, require_model(model));
	}
}

#define PPM 1000000

/* NAME=FACTOR, a decimal number from 1 to 2. */
static void inflate(const struct run_config *c, const char *arg)
{
	const char *equals = strchr(arg, '=');
	char name[64], *end;
	struct plan_model *m;
	double factor;

	if (!equals || (size_t)(equals - arg) >= sizeof(name))
		die(EXIT_USAGE, "--inflate '%s': give NAME=FACTOR", arg);
	snprintf(name, sizeof(name), "%.*s", (int)(equals - arg), arg);
	factor = strtod(equals + 1, &end);
	if (end == equals + 1 || *end || !(factor >= 1 && factor <= 2))
		die(EXIT_USAGE,
		    "--inflate '%s': FACTOR is a number from 1 to 2", arg);
	m = find_model(c, name);
	if (!m)
		die(EXIT_USAGE, "--inflate '%s': no model is called '%s' here",
		    arg, name);
	m->extra_ppm = (uint32_t)((factor - 1) * PPM + 0.5);
}

/* NAME.KEY=VALUE */
static void set(const struct run_config *c, const char *arg)
{
	const char *dot = strchr(arg, '.');
	char name[64], error[320];
	struct plan_model *m;

	if (!dot || (size_t)(dot - arg) >= sizeof(name) || strchr(arg, ' '))
		die(EXIT_USAGE, "--set '%s': give NAME.KEY=VALUE", arg);
	snprintf(name, sizeof(name), "%.*s", (int)(dot - arg), arg);
	m = find_model(c, name);
	if (!m)
		die(EXIT_USAGE, "--set '%s': no model is called '%s' here", arg,
		    name);
	if (model_settings_parse(m->model, dot + 1, m->settings, error,
				 sizeof(error)) < 0)
		die(EXIT_USAGE, "--set '%s': %s", arg, error);
}

/* Give each item of the @list of @option to @use. */
static void for_each(const struct run_config *c, const char *option,
		     const char *list,
		     void (*use)(const struct run_config *c, const char *item))
{
	char *item;

	while (list && (item = parse_item(option, &list))) {
		use(c, item);
		free(item);
	}
}

/* Whether the comma-separated @list has @name. */
static bool is_listed(const char *list, const char *name)
{
	size_t n = strlen(name);

	while (*list) {
		size_t item = strcspn(list, ",");

		if (item == n && memcmp(list, name, n) == 0)
			return true;
		list += item + (list[item] == ',');
	}
	return false;
}

/*
 * Of each kind the best variant only: the one without a ':'.  And what the
 * profile has no time for; but whoever brings a program of their own wants to
 * know what it costs to start it.
 */
static void add_usual_models(struct run_config *c)
{
	for (size_t i = 0; i < n_models; i++) {
		const char *name = models[i]->name;

		if (!strchr(name, ':') &&
		    (c->program || !is_listed(c->profile->without, name)))
			config_add_models(c, name);
	}
}

void config_choose_models(struct run_config *c, const char *inflated,
			  const char *set_to)
{
	if (c->n_models == 0)
		add_usual_models(c);
	for_each(c, "--inflate", inflated, inflate);
	for_each(c, "--set", set_to, set);
	c->reference = c->models[0].name;
	/* Threads, or else the first that is not serial, or else the first. */
	for (size_t i = c->n_models; i-- > 0;) {
		if (!(c->models[i].model->traits & MODEL_SERIAL))
			c->reference = c->models[i].name;
	}
	if (find_model(c, "threads"))
		c->reference = find_model(c, "threads")->name;
}
