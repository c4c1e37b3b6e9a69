#include "bench/tests/talk.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "bench/tests/program.h"

int talk_open(uint16_t port, int window)
{
	struct sockaddr_in address = {.sin_family = AF_INET,
				      .sin_port = htons(port)};
	struct timeval patience = {.tv_sec = TALK_PATIENCE_S};
	int one = 1;
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	assert_true(fd >= 0);
	if (window)
		setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &window, sizeof(window));
	setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof(one));
	setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience));
	setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof(patience));
	assert_int_equal(
		connect(fd, (struct sockaddr *)&address, sizeof(address)), 0);
	return fd;
}

void talk_reset(int fd)
{
	struct linger reset = {.l_onoff = 1, .l_linger = 0};

	setsockopt(fd, SOL_SOCKET, SO_LINGER, &reset, sizeof(reset));
	close(fd);
}

void talk_say(int fd, const char *bytes, size_t n)
{
	assert_int_equal(send(fd, bytes, n, MSG_NOSIGNAL), (ssize_t)n);
}

void talk_say_text(int fd, const char *text)
{
	talk_say(fd, text, strlen(text));
}

void talk_hear(int fd, bool is_head, struct talk_reply *ret)
{
	const char *length;
	size_t n = 0;

	ret->status = 0;
	ret->n = 0;
	ret->body[0] = '\0';
	while (n < 4 || memcmp(ret->head + n - 4, "\r\n\r\n", 4) != 0) {
		ssize_t got;

		assert_true(n < sizeof(ret->head) - 1);
		got = recv(fd, ret->head + n, 1, 0);
		if (n == 0 && got == 0)
			return;
		assert_int_equal(got, 1);
		n++;
	}
	ret->head[n] = '\0';
	assert_int_equal(sscanf(ret->head, "HTTP/1.1 %d ", &ret->status), 1);
	ret->close = strstr(ret->head, "\r\nConnection: close\r\n") != NULL;
	length = strstr(ret->head, "\r\nContent-Length: ");
	assert_non_null(length);
	ret->n = strtoul(length + 18, NULL, 10);
	assert_true(ret->n < sizeof(ret->body));
	if (is_head || ret->n == 0)
		return;
	assert_int_equal(recv(fd, ret->body, ret->n, MSG_WAITALL),
			 (ssize_t)ret->n);
	ret->body[ret->n] = '\0';
}

void talk_get(int fd, const char *target, struct talk_reply *ret)
{
	char request[512];

	snprintf(request, sizeof(request),
		 "GET %s HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n", target);
	talk_say_text(fd, request);
	talk_hear(fd, false, ret);
}

void talk_expect_end(int fd)
{
	char byte;

	assert_int_equal(recv(fd, &byte, 1, 0), 0);
	close(fd);
}

pid_t talk_start_server(const char *arguments, uint16_t *ret_port)
{
	char command[256];
	unsigned port, again;
	char *text;
	pid_t pid;

	unlink("stdout");
	snprintf(command, sizeof(command), "serve --port 0 %s", arguments);
	pid = program_start("", command);
	program_await("stdout", 1);
	text = program_read("stdout");
	if (sscanf(text, "READY port=%u http://127.0.0.1:%u/\n", &port,
		   &again) != 2 ||
	    port != again || port == 0 || port > 65535)
		fail_msg("it said: %s", text);
	free(text);
	*ret_port = (uint16_t)port;
	return pid;
}

void talk_stop_server(pid_t pid)
{
	assert_int_equal(waitpid(pid, NULL, WNOHANG), 0);
	assert_int_equal(kill(pid, SIGTERM), 0);
	program_expect_exit(program_wait(pid), 0);
	program_expect_alone();
}
