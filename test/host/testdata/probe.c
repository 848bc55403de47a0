/*
 * probe.c: a plugin that behaves as a test asks through its options and writes what happened to it, one line per event, to
 * the file named by the option `trace`. Compiled twice: -DPROBE_INPUT gives an input, -DPROBE_OUTPUT an output.
 *
 * Input:  trace, ask (property names, comma separated), fail_init, return_records (per collect, through the returned buffer),
 *         append (batches per collect, through flb_input_log_append), append_after (collects that only return), collects (how
 *         many produce, default 1), batch_bytes, batch_tags (of appended batches, in turn), foreign (a symbol of the host to
 *         call), many (accepts repeats)
 * Output: trace, ask, fail_init, answers (such as `retry,error,ok`: one per flush, the last one stays), block_ms, blocks (how
 *         many flushes block, default all), stack_kb
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include "../abi.h"

#ifdef PROBE_INPUT
#define KIND PROXY_INPUT_PLUGIN
#define PLUGIN struct flbgo_input_plugin
#define INSTANCE(p) ((p)->i_ins)
#define GET(api, key, ins) ((api)->input_get_property(key, ins))
#else
#define KIND PROXY_OUTPUT_PLUGIN
#define PLUGIN struct flbgo_output_plugin
#define INSTANCE(p) ((p)->o_ins)
#define GET(api, key, ins) ((api)->output_get_property(key, ins))
#endif

struct probe {
    struct flb_api *api;
    void *instance;
    FILE *trace;
    char name[128];
    long sent; /* records or batches numbered so far */
    int collects;
    int flushes;
};

static FILE *last_trace; /* pause and exit of an input carry no context */
static int inits;

static struct flb_config_map option_map[] = {
    {.type = CONFIG_MAP_STR, .name = "trace"},          {.type = CONFIG_MAP_STR, .name = "ask"},
    {.type = CONFIG_MAP_STR, .name = "fail_init"},      {.type = CONFIG_MAP_STR, .name = "return_records"},
    {.type = CONFIG_MAP_STR, .name = "append"},         {.type = CONFIG_MAP_STR, .name = "collects"},
    {.type = CONFIG_MAP_STR, .name = "batch_bytes"},    {.type = CONFIG_MAP_STR, .name = "batch_tags"},
    {.type = CONFIG_MAP_STR, .name = "foreign"},        {.type = CONFIG_MAP_STR, .name = "answers"},
    {.type = CONFIG_MAP_STR, .name = "block_ms"},       {.type = CONFIG_MAP_STR, .name = "stack_kb"},
    {.type = CONFIG_MAP_STR, .name = "append_after"},   {.type = CONFIG_MAP_STR, .name = "blocks"},
    {.type = CONFIG_MAP_STR, .name = "Brokers"},        {.type = CONFIG_MAP_STR_PREFIX, .name = "rdkafka."},
    {.type = CONFIG_MAP_STR, .name = "many", .flags = CONFIG_MAP_MULT},
    {.type = 0, .name = NULL},
};

static void note(FILE *trace, const char *event, const char *rest)
{
    char thread[16] = "?";

    if (trace == NULL) {
        return;
    }
    pthread_getname_np(pthread_self(), thread, sizeof thread);
    fprintf(trace, "%s thread=%s tid=%ld %s\n", event, thread, (long) syscall(SYS_gettid), rest);
    fflush(trace);
}

static const char *option(struct probe *p, const char *key, const char *def)
{
    const char *value = GET(p->api, key, p->instance);
    return value ? value : def;
}

static void note_asked(struct probe *p)
{
    char list[512], line[1024];
    char *key, *save = NULL;

    snprintf(list, sizeof list, "%s", option(p, "ask", ""));
    for (key = strtok_r(list, ",", &save); key != NULL; key = strtok_r(NULL, ",", &save)) {
        const char *value = GET(p->api, key, p->instance);
        snprintf(line, sizeof line, "%s=%s", key, value ? value : "(null)");
        note(p->trace, "property", line);
    }
}

int FLBPluginRegister(struct flb_plugin_proxy_def *def)
{
    def->type = KIND;
    def->proxy = PROXY_GOLANG;
    def->flags = 0;
    def->name = strdup(PROBE_NAME);
    def->description = strdup("a plugin that does what a test asks");
    def->config_map = option_map;
    return 0;
}

int FLBPluginInit(PLUGIN *plugin)
{
    const char *(*name_of)(void *) =
        (const char *(*)(void *)) dlsym(RTLD_DEFAULT, KIND == PROXY_INPUT_PLUGIN ? "flb_input_name" : "flb_output_name");
    struct probe *p = calloc(1, sizeof *p);
    const char *path;

    p->api = plugin->api;
    p->instance = INSTANCE(plugin);
    snprintf(p->name, sizeof p->name, "%s", name_of ? name_of(p->instance) : "?");
    path = GET(p->api, "trace", p->instance);
    p->trace = path ? fopen(path, "a") : NULL;
    last_trace = p->trace;
    inits++;
    note(p->trace, KIND == PROXY_INPUT_PLUGIN ? "in_init" : "out_init", p->name);
    note_asked(p);
    p->api->log_print(3, NULL, 0, "[probe] init of %s, call %d", p->name, inits);
    plugin->context->remote_context = p;
    return strcmp(option(p, "fail_init", "false"), "true") == 0 ? 0 : 1;
}

#ifdef PROBE_INPUT

typedef int (*append_fn)(void *, const char *, size_t, const void *, size_t);

