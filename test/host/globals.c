/*
 * globals.c: the tables of common options that a Fluent Bit executable exports. A plugin can tell from them, and from the
 * size of its definition, that this host reads a config_map. property.c has the names that are really taken.
 */
#include "host.h"

/* The first rows of the engine's tables; like those, named, described and closed by an empty row. */
EXPORT struct flb_config_map output_global_properties[] = {
    {.name = "match", .desc = "which tags the output takes, * for any run of characters"},
    {.name = "alias", .desc = "a name for the instance"},
    {.name = "log_level", .desc = "the instance's own log level"},
    {.name = "retry_limit", .desc = "how often a chunk is tried again"},
    {.name = "workers", .desc = "how many threads flush"},
    {.name = NULL},
};

EXPORT struct flb_config_map input_global_properties[] = {
    {.name = "tag", .desc = "the tag of records that bring none"},
    {.name = "alias", .desc = "a name for the instance"},
    {.name = "log_level", .desc = "the instance's own log level"},
    {.name = "mem_buf_limit", .desc = "the size of its chunks at which the input is paused"},
    {.name = NULL},
};
