/*
 * Escaping and base64.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "harness/html.h"

static char *text;
static size_t size;

static FILE *begin(void)
{
	free(text);
	text = NULL;
	return open_memstream(&text, &size);
}

static int forget(void **state)
{
	(void)state;
	free(text);
	text = NULL;
	return 0;
}

static void assert_escaped(const char *from, const char *to)
{
	FILE *out = begin();

	html_escape(out, from);
	fclose(out);
	assert_string_equal(text, to);
}

static void test_escape(void **state)
{
	(void)state;
	assert_escaped("", "");
	assert_escaped("plain 1×µ–", "plain 1×µ–");
	assert_escaped("<b>&\"'", "&lt;b&gt;&amp;&quot;&#39;");
	assert_escaped("a\nb\tc\x7f", "a b c ");
}

static void test_escape_broken_utf8(void **state)
{
	(void)state;
	assert_escaped("\xff|\xc3|\xe2\x82", "?|?|??");
	assert_escaped("\xc0\x80", "??");
	assert_escaped("\xc3<script>", "?&lt;script&gt;");
}

static void test_write(void **state)
{
	FILE *out = begin();

	(void)state;
	html_write(out, "<p class=\"%s\">%s</p> 5 %%", "a\"b", "<x>");
	fclose(out);
	assert_string_equal(text, "<p class=\"a&quot;b\">&lt;x&gt;</p> 5 %");
}

static void assert_base64(const char *from, const char *to)
{
	FILE *out = begin();

	html_base64(out, from, strlen(from));
	fclose(out);
	assert_string_equal(text, to);
}

/* The examples of RFC 4648, section 10. */
static void test_base64(void **state)
{
	FILE *out;

	(void)state;
	assert_base64("", "");
	assert_base64("f", "Zg==");
	assert_base64("fo", "Zm8=");
	assert_base64("foo", "Zm9v");
	assert_base64("foob", "Zm9vYg==");
	assert_base64("fooba", "Zm9vYmE=");
	assert_base64("foobar", "Zm9vYmFy");
	out = begin();
	html_base64(out, "\xff\xfe\xfd", 3);
	fclose(out);
	assert_string_equal(text, "//79");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_teardown(test_escape, forget),
		cmocka_unit_test_teardown(test_escape_broken_utf8, forget),
		cmocka_unit_test_teardown(test_write, forget),
		cmocka_unit_test_teardown(test_base64, forget),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
