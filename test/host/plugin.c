/* plugin.c: the built-in plugins, and shared objects loaded the way the engine's Go proxy does it. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <limits.h>
#include <stdio.h>
#include <strings.h>
#include <unistd.h>

#include "host.h"
#include "log.h"

static SLIST_HEAD(, plugin) plugins = SLIST_HEAD_INITIALIZER(plugins);

static const struct builtin *const builtins[] = {
    &dummy_input, &tail_input, &null_output, &file_output, &http_output, &grep_mod_filter, &strip_metadata_filter,
};

struct plugin *plugin_find(enum kind kind, const char *name)
{
    struct plugin *p;

    SLIST_FOREACH(p, &plugins, next) {
        if (p->kind == kind && strcasecmp(p->name, name) == 0) {
            return p;
        }
    }
    for (size_t i = 0; i < sizeof builtins / sizeof *builtins; i++) {
        if (builtins[i]->kind == kind && strcasecmp(builtins[i]->name, name) == 0) {
            p = must(calloc(1, sizeof *p));
            p->kind = kind;
            p->name = builtins[i]->name;
            p->options = builtins[i]->options;
            p->builtin = builtins[i];
            SLIST_INSERT_HEAD(&plugins, p, next);
            return p;
        }
    }
    return NULL;
}

/* Stores a symbol's address; through memcpy, as ISO C has no cast from object to function pointer. */
static void resolve(struct plugin *p, const char *symbol, void *field)
{
    void *address = dlsym(p->dso, symbol);
    memcpy(field, &address, sizeof address);
}

/* The optional callbacks: f(int) with a hot reload that is always 0 here, or f(void), to which the argument is nothing. */
void plugin_call_int(struct plugin *p, const char *symbol, int argument)
{
    int (*call)(int) = NULL;
    resolve(p, symbol, &call);
    if (call != NULL) {
        call(argument);
    }
}

static int find_callbacks(struct plugin *p)
{
    if (p->kind == KIND_INPUT) {
        p->in.name = p->def->name;
        resolve(p, "FLBPluginInit", &p->in.cb_init);
        resolve(p, "FLBPluginInputCallback", &p->in.cb_collect);
        resolve(p, "FLBPluginInputCallbackCtx", &p->in.cb_collect_ctx);
        resolve(p, "FLBPluginInputCleanupCallback", &p->in.cb_cleanup);
        resolve(p, "FLBPluginInputCleanupCallbackCtx", &p->in.cb_cleanup_ctx);
        resolve(p, "FLBPluginExit", &p->in.cb_exit);
        return p->in.cb_init != NULL && (p->in.cb_collect != NULL || p->in.cb_collect_ctx != NULL) ? 0 : -1;
    }
    p->out.name = p->def->name;
    resolve(p, "FLBPluginInit", &p->out.cb_init);
    resolve(p, "FLBPluginFlush", &p->out.cb_flush);
    resolve(p, "FLBPluginFlushCtx", &p->out.cb_flush_ctx);
    resolve(p, "FLBPluginExit", &p->out.cb_exit);
    resolve(p, "FLBPluginExitCtx", &p->out.cb_exit_ctx);
    /* The engine would fall back to FLBPluginFlush, which carries no context: none of ours may depend on that. */
    return p->out.cb_init != NULL && p->out.cb_flush_ctx != NULL ? 0 : -1;
}

int plugin_load(const char *path)
{
    struct plugin *p = must(calloc(1, sizeof *p));
    int (*enter)(struct flb_plugin_proxy_def *) = NULL;

    if ((p->dso = dlopen(path, RTLD_LAZY)) == NULL) {
        log_error("[proxy] opening plugin %s: %s", path, dlerror());
        free(p);
        return -1;
    }
    p->def = must(calloc(1, sizeof *p->def));
    plugin_call_int(p, "FLBPluginPreRegister", 0);
    resolve(p, "FLBPluginRegister", &enter);
    if (enter == NULL || enter(p->def) == -1 || p->def->proxy != PROXY_GOLANG || p->def->name == NULL ||
        (p->def->type != PROXY_INPUT_PLUGIN && p->def->type != PROXY_OUTPUT_PLUGIN)) {
        log_error("[proxy] %s did not register as a Go input or output", path);
        return -1; /* stays loaded: a Go runtime cannot be unloaded */
    }
    p->kind = p->def->type == PROXY_INPUT_PLUGIN ? KIND_INPUT : KIND_OUTPUT;
    p->name = p->def->name;
    p->options = p->def->config_map;
    if (find_callbacks(p) != 0) {
        log_error("[proxy] %s lacks a callback that its kind needs", path);
        return -1;
    }
    SLIST_INSERT_HEAD(&plugins, p, next);
    log_debug("[proxy] registered %s from %s: %s", p->name, path, p->def->description ? p->def->description : "");
    return 0;
}

/* Loads every Path of [PLUGINS], taken as dlopen takes it: a relative one starts at the working directory. */
int plugin_load_file(const char *path, const char *dir)
{
    char beside[PATH_MAX];
    struct conf conf;
    struct section *s;
    struct property *p;
    int rc;

    if (access(path, F_OK) != 0 && path[0] != '/') {
        snprintf(beside, sizeof beside, "%s%s", dir, path);
        path = beside;
    }
    rc = conf_read(&conf, path);
    STAILQ_FOREACH(s, &conf.sections, next) {
        if (strcasecmp(s->name, "plugins") != 0) {
            continue;
        }
        STAILQ_FOREACH(p, &s->properties, next) {
            if (rc == 0 && strcasecmp(p->key, "path") == 0) {
                rc = plugin_load(p->value);
            }
        }
    }
    conf_free(&conf);
    return rc;
}

/* The last call a plugin gets. No dlclose follows: the process ends, with its Go runtime still running. */
void plugin_unregister_all(void)
{
    void (*leave)(struct flb_plugin_proxy_def *);
    struct plugin *p;

    SLIST_FOREACH(p, &plugins, next) {
        leave = NULL;
        if (p->dso != NULL) {
            resolve(p, "FLBPluginUnregister", &leave);
        }
        if (leave != NULL) {
            leave(p->def);
        }
    }
}
