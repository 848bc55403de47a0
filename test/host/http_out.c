/*
 * http_out.c: the built-in output `http`: a POST per chunk to Host, Port and Uri, a JSON object per line with the record's time
 * under `date`. Of Fluent Bit's forms there are only Format json_lines and Json_Date_Format iso8601, both to be named.
 *
 * A flush runs on a small stack and, without Workers, on the engine's thread: names are resolved at init, bodies are on the heap,
 * and each wait for the network ends after NETWORK_SECONDS.
 */
#include <errno.h>
#include <netdb.h>
#include <stdio.h>
#include <strings.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "host.h"
#include "json.h"
#include "log.h"

enum { NETWORK_SECONDS = 10, STATUS_BYTES = 256 };

struct endpoint {
    struct sockaddr_storage address;
    socklen_t address_len;
    int family;
    const char *host, *port, *uri;
};

static const struct flb_config_map options[] = {
    {.name = "uri"}, {.name = "format"}, {.name = "json_date_format"}, {.name = NULL},
};

/* Whether the property has the only value that is known here; what is not known must not pass for something else. */
static bool supported(const struct output *out, const char *key, const char *only)
{
    const char *value = properties_get(&out->base.properties, key);

    if (value != NULL && strcasecmp(value, only) == 0) {
        return true;
    }
    log_error("[output:http:%s] the test host needs %s %s, not %s", instance_name(&out->base), key, only,
              value != NULL ? value : "the default");
    return false;
}

static int resolve(struct endpoint *to)
{
    const struct addrinfo hints = {.ai_socktype = SOCK_STREAM};
    struct addrinfo *found = NULL;
    int error = getaddrinfo(to->host, to->port, &hints, &found);

    if (error != 0) {
        log_error("[output:http] resolving %s port %s: %s", to->host, to->port, gai_strerror(error));
        return -1;
    }
    memcpy(&to->address, found->ai_addr, found->ai_addrlen);
    to->address_len = found->ai_addrlen;
    to->family = found->ai_family;
    freeaddrinfo(found);
    return 0;
}

static int init(void *instance)
{
    struct output *out = instance;
    struct endpoint *to = out->base.state = must(calloc(1, sizeof *to));
    const char *uri = properties_get(&out->base.properties, "uri");

    to->host = out->host != NULL ? out->host : "127.0.0.1";
    to->port = out->port != NULL ? out->port : "80";
    to->uri = uri != NULL ? uri : "/";
    return supported(out, "format", "json_lines") && supported(out, "json_date_format", "iso8601") ? resolve(to) : -1;
}

static void stop(void *instance) { free(((struct instance *) instance)->state); }

/* Returns -1 for a body that is no map. The time goes in front of its pairs, so that its opening brace becomes a comma. */
static int append_line(struct buffer *text, const struct event *e)
{
    time_t seconds = (time_t) e->sec;
    char date[64];
    struct tm utc;
    struct mp_value v;
    size_t begin;

    if (mp_read(e->body, e->body_end, &v) == NULL || v.type != MP_MAP) {
        return -1;
    }
    gmtime_r(&seconds, &utc);
    strftime(date, sizeof date, "{\"date\":\"%Y-%m-%dT%H:%M:%S", &utc);
    buffer_text(text, date);
    snprintf(date, sizeof date, ".%06uZ\"", e->nsec / 1000);
    buffer_text(text, date);
    begin = text->len;
    json_write(text, e->body, e->body_end);
    text->data[begin] = v.count > 0 ? ',' : '}';
    text->len -= v.count > 0 ? 0 : 1;
    buffer_text(text, "\n");
    return 0;
}

static int append_body(struct buffer *text, const struct chunk *chunk)
{
    const uint8_t *p = chunk->data.data, *end = p + chunk->data.len;
    struct event e;

    while (p < end && (p = event_read(p, end, &e)) != NULL) {
        if (e.sec >= 0 && append_line(text, &e) != 0) {
            return -1;
        }
    }
    return p != NULL ? 0 : -1;
}

static int open_socket(const struct endpoint *to)
{
    const struct timeval patience = {.tv_sec = NETWORK_SECONDS};
    int fd = socket(to->family, SOCK_STREAM | SOCK_CLOEXEC, 0);

    if (fd < 0) {
        return -1;
    }
    setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof patience); /* bounds the connect too */
    setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
    if (connect(fd, (const struct sockaddr *) &to->address, to->address_len) != 0) {
        close(fd);
        return -1;
    }
    return fd;
}

static int send_all(int fd, const struct buffer *b)
{
    for (size_t sent = 0; sent < b->len;) {
        ssize_t n = send(fd, b->data + sent, b->len - sent, MSG_NOSIGNAL);
        if (n < 0 && errno != EINTR) {
            return -1;
        }
        sent += n > 0 ? (size_t) n : 0;
    }
    return 0;
}

/* The status of the answer, -1 when none came. The rest of the answer says nothing here. */
static int read_status(int fd)
{
    char line[STATUS_BYTES];
    size_t len = 0;
    int status;

    while (len < sizeof line - 1) {
        ssize_t n = recv(fd, line + len, sizeof line - 1 - len, 0);
        if (n == 0 || (n < 0 && errno != EINTR)) {
            break;
        }
        len += n > 0 ? (size_t) n : 0;
        line[len] = '\0';
        if (strchr(line, '\n') != NULL) {
            return sscanf(line, "HTTP/%*d.%*d %3d", &status) == 1 ? status : -1;
        }
    }
    return -1;
}

static int post(const struct endpoint *to, const struct buffer *body)
{
    char length[32];
    const char *const head[] = {
        "POST ", to->uri, " HTTP/1.1\r\nHost: ", to->host, ":", to->port, "\r\nContent-Type: application/x-ndjson\r\n",
        "Connection: close\r\nContent-Length: ", length, "\r\n\r\n",
    };
    struct buffer request = {0};
    int fd = open_socket(to), status;

    if (fd < 0) {
        return -1;
    }
    snprintf(length, sizeof length, "%zu", body->len);
    for (size_t i = 0; i < sizeof head / sizeof *head; i++) {
        buffer_text(&request, head[i]);
    }
    buffer_append(&request, body->data, body->len);
    status = send_all(fd, &request) == 0 ? read_status(fd) : -1;
    close(fd);
    buffer_free(&request);
    return status;
}

/* As the engine's own: what the server refuses for good is an error, and the chunk is dropped. */
static int flush(struct output *out, const struct chunk *chunk)
{
    struct endpoint *to = out->base.state;
    struct buffer body = {0};
    int status;

    if (append_body(&body, chunk) != 0) {
        log_error("[output:http:%s] chunk %lu has a malformed record", instance_name(&out->base), chunk->id);
        buffer_free(&body);
        return ANSWER_ERROR;
    }
    status = post(to, &body);
    buffer_free(&body);
    if (status >= 200 && status <= 205) {
        return ANSWER_OK;
    }
    log_error("[output:http:%s] %s:%s, HTTP status=%d", instance_name(&out->base), to->host, to->port, status);
    return status >= 400 && status < 500 && status != 408 && status != 429 ? ANSWER_ERROR : ANSWER_RETRY;
}

const struct builtin http_output = {
    .kind = KIND_OUTPUT, .name = "http", .options = options, .init = init, .flush = flush, .exit = stop,
};
