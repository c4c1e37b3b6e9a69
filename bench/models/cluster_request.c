#include "bench/models/cluster_request.h"

#include <errno.h>
#include <string.h>
#include <strings.h>

/* RFC 9110, section 5.6.2: what names of methods and fields are made of. */
static const char token_bytes[256] = {
	['!'] = 1,         ['#' ... '\''] = 1, ['*'] = 1,
	['+'] = 1,         ['-'] = 1,          ['.'] = 1,
	['0' ... '9'] = 1, ['A' ... 'Z'] = 1,  ['^' ... 'z'] = 1,
	['|'] = 1,         ['~'] = 1,
};

static int is_token(const char *s, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		if (!token_bytes[(unsigned char)s[i]])
			return 0;
	}
	return n > 0;
}

static int is_same(const char *s, size_t n, const char *word)
{
	return n == strlen(word) && memcmp(s, word, n) == 0;
}

static int on_headers_complete(llhttp_t *parser)
{
	struct http_request *r = parser->data;

	r->close = parser->http_minor == 0 || !llhttp_should_keep_alive(parser);
	r->has_body = parser->content_length > 0 ||
		      (parser->flags & F_TRANSFER_ENCODING) != 0;
	return 0;
}

static const llhttp_settings_t request_settings = {
	.on_headers_complete = on_headers_complete,
};

void http_request_init(struct http_request *r)
{
	*r = (struct http_request){.status = 200};
	llhttp_init(&r->parser, HTTP_REQUEST, &request_settings);
	r->parser.data = r;
}

static int refuse(struct http_request *r, int status)
{
	r->status = status;
	r->close = 1;
	return -EBADMSG;
}

/*
 * The request line of @n bytes at offset @at.  Every byte of it is checked
 * here: llhttp would take more spaces than one and control characters.
 */
static int check_request_line(struct http_request *r, const char *line,
			      size_t n, size_t at)
{
	static const char scheme[] = "http://";
	const char *end = line + n;
	const char *target, *version, *path;

	target = memchr(line, ' ', n);
	if (!target || !is_token(line, (size_t)(target - line)))
		return refuse(r, 400);
	target++;
	version = memchr(target, ' ', (size_t)(end - target));
	if (!version || version == target)
		return refuse(r, 400);
	for (const char *c = target; c < version; c++) {
		if (*c < 0x21 || *c > 0x7e)
			return refuse(r, 400);
	}
	version++;
	if (end - version != 8 || memcmp(version, "HTTP/", 5) != 0 ||
	    version[5] < '0' || version[5] > '9' || version[6] != '.' ||
	    version[7] < '0' || version[7] > '9')
		return refuse(r, 400);
	if (version[5] != '1' || version[7] > '1')
		return refuse(r, 505);
	r->head = is_same(line, (size_t)(target - 1 - line), "HEAD");
	if (!r->head && !is_same(line, (size_t)(target - 1 - line), "GET"))
		return refuse(r, 405);

	/* What a client says to a proxy, we must understand, too. */
	path = target;
	if (strncmp(target, scheme, strlen(scheme)) == 0) {
		target += strlen(scheme);
		path = memchr(target, '/', (size_t)(version - target));
	}
	if (!path || *path != '/')
		return refuse(r, 400);
	r->line_bytes = n;
	r->target_at = at + (size_t)(path - line);
	r->target_len = (size_t)(version - 1 - path);
	return 0;
}

/* One field line of @n bytes, without its CRLF; llhttp checks the value. */
static int check_field(struct http_request *r, const char *line, size_t n)
{
	const char *colon = memchr(line, ':', n);

	r->fields_bytes += n + 2;
	r->n_fields++;
	if (r->fields_bytes > HTTP_FIELDS_MAX ||
	    r->n_fields > HTTP_N_FIELDS_MAX)
		return refuse(r, 431);
	/* Refuses a folded line and a space before the colon, too. */
	if (!colon || !is_token(line, (size_t)(colon - line)))
		return refuse(r, 400);
	if (colon - line == 4 && strncasecmp(line, "Host", 4) == 0)
		r->n_hosts++;
	return 0;
}

/* One line of @n bytes with its CRLF.  1: it ends the request; 0; -EBADMSG. */
static int check_line(struct http_request *r, const char *line, size_t n)
{
	/* A bare line feed, or a bare carriage return inside the line. */
	if (n < 2 || memchr(line, '\r', n) != line + n - 2)
		return refuse(r, 400);
	/* One empty line may come first: RFC 9112, section 2.2. */
	if (r->line_bytes == 0 && n == 2)
		return r->taken == 0 ? 0 : refuse(r, 400);
	if (r->line_bytes == 0)
		return check_request_line(r, line, n - 2, r->taken);
	if (n == 2)
		return 1;
	return check_field(r, line, n - 2);
}

/*
 * Let llhttp see the lines that we have taken and it has not.  0 or -EBADMSG.
 * It must be asked before a later line is refused: what is wrong must not
 * depend on how the bytes were cut into packets.
 */
static int parse_lines(struct http_request *r, const char *bytes, int whole)
{
	enum llhttp_errno e = llhttp_execute(&r->parser, bytes + r->parsed,
					     r->taken - r->parsed);

	r->parsed = r->taken;
	/* We stay with HTTP/1.1 when a client would like to upgrade. */
	if (e == HPE_OK || (whole && e == HPE_PAUSED_UPGRADE))
		return 0;
	return refuse(r, 400);
}

/* The request is whole: does it say all that it must, and no more? */
static int check_whole(struct http_request *r)
{
	if (r->has_body)
		return refuse(r, 413);
	if (r->n_hosts > 1 || (r->n_hosts == 0 && r->parser.http_minor == 1))
		return refuse(r, 400);
	return 0;
}

/* Check all lines that are whole.  As http_request_parse(), but for llhttp. */
static int take_lines(struct http_request *r, const char *bytes, size_t n)
{
	const char *lf;
	size_t rest;

	while ((lf = memchr(bytes + r->scanned, '\n', n - r->scanned))) {
		size_t line_n = (size_t)(lf + 1 - bytes) - r->taken;
		int end;

		if (r->line_bytes == 0 && line_n > HTTP_LINE_MAX + 2)
			return refuse(r, 414);
		/* As if it had come byte by byte: length before content. */
		if (r->line_bytes > 0 &&
		    r->fields_bytes + line_n > HTTP_FIELDS_MAX + 2)
			return refuse(r, 431);
		end = check_line(r, bytes + r->taken, line_n);
		if (end < 0)
			return end;
		r->taken += line_n;
		r->scanned = r->taken;
		if (end)
			return (int)r->taken;
	}
	/* Too long already, whatever may come? */
	r->scanned = n;
	rest = n - r->taken;
	if (r->line_bytes == 0 && rest > HTTP_LINE_MAX + 1)
		return refuse(r, 414);
	if (r->line_bytes > 0 && r->fields_bytes + rest > HTTP_FIELDS_MAX + 1)
		return refuse(r, 431);
	return 0;
}

int http_request_parse(struct http_request *r, const char *bytes, size_t n)
{
	int length = take_lines(r, bytes, n);

	if (r->taken > r->parsed && parse_lines(r, bytes, length > 0) < 0)
		return -EBADMSG;
	if (length > 0 && check_whole(r) < 0)
		return -EBADMSG;
	return length;
}
