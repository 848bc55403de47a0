/*
 * abi.h: the C structures that cross the border between the host and a Go plugin.
 *
 * Field order, types and names follow Fluent Bit 5.1.1: flb_plugin_proxy.h (definition and contexts), proxy/go/go.h
 * (the plugin structs), flb_api.h (the callbacks) and flb_config_map.h (the option table). A plugin reads them by offset, so
 * nothing here may be reordered, and everything else in this program may.
 */
#ifndef TESTHOST_ABI_H
#define TESTHOST_ABI_H

#include <stddef.h>
#include <stdint.h>

enum { PROXY_INPUT_PLUGIN = 1, PROXY_OUTPUT_PLUGIN = 2, PROXY_CUSTOM_PLUGIN = 3, PROXY_GOLANG = 11 };

/* What a flush answers; any other number counts as ANSWER_ERROR. */
enum { ANSWER_ERROR = 0, ANSWER_OK = 1, ANSWER_RETRY = 2 };

enum { CONFIG_MAP_STR = 0, CONFIG_MAP_STR_PREFIX = 1, CONFIG_MAP_DEPRECATED = 7 };
enum { CONFIG_MAP_MULT = 1 };

/* Only type, name and flags are read here; the rest gives each entry its size. */
struct flb_config_map {
    int type;
    char *name;
    char *def_value;
    int flags;
    int set_property;
    uintptr_t offset;
    char *desc;
    struct {
        union {
            int number;
            double real;
            size_t size;
            void *pointer;
        } val;
        char *raw;
        void *mult;
        void *head[2];
    } value;
    void *head[2];
};

struct flb_plugin_proxy_def {
    int type;
    int proxy;
    int flags;
    char *name;
    char *description;
    int event_type;
    struct flb_config_map *config_map;
};

struct flb_plugin_proxy_context {
    void *remote_context; /* set by the plugin's init, handed back on each call */
    void *proxy;
};

struct flb_plugin_input_proxy_context {
    int coll_fd;
    void *remote_context;
    void *proxy;
};

struct flb_api {
    const char *(*output_get_property)(const char *key, void *instance);
    const char *(*input_get_property)(const char *key, void *instance);
    void *(*output_get_cmt_instance)(void *instance);
    void *(*input_get_cmt_instance)(void *instance);
    void (*log_print)(int level, const char *file, int line, const char *format, ...);
    int (*input_log_check)(void *instance, int level);
    int (*output_log_check)(void *instance, int level);
    const char *(*custom_get_property)(const char *key, void *instance);
    int (*custom_log_check)(void *instance, int level);
};

struct flbgo_output_plugin {
    char *name;
    void *api;
    void *o_ins;
    struct flb_plugin_proxy_context *context;
    int (*cb_init)(struct flbgo_output_plugin *);
    int (*cb_flush)(const void *, size_t, const char *);
    int (*cb_flush_ctx)(void *, const void *, size_t, char *);
    int (*cb_exit)(void);
    int (*cb_exit_ctx)(void *);
};

struct flbgo_input_plugin {
    char *name;
    void *api;
    void *i_ins;
    struct flb_plugin_input_proxy_context *context;
    int (*cb_init)(struct flbgo_input_plugin *);
    int (*cb_collect)(void **, size_t *);
    int (*cb_collect_ctx)(void *, void **, size_t *);
    int (*cb_cleanup)(void *);
    int (*cb_cleanup_ctx)(void *, void *);
    int (*cb_exit)(void);
};

#endif
