/*
 * What a Go plugin sees of its host: the layouts that Fluent Bit's proxy
 * (src/flb_plugin_proxy.c, src/proxy/go/go.c) shares with plugins. Only the
 * leading members that a plugin needs are declared; the host's structures go
 * on behind them.
 */
#ifndef TIDEGATE_FLUENTBIT_H
#define TIDEGATE_FLUENTBIT_H

#include <stddef.h>
#include <stdint.h>

enum { FLB_ERROR = 0, FLB_OK = 1, FLB_RETRY = 2 };
enum { FLB_PROXY_INPUT_PLUGIN = 1, FLB_PROXY_OUTPUT_PLUGIN = 2 };
enum { FLB_PROXY_GOLANG = 11 };
enum { FLB_LOG_ERROR = 1, FLB_LOG_WARN = 2, FLB_LOG_INFO = 3, FLB_LOG_DEBUG = 4 };

/* Types of options; a plugin whose options the host only checks needs two. */
enum { FLB_CONFIG_MAP_STR = 0, FLB_CONFIG_MAP_STR_PREFIX = 1 };

/*
 * One option in the host's eyes. The members behind desc are the host's own:
 * it copies the others of each row, but walks a table by the size of a whole
 * row.
 */
struct flb_config_map {
    int type;
    const char *name;
    const char *def_value;
    int flags;
    int set_property;
    uintptr_t offset;
    const char *desc;
    void *host_only[7];
};

/* Filled in by FLBPluginRegister. */
struct flb_plugin_proxy_def {
    int type;
    int proxy;
    int flags;
    const char *name;
    const char *description;
    int event_type;                           /* since 5.0 */
    const struct flb_config_map *config_map;  /* since 5.1.1 */
};

/* The functions that the host hands to FLBPluginInit, since 2.0. */
struct flb_api {
    const char *(*output_get_property)(const char *, void *);
    const char *(*input_get_property)(const char *, void *);
    void *(*output_get_cmt_instance)(void *);
    void *(*input_get_cmt_instance)(void *);
    void (*log_print)(int, const char *, int, const char *, ...);
    int (*input_log_check)(void *, int);
    int (*output_log_check)(void *, int);
};

struct flb_output_context {
    void *remote_context;
};

struct flb_input_context {
    int coll_fd;
    void *remote_context;
};

/* The head of struct flbgo_output_plugin and struct flbgo_input_plugin. */
struct flbgo_plugin {
    char *name;
    struct flb_api *api;
    void *instance;
    void *context; /* struct flb_output_context or struct flb_input_context */
};

#endif
