/*
 * property.c: the names that Fluent Bit 5.1.1 keeps for itself (flb_input.c, flb_output.c, flb_filter.c). A plugin that asks for
 * one of them gets nothing, so each must be swallowed here as well, also where this program has no use for it.
 */
#include <stdlib.h>
#include <strings.h>

#include "host.h"
#include "log.h"

/* Swallowed whatever their value is. A trailing star stands for any rest. */
static const char *const always_input[] = {
    "listen", "host", "port", "tls.vhost", "tls.ca_path", "tls.ca_file", "tls.crt_file", "tls.key_file", "tls.key_passwd",
    "tls.min_version", "tls.max_version", "tls.ciphers", NULL,
};
static const char *const always_output[] = {
    "match", "host", "port", "retry_limit", "tls.vhost", "tls.ca_path", "tls.ca_file", "tls.crt_file", "tls.key_file",
    "tls.key_passwd", "tls.min_version", "tls.max_version", "tls.ciphers", "tls.proxy.ca_path", "tls.proxy.ca_file", NULL,
};
/* Swallowed only with a value: an empty one goes on to the plugin. */
static const char *const valued_input[] = {
    "tag", "alias", "log_level", "log_suppress_interval", "routable", "mem_buf_limit", "ipv6", "net.*", "oauth2*", "tls",
    "tls.verify", "tls.verify_client_cert", "tls.verify_hostname", "tls.debug", "storage.type",
    "storage.pause_on_chunks_overlimit", "threaded", "thread.ring_buffer.capacity", "thread.ring_buffer.window",
    "rate_window", "rate_gate", "rate_gate.max_bytes", "rate_gate.max_records", "rate_gate.backpressure",
    "rate_gate.resume_ratio", NULL,
};
static const char *const valued_output[] = {
    "match_regex", "alias", "log_level", "log_suppress_interval", "ipv6", "net.*", "oauth2*", "_debug.http.*", "tls",
    "tls.verify", "tls.verify_hostname", "tls.debug", "tls.proxy.verify", "tls.proxy.verify_hostname",
    "storage.total_limit_size", "workers", NULL,
};
static const char *const filter_names[] = {"match", "match_regex", "alias", "log_level", "log_suppress_interval", NULL};

static bool listed(const char *const *names, const char *key)
{
    for (; *names != NULL; names++) {
        size_t len = strcspn(*names, "*");
        if (strncasecmp(*names, key, len) == 0 && ((*names)[len] == '*' || key[len] == '\0')) {
            return true;
        }
    }
    return false;
}

static bool is(const char *key, const char *name) { return strcasecmp(key, name) == 0; }

static bool truth(const char *value) { return is(value, "on") || is(value, "true") || is(value, "yes"); }

static void replace(char **field, const char *value)
{
    free(*field);
    *field = must(strdup(value));
}

/* `10M`, `64k`, `1g` or plain bytes, in units of 1000 as the engine's; -1 when it is none of these. */
long long property_bytes(const char *value)
{
    char *end;
    double n = strtod(value, &end);
    double unit = 1;

    if (end == value || n < 0) {
        return -1;
    }
    switch (*end | 32) {
    case 'k': unit = 1e3; break;
    case 'm': unit = 1e6; break;
    case 'g': unit = 1e9; break;
    default: return *end == '\0' ? (long long) n : -1;
    }
    end += (end[1] | 32) == 'b' ? 2 : 1;
    return *end == '\0' ? (long long) (n * unit) : -1;
}

/* What all kinds have in common. Returns -1 for a wrong value. */
static int common(struct instance *ins, const char *key, const char *value)
{
    if (is(key, "alias")) {
        replace(&ins->alias, value);
    } else if (is(key, "match")) {
        replace(&ins->match, value);
    } else if (is(key, "log_level")) {
        return (ins->level = log_level_of(value)) < 0 ? -1 : 1;
    } else if (is(key, "tls") && truth(value)) {
        log_error("[config] %s does not support TLS by the engine's options", ins->plugin->name);
        return -1;
    } else if (is(key, "match_regex")) {
        log_error("[config] the test host has no match_regex");
        return -1;
    }
    return 1;
}

int property_of_input(struct input *in, const char *key, const char *value)
{
    long long limit;

    if (!listed(always_input, key) && !(value != NULL && listed(valued_input, key))) {
        return 0;
    }
    if (value == NULL) {
        return 1;
    }
    if (is(key, "tag")) {
        replace(&in->base.tag, value);
    } else if (is(key, "mem_buf_limit")) {
        if ((limit = property_bytes(value)) < 0) {
            return -1;
        }
        in->mem_buf_limit = (size_t) limit;
    } else if (is(key, "storage.type") && is(value, "filesystem")) {
        in->filesystem = true;
        log_warn("[config] the test host has no filesystem storage: chunks stay in memory");
    } else if (is(key, "storage.type") && !is(value, "memory")) {
        log_error("[config] the test host has no storage.type %s", value);
        return -1;
    }
    return common(&in->base, key, value);
}

static void set_retry_limit(struct output *out, const char *value)
{
    if (is(value, "no_limits") || is(value, "false") || is(value, "off")) {
        out->retry_limit = RETRY_UNLIMITED;
    } else if (is(value, "no_retries")) {
        out->retry_limit = RETRY_NONE;
    } else if ((out->retry_limit = atoi(value)) <= 0) {
        log_warn("[config] %s: retry_limit %s is no limit, 1 is used", instance_name(&out->base), value);
        out->retry_limit = 1;
    }
}

int property_of_output(struct output *out, const char *key, const char *value)
{
    long long limit;

    if (!listed(always_output, key) && !(value != NULL && listed(valued_output, key))) {
        return 0;
    }
    if (value == NULL) {
        return 1;
    }
    if (is(key, "retry_limit")) {
        set_retry_limit(out, value);
    } else if (is(key, "workers")) {
        out->workers = atoi(value);
    } else if (is(key, "storage.total_limit_size")) {
        if ((limit = property_bytes(value)) < 0) {
            return -1;
        }
        out->storage_limit = (size_t) limit;
    } else if (is(key, "host")) {
        replace(&out->host, value);
    } else if (is(key, "port")) {
        replace(&out->port, value);
    }
    return common(&out->base, key, value);
}

int property_of_filter(struct filter *filter, const char *key, const char *value)
{
    if (!listed(filter_names, key)) {
        return 0;
    }
    return value == NULL ? 1 : common(&filter->base, key, value);
}
