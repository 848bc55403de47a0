/*
 * conf.h: reads Fluent Bit's classic configuration syntax into sections of key and value.
 *
 * Values keep their ${...}; conf_value resolves them from @SET and the environment. Nothing here knows what a key means.
 */
#ifndef TESTHOST_CONF_H
#define TESTHOST_CONF_H

#include <sys/queue.h>

struct property {
    char *key;
    char *value; /* NULL: set, but empty after ${...} */
    STAILQ_ENTRY(property) next;
};

STAILQ_HEAD(properties, property);

struct section {
    char *name;
    struct properties properties;
    STAILQ_ENTRY(section) next;
};

struct conf {
    char *dir; /* of the first file, with its last slash; relative paths of includes start here */
    int files;
    STAILQ_HEAD(, section) sections;
    struct properties variables; /* @SET */
};

/* Reads a file and what it includes. Returns -1 after it logged file, line and reason. */
int conf_read(struct conf *conf, const char *path);
void conf_free(struct conf *conf);

/* A copy of text with ${NAME} and ${NAME:-default} resolved; the caller frees it. */
char *conf_value(const struct conf *conf, const char *text);

void properties_add(struct properties *list, const char *key, const char *value);

/* The value of the first property of that name in any case; NULL where it is unset or empty. */
const char *properties_get(const struct properties *list, const char *key);
void properties_free(struct properties *list);

#endif
