/*
 * probe.c: a plugin that behaves as a test asks through its options and writes what happened to it, one line per event, to
 * the file named by the option `trace`. Compiled twice: -DPROBE_INPUT gives an input, -DPROBE_OUTPUT an output.
 *
 * Input:  trace, ask (property names, comma separated), fail_init, return_records (per collect, through the returned buffer),
 *         append (batches per collect, through flb_input_log_append), append_after (collects that only return), collects (how
 *         many produce, default 1), batch_bytes, batch_tags (of appended batches, in turn), foreign (a symbol of the host to
 *         call), many (accepts repeats)
 * Output: trace, ask, fail_init, answers (such as `retry,error,ok`: one per flush, the last one stays), block_ms, blocks (how
 *         many flushes block, default all), stack_kb, misuse (none, leak, freed, twice: one error with memory per flush), and
 *         the option of probe_suspend.h
 * Both:   the options of probe_metrics.h
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
#include "probe_metrics.h"

#ifdef PROBE_INPUT
#define KIND PROXY_INPUT_PLUGIN
#define PLUGIN struct flbgo_input_plugin
#define INSTANCE(p) ((p)->i_ins)
#define GET(api, key, ins) ((api)->input_get_property(key, ins))
#define METRICS_OF(api, ins) ((api)->input_get_cmt_instance(ins))
#else
#define KIND PROXY_OUTPUT_PLUGIN
#define PLUGIN struct flbgo_output_plugin
#define INSTANCE(p) ((p)->o_ins)
#define GET(api, key, ins) ((api)->output_get_property(key, ins))
#define METRICS_OF(api, ins) ((api)->output_get_cmt_instance(ins))
#endif

struct probe {
    struct flb_api *api;
    void *instance;
    FILE *trace;
    char name[128];
    long sent; /* records or batches numbered so far */
    int collects;
    int flushes;
    struct probe_metrics metrics;
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
    {.type = CONFIG_MAP_STR, .name = "counter"},        {.type = CONFIG_MAP_STR, .name = "encode"},
    {.type = CONFIG_MAP_STR, .name = "late"},           {.type = CONFIG_MAP_STR, .name = "misuse"},
    {.type = CONFIG_MAP_STR, .name = "suspend_ms"},
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

static void note_metrics(struct probe *p)
{
    const char *counter = option(p, "counter", NULL);

    if (counter != NULL) {
        note(p->trace, "metrics", metrics_start(&p->metrics, METRICS_OF(p->api, p->instance), counter,
                                                option(p, "encode", NULL), p->name));
    }
    if (option(p, "late", NULL) != NULL) {
        last_metrics = &p->metrics;
    }
}

/* The last call of all, when every instance has exited. */
void FLBPluginUnregister(void *def)
{
    (void) def;
    if (last_metrics != NULL) {
        metrics_step(last_metrics);
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
    note_metrics(p);
    p->api->log_print(3, NULL, 0, "[probe] init of %s, call %d", p->name, inits);
    plugin->context->remote_context = p;
    return strcmp(option(p, "fail_init", "false"), "true") == 0 ? 0 : 1;
}

#ifdef PROBE_INPUT
#include "probe_input.h"
#else
#include "probe_output.h"
#endif
