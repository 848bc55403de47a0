/*
 * outputs.c: the built-in outputs. `null` takes everything. `file` appends a line per record to File in the folder Path (File:
 * the tag where unset): tag, tab, {"ts":seconds,"meta":{…},"record":{…}}. Metadata survives in it, unlike in the engine's own.
 */
#include <errno.h>
#include <limits.h>
#include <stdio.h>

#include "host.h"
#include "json.h"
#include "log.h"

static const struct flb_config_map no_options[] = {{.name = NULL}};
static const struct flb_config_map file_options[] = {{.name = "path"}, {.name = "file"}, {.name = NULL}};

/* Workers may flush into one file: each chunk's lines go out in one piece. */
static pthread_mutex_t file_lock = PTHREAD_MUTEX_INITIALIZER;

static int start(void *instance)
{
    (void) instance;
    return 0;
}

static void stop(void *instance) { (void) instance; }

static int take(struct output *out, const struct chunk *chunk)
{
    (void) out;
    (void) chunk;
    return ANSWER_OK;
}

static void append_line(struct buffer *text, const char *tag, const struct event *e)
{
    char time[48];

    buffer_text(text, tag);
    snprintf(time, sizeof time, "\t{\"ts\":%lld.%09u,\"meta\":", (long long) e->sec, e->nsec);
    buffer_text(text, time);
    if (e->meta == NULL) {
        buffer_text(text, "{}");
    } else {
        json_write(text, e->meta, e->meta_end);
    }
    buffer_text(text, ",\"record\":");
    json_write(text, e->body, e->body_end);
    buffer_text(text, "}\n");
}

static int write_text(const struct output *out, const char *tag, const struct buffer *text)
{
    const char *dir = properties_get(&out->base.properties, "path"), *file = properties_get(&out->base.properties, "file");
    char path[PATH_MAX];
    size_t written = 0;
    FILE *f;

    snprintf(path, sizeof path, "%s/%s", dir != NULL ? dir : ".", file != NULL ? file : tag);
    pthread_mutex_lock(&file_lock);
    if ((f = fopen(path, "a")) != NULL) {
        written = fwrite(text->data, 1, text->len, f);
        written = fclose(f) == 0 ? written : 0;
    }
    pthread_mutex_unlock(&file_lock);
    if (written != text->len) {
        log_error("[output:file:%s] writing %s: errno=%d", instance_name(&out->base), path, errno);
        return ANSWER_ERROR;
    }
    return ANSWER_OK;
}

static int write_chunk(struct output *out, const struct chunk *chunk)
{
    const uint8_t *p = chunk->data.data, *end = p + chunk->data.len;
    struct buffer text = {0};
    struct event e;
    int answer;

    while (p < end && (p = event_read(p, end, &e)) != NULL) {
        if (e.sec >= 0) {
            append_line(&text, chunk->tag, &e);
        }
    }
    if (p == NULL) {
        log_error("[output:file:%s] chunk %lu has a malformed record", instance_name(&out->base), chunk->id);
    }
    answer = write_text(out, chunk->tag, &text);
    buffer_free(&text);
    return p != NULL ? answer : ANSWER_ERROR;
}

const struct builtin null_output = {
    .kind = KIND_OUTPUT, .name = "null", .options = no_options, .init = start, .flush = take, .exit = stop,
};

const struct builtin file_output = {
    .kind = KIND_OUTPUT, .name = "file", .options = file_options, .init = start, .flush = write_chunk, .exit = stop,
};
