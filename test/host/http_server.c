/*
 * http_server.c: of Fluent Bit's own HTTP server the one page that tests read, GET /api/v2/metrics/prometheus, on a thread of
 * its own. Http_Server On, Http_Listen and Http_Port as there; every other path is 404.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <netdb.h>
#include <stdio.h>
#include <strings.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "host.h"
#include "log.h"
#include "metric.h"

enum { REQUEST_BYTES = 4096, CLIENT_SECONDS = 5, BACKLOG = 16 };

static bool on;
static char *address, *port;
static int listener = -1;
static pthread_t server;

bool http_server_option(const char *key, const char *value)
{
    char **field = strcasecmp(key, "http_port") == 0 ? &port : &address;

    if (strcasecmp(key, "http_server") == 0) {
        on = strcasecmp(value, "on") == 0 || strcasecmp(value, "true") == 0;
        return true;
    }
    if (strcasecmp(key, "http_listen") != 0 && strcasecmp(key, "http_port") != 0) {
        return false;
    }
    free(*field);
    *field = must(strdup(value));
    return true;
}

static void answer(int client, const char *status, const struct buffer *body)
{
    struct buffer out = {0};
    char length[32];

    snprintf(length, sizeof length, "%zu", body->len);
    buffer_text(&out, "HTTP/1.1 ");
    buffer_text(&out, status);
    buffer_text(&out, "\r\nContent-Type: text/plain; version=0.0.4\r\nConnection: close\r\nContent-Length: ");
    buffer_text(&out, length);
    buffer_text(&out, "\r\n\r\n");
    buffer_append(&out, body->data, body->len);
    for (size_t sent = 0; sent < out.len;) {
        ssize_t n = send(client, out.data + sent, out.len - sent, MSG_NOSIGNAL);
        if (n < 0 && errno != EINTR) {
            break; /* the client's loss */
        }
        sent += n > 0 ? (size_t) n : 0;
    }
    buffer_free(&out);
}

/* Whether a whole request head came in time. */
static bool read_request(int client, char request[REQUEST_BYTES])
{
    size_t len = 0;

    while (len < REQUEST_BYTES - 1) {
        ssize_t n = recv(client, request + len, REQUEST_BYTES - 1 - len, 0);
        if (n == 0 || (n < 0 && errno != EINTR)) {
            return false;
        }
        len += n > 0 ? (size_t) n : 0;
        request[len] = '\0';
        if (strstr(request, "\r\n\r\n") != NULL) {
            return true;
        }
    }
    return false;
}

static void serve(int client)
{
    static const char page[] = "GET /api/v2/metrics/prometheus ";
    const struct timeval patience = {.tv_sec = CLIENT_SECONDS};
    char request[REQUEST_BYTES];
    struct buffer body = {0};

    setsockopt(client, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof patience);
    setsockopt(client, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
    if (!read_request(client, request)) {
        return;
    }
    if (strncmp(request, page, sizeof page - 1) == 0) {
        metric_exposition(&body);
        answer(client, "200 OK", &body);
    } else {
        answer(client, "404 Not Found", &body);
    }
    buffer_free(&body);
}

static void *run(void *argument)
{
    int client;

    (void) argument;
    prctl(PR_SET_NAME, "flb-http");
    while ((client = accept4(listener, NULL, NULL, SOCK_CLOEXEC)) >= 0 || errno == EINTR || errno == ECONNABORTED) {
        if (client >= 0) {
            serve(client);
            close(client);
        }
    }
    return NULL;
}

static int listen_on(const struct addrinfo *where)
{
    const int yes = 1;
    int fd = socket(where->ai_family, SOCK_STREAM | SOCK_CLOEXEC, 0);

    if (fd < 0) {
        return -1;
    }
    setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);
    if (bind(fd, where->ai_addr, where->ai_addrlen) != 0 || listen(fd, BACKLOG) != 0) {
        close(fd);
        return -1;
    }
    return fd;
}

int http_server_start(void)
{
    const struct addrinfo hints = {.ai_socktype = SOCK_STREAM, .ai_flags = AI_PASSIVE};
    const char *at = address != NULL ? address : "0.0.0.0", *number = port != NULL ? port : "2020";
    struct addrinfo *found = NULL;

    if (!on) {
        return 0;
    }
    if (getaddrinfo(at, number, &hints, &found) == 0) {
        listener = listen_on(found);
        freeaddrinfo(found);
    }
    if (listener < 0 || pthread_create(&server, NULL, run, NULL) != 0) {
        log_error("[http_server] listening on %s port %s: %s", at, number, strerror(errno));
        return -1;
    }
    log_info("[http_server] listening on %s port %s", at, number);
    return 0;
}

/* Waits for the client that is being served, for CLIENT_SECONDS at most. */
void http_server_stop(void)
{
    if (listener < 0) {
        return;
    }
    shutdown(listener, SHUT_RDWR); /* ends the accept */
    pthread_join(server, NULL);
    close(listener);
    listener = -1;
}
