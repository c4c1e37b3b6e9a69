#include "bench/tests/cluster_corpus.h"

#include <dirent.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

void corpus_each(const char *path, size_t at_least,
		 void (*each)(const struct corpus_file *file, void *arg),
		 void *arg)
{
	static struct corpus_file file;
	DIR *folder = opendir(path);
	struct dirent *entry;
	size_t n = 0;

	assert_non_null(folder);
	while ((entry = readdir(folder))) {
		char name[512];
		FILE *f;

		if (!strstr(entry->d_name, ".http"))
			continue;
		snprintf(file.name, sizeof(file.name), "%.100s", entry->d_name);
		snprintf(name, sizeof(name), "%s/%s", path, entry->d_name);
		f = fopen(name, "r");
		assert_non_null(f);
		file.n = fread(file.bytes, 1, sizeof(file.bytes), f);
		assert_true(feof(f));
		fclose(f);
		each(&file, arg);
		n++;
	}
	closedir(folder);
	assert_true(n >= at_least);
}
