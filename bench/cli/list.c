/*
 * list - what there is to choose from, for people or as JSON.
 */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include <jansson.h>

#include "bench/cli/cli.h"
#include "bench/cli/command.h"
#include "bench/registry.h"
#include "harness/base.h"
#include "harness/placement.h"

/* One kind of thing: how many there are, and what the i-th is. */
struct kind {
	const char *name;
	size_t (*count)(void);
	const char *(*item)(size_t i);
	const char *(*summary)(size_t i);
	const struct model *(*model)(size_t i); /* NULL: no models */
};

static size_t count_models(void)
{
	return n_models;
}

static const char *model_name(size_t i)
{
	return models[i]->name;
}

static const char *model_summary(size_t i)
{
	return models[i]->summary;
}

static const struct model *model(size_t i)
{
	return models[i];
}

/* Those of the table, and the one that runs what the user names. */
static size_t count_workloads(void)
{
	return n_workloads + 1;
}

static const struct workload *workload_at(size_t i)
{
	return i < n_workloads ? workloads[i] : &workload_command;
}

static const char *workload_name(size_t i)
{
	return workload_at(i)->name;
}

static const char *workload_summary(size_t i)
{
	return workload_at(i)->summary;
}

static size_t count_experiments(void)
{
	return n_experiments;
}

static const char *experiment_name(size_t i)
{
	return experiments[i]->name;
}

static const char *experiment_question(size_t i)
{
	return experiments[i]->question;
}

static size_t count_peers(void)
{
	return n_peers;
}

static const char *peer_name(size_t i)
{
	return peers[i]->name;
}

static const char *peer_summary(size_t i)
{
	return peers[i]->summary;
}

static size_t count_policies(void)
{
	size_t n = 0;

	while (placement_policies[n])
		n++;
	return n;
}

static const char *policy_name(size_t i)
{
	return placement_policies[i];
}

static const struct kind kinds[] = {
	{"models", count_models, model_name, model_summary, model},
	{"workloads", count_workloads, workload_name, workload_summary, NULL},
	{"experiments", count_experiments, experiment_name, experiment_question,
	 NULL},
	{"peers", count_peers, peer_name, peer_summary, NULL},
	{"policies", count_policies, policy_name, placement_policy_summary,
	 NULL},
};

struct list_arguments {
	const struct kind *kind; /* NULL: all */
	bool json;
};

static const struct argp_option options[] = {
	{"json", 'j', NULL, 0, "one JSON object", 0},
	{0},
};

static error_t parse(int key, char *arg, struct argp_state *state)
{
	struct list_arguments *a = state->input;

	switch (key) {
	case 'j':
		a->json = true;
		return 0;
	case ARGP_KEY_ARG:
		if (a->kind)
			die(EXIT_USAGE,
			    "one argument too many: '%s'; name one kind, or "
			    "none for all",
			    arg);
		for (size_t i = 0; i < ARRAY_LEN(kinds); i++) {
			if (strcmp(kinds[i].name, arg) == 0) {
				a->kind = &kinds[i];
				return 0;
			}
		}
		die(EXIT_USAGE,
		    "cannot list '%s'; one of: models, workloads, "
		    "experiments, peers, policies",
		    arg);
	default:
		return ARGP_ERR_UNKNOWN;
	}
}

/* Whether @table has the row @s, too. */
static bool has_setting(const struct model_setting *table,
			const struct model_setting *s)
{
	while (table && table->key &&
	       (strcmp(table->key, s->key) != 0 ||
		strcmp(table->summary, s->summary) != 0))
		table++;
	return table && table->key;
}

/* Those that the model before it has not. */
static void print_settings(const struct model_setting *s,
			   const struct model_setting *before)
{
	for (; s && s->key; s++) {
		char text[64];

		if (has_setting(before, s))
			continue;
		snprintf(text, sizeof(text), "%s=%" PRId64, s->key,
			 s->standard);
		printf("    %-14s %s\n", text, s->summary);
	}
}

static void print_kind(const struct kind *kind)
{
	const struct model_setting *last = NULL;

	printf("%s\n", kind->name);
	for (size_t i = 0; i < kind->count(); i++) {
		const struct model *m = kind->model ? kind->model(i) : NULL;

		printf("  %-18s %s", kind->item(i), kind->summary(i));
		if (m && m->variant && !strchr(m->name, ':'))
			printf(" (%s:%s)", m->name, m->variant);
		putchar('\n');
		/* Variants share settings: each is printed once. */
		if (m)
			print_settings(m->settings, last);
		last = m ? m->settings : NULL;
	}
}

/* What a model has beyond a name and a summary goes to @object. */
static void add_model(json_t *object, const struct model *m)
{
	json_t *array = json_array();

	for (const struct model_setting *s = m->settings; s && s->key; s++) {
		json_t *setting = json_pack(
			"{s:s, s:s, s:I, s:I, s:I}", "key", s->key, "summary",
			s->summary, "standard", (json_int_t)s->standard, "min",
			(json_int_t)s->min, "max", (json_int_t)s->max);

		CHECK(json_array_append_new(array, setting) == 0);
	}
	CHECK(json_object_set_new(object, "variant",
				  m->variant ? json_string(m->variant)
					     : json_null()) == 0);
	CHECK(json_object_set_new(object, "settings", array) == 0);
}

static json_t *kind_json(const struct kind *kind)
{
	json_t *array = json_array();

	for (size_t i = 0; i < kind->count(); i++) {
		json_t *object = json_pack("{s:s, s:s}", "name", kind->item(i),
					   "summary", kind->summary(i));

		if (kind->model)
			add_model(object, kind->model(i));
		CHECK(json_array_append_new(array, object) == 0);
	}
	return array;
}

int command_list(int argc, char **argv)
{
	static const struct argp argp = {
		options,
		parse,
		"[models|workloads|experiments|peers|policies]",
		"Say what there is to choose from.",
		NULL,
		NULL,
		NULL};
	struct list_arguments a = {0};
	json_t *all = json_object();

	parse_arguments(&argp, argc, argv, &a);
	for (size_t i = 0; i < ARRAY_LEN(kinds); i++) {
		const struct kind *kind = &kinds[i];

		if (a.kind && a.kind != kind)
			continue;
		if (a.json)
			CHECK(json_object_set_new(all, kind->name,
						  kind_json(kind)) == 0);
		else
			print_kind(kind);
	}
	if (a.json) {
		/* Errors of writing are found by finish_output(). */
		(void)json_dumpf(all, stdout, JSON_INDENT(1));
		putchar('\n');
	}
	json_decref(all);
	return finish_output(0);
}