/* Writes [[time, {"n": number}], {"n": number, "pad": ...}] and returns its length. */
static size_t event(unsigned char *out, long number, size_t pad)
{
    static const unsigned char time_head[] = {0x92, 0x92, 0xd7, 0x00, 0x65, 0x53, 0xf1, 0x00, 0, 0, 0, 0};
    size_t n = sizeof time_head;
    int i;

    memcpy(out, time_head, n);
    for (i = 0; i < 2; i++) {
        out[n++] = (unsigned char) (i == 0 ? 0x81 : 0x82);
        out[n++] = 0xa1;
        out[n++] = 'n';
        out[n++] = 0xce;
        out[n++] = (unsigned char) (number >> 24);
        out[n++] = (unsigned char) (number >> 16);
        out[n++] = (unsigned char) (number >> 8);
        out[n++] = (unsigned char) number;
    }
    memcpy(out + n, "\xa3pad\xdb", 5);
    n += 5;
    out[n++] = (unsigned char) (pad >> 24);
    out[n++] = (unsigned char) (pad >> 16);
    out[n++] = (unsigned char) (pad >> 8);
    out[n++] = (unsigned char) pad;
    memset(out + n, 'x', pad);
    return n + pad;
}

/* The n-th entry of a comma separated list, from its start again behind its end. Returns its length. */
static size_t entry(const char *list, long n, const char **start)
{
    const char *next = list;
    for (; n > 0; n--) {
        next = strchr(next, ',') != NULL ? strchr(next, ',') + 1 : list;
    }
    *start = next;
    return strcspn(next, ",");
}

/* Appends until the asked number of batches is out or one is refused; a refused one is tried again at the next collect. */
static void append_batches(struct probe *p, long batches)
{
    append_fn append = (append_fn) dlsym(RTLD_DEFAULT, "flb_input_log_append");
    size_t pad = (size_t) atol(option(p, "batch_bytes", "16"));
    const char *tags = option(p, "batch_tags", NULL), *tag = NULL;
    unsigned char *buf = malloc(pad + 128);
    char line[128];
    long done;

    for (done = 0; done < batches; done++) {
        size_t len = event(buf, p->sent, pad);
        size_t tag_len = tags != NULL ? entry(tags, p->sent, &tag) : 0;
        if (append(p->instance, tag, tag_len, buf, len) != 0) {
            break;
        }
        p->sent++;
    }
    free(buf);
    snprintf(line, sizeof line, "accepted=%ld of=%ld", done, batches);
    note(p->trace, "append", line);
}

int FLBPluginInputCallbackCtx(void *context, void **data, size_t *size)
{
    struct probe *p = context;
    long records = atol(option(p, "return_records", "0")), i;
    const char *foreign = option(p, "foreign", NULL);
    unsigned char *buf;

    if (p->collects++ >= atoi(option(p, "collects", "1"))) {
        return 1;
    }
    note(p->trace, "collect", p->name);
    if (foreign != NULL) {
        void (*call)(void) = (void (*)(void)) dlsym(RTLD_DEFAULT, foreign);
        call();
    }
    if (atol(option(p, "append", "0")) > 0 && p->collects > atoi(option(p, "append_after", "0"))) {
        append_batches(p, atol(option(p, "append", "0")));
    }
    if (records > 0) {
        buf = malloc((size_t) records * 128);
        for (i = 0, *size = 0; i < records; i++) {
            *size += event(buf + *size, p->sent++, 16);
        }
        *data = buf;
    }
    return 1;
}

int FLBPluginInputCleanupCallbackCtx(void *context, void *data)
{
    note(((struct probe *) context)->trace, "cleanup", "");
    free(data);
    return 1;
}

void FLBPluginInputPause(void) { note(last_trace, "pause", ""); }
void FLBPluginInputResume(void) { note(last_trace, "resume", ""); }

int FLBPluginExit(void)
{
    note(last_trace, "in_exit", "");
    return 1;
}

#else

static void sleep_ms(long ms)
{
    struct timespec t = {ms / 1000, (ms % 1000) * 1000000};
    nanosleep(&t, NULL);
}

/* Touches `kb` KiB of the stack it was called on. */
static int use_stack(long kb)
{
    volatile char page[1024];
    page[0] = (char) kb;
    return kb <= 1 ? page[0] : use_stack(kb - 1) + page[0];
}

/* The n-th of a comma separated list, its last where the list is shorter. */
static int answer(const char *list, int n)
{
    const char *next;
    while (n-- > 0 && (next = strchr(list, ',')) != NULL) {
        list = next + 1;
    }
    return strncmp(list, "ok", 2) == 0 ? ANSWER_OK : strncmp(list, "retry", 5) == 0 ? ANSWER_RETRY : ANSWER_ERROR;
}

int FLBPluginFlushCtx(void *context, const void *data, size_t size, char *tag)
{
    struct probe *p = context;
    char line[256];
    long kb = atol(option(p, "stack_kb", "0"));
    int flush = __atomic_fetch_add(&p->flushes, 1, __ATOMIC_SEQ_CST);
    int result = answer(option(p, "answers", "ok"), flush);

    (void) data;
    snprintf(line, sizeof line, "%s tag=%s size=%zu answer=%d", p->name, tag, size, result);
    note(p->trace, "flush", line);
    if (kb > 0) {
        use_stack(kb);
    }
    if (flush < atoi(option(p, "blocks", "1000000"))) {
        sleep_ms(atol(option(p, "block_ms", "0")));
    }
    note(p->trace, "flushed", p->name);
    return result;
}

/* After a failed start the host also ends outputs that it never initialised: there is no context then. */
int FLBPluginExitCtx(void *context)
{
    struct probe *p = context;
    if (p != NULL) {
        note(p->trace, "out_exit", p->name);
    }
    return 1;
}

#endif
