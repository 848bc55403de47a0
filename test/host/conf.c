#include "conf.h"

#include <ctype.h>
#include <errno.h>
#include <glob.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "buffer.h"
#include "log.h"

/* An include that includes itself would never end; the engine's own bound on files is 8 times higher than any sane tree. */
enum { FILES_MAX = 64 };

void properties_add(struct properties *list, const char *key, const char *value)
{
    struct property *p = must(calloc(1, sizeof *p));
    p->key = must(strdup(key));
    p->value = value != NULL ? must(strdup(value)) : NULL;
    STAILQ_INSERT_TAIL(list, p, next);
}

const char *properties_get(const struct properties *list, const char *key)
{
    struct property *p;
    STAILQ_FOREACH(p, list, next) {
        if (strcasecmp(p->key, key) == 0) {
            return p->value;
        }
    }
    return NULL;
}

void properties_free(struct properties *list)
{
    struct property *p;
    while ((p = STAILQ_FIRST(list)) != NULL) {
        STAILQ_REMOVE_HEAD(list, next);
        free(p->key);
        free(p->value);
        free(p);
    }
}

void conf_free(struct conf *conf)
{
    struct section *s;
    while ((s = STAILQ_FIRST(&conf->sections)) != NULL) {
        STAILQ_REMOVE_HEAD(&conf->sections, next);
        properties_free(&s->properties);
        free(s->name);
        free(s);
    }
    properties_free(&conf->variables);
    free(conf->dir);
}

char *conf_value(const struct conf *conf, const char *text)
{
    struct buffer out = {0};
    const char *start, *end;

    while ((start = strstr(text, "${")) != NULL && (end = strchr(start, '}')) != NULL) {
        char *name = must(strndup(start + 2, (size_t) (end - start - 2)));
        char *fallback = strstr(name, ":-");
        const char *value;

        if (fallback != NULL) {
            *fallback = '\0';
            fallback += 2;
        }
        value = properties_get(&conf->variables, name);
        value = value != NULL ? value : getenv(name);
        if (fallback != NULL && (value == NULL || *value == '\0')) {
            value = fallback;
        }
        if (value == NULL) {
            log_warn("[env] nothing sets the variable ${%s}", name);
            value = "";
        }
        buffer_append(&out, text, (size_t) (start - text));
        buffer_text(&out, value);
        free(name);
        text = end + 1;
    }
    buffer_append(&out, text, strlen(text) + 1);
    return (char *) out.data;
}

static char *trim(char *text)
{
    char *end = text + strlen(text);
    while (end > text && isspace((unsigned char) end[-1])) {
        *--end = '\0';
    }
    while (isspace((unsigned char) *text)) {
        text++;
    }
    return text;
}

static int refuse(const char *path, int line, const char *reason)
{
    log_error("[config] %s:%d: %s", path, line, reason);
    return -1;
}

static int read_file(struct conf *conf, const char *path);

/* `path` may hold a pattern; it is relative to the first file's folder unless it exists as it is. */
static int include(struct conf *conf, const char *path)
{
    char full[PATH_MAX];
    glob_t found;
    int rc = 0;

    snprintf(full, sizeof full, "%s%s", path[0] == '/' ? "" : conf->dir, path);
    if (glob(full, GLOB_NOSORT, NULL, &found) != 0) {
        log_error("[config] @INCLUDE %s: no such file", full);
        return -1;
    }
    for (size_t i = 0; rc == 0 && i < found.gl_pathc; i++) {
        rc = read_file(conf, found.gl_pathv[i]);
    }
    globfree(&found);
    return rc;
}

/* `@SET name=value` and `@INCLUDE path`. */
static int read_meta(struct conf *conf, char *text, const char *path, int line)
{
    char *equals;

    if (strncasecmp(text, "@include ", 9) == 0) {
        return include(conf, trim(text + 9));
    }
    if (strncasecmp(text, "@set ", 5) == 0 && (equals = strchr(text, '=')) != NULL) {
        *equals = '\0';
        properties_add(&conf->variables, trim(text + 5), trim(equals + 1));
        return 0;
    }
    return refuse(path, line, "expected @SET name=value or @INCLUDE path");
}

/* `    Key value`: the first line of a file sets the indentation of all its keys, and only a blank separates, no tab. */
static int read_property(struct section *section, char *text, char *indent, size_t indent_size, const char *path, int line)
{
    size_t blanks = strspn(text, " \t");
    char *space;

    if (text[blanks] == '\0' || text[blanks] == '#') {
        return 0;
    }
    if (blanks == 0) {
        return refuse(path, line, "a key must be indented");
    }
    if (indent[0] == '\0') {
        snprintf(indent, indent_size, "%.*s", (int) blanks, text);
    }
    if (strlen(indent) != blanks || strncmp(indent, text, blanks) != 0) {
        return refuse(path, line, "indentation differs from the lines above");
    }
    if ((space = strchr(text + blanks, ' ')) == NULL || *trim(space) == '\0') {
        return refuse(path, line, "a key needs a blank and a value");
    }
    if (section == NULL) {
        return refuse(path, line, "a key outside of any section");
    }
    *space = '\0';
    properties_add(&section->properties, trim(text + blanks), trim(space + 1));
    return 0;
}

static int read_line(struct conf *conf, struct section **section, char *text, char *indent, size_t indent_size,
                     const char *path, int line)
{
    char *end;

    if (text[0] == '\0' || text[0] == '#') {
        return 0;
    }
    if (text[0] == '@') {
        return read_meta(conf, text, path, line);
    }
    if (text[0] != '[') {
        return read_property(*section, text, indent, indent_size, path, line);
    }
    if ((end = strchr(text, ']')) == NULL) {
        return refuse(path, line, "a section header without its ]");
    }
    *section = must(calloc(1, sizeof **section));
    (*section)->name = must(strndup(text + 1, (size_t) (end - text - 1)));
    STAILQ_INIT(&(*section)->properties);
    STAILQ_INSERT_TAIL(&conf->sections, *section, next);
    return 0;
}

static int read_file(struct conf *conf, const char *path)
{
    struct section *section = NULL;
    char *text = NULL, indent[64] = "";
    size_t size = 0;
    int rc = 0, line = 0;
    FILE *f;

    if (++conf->files > FILES_MAX) {
        return refuse(path, 0, "too many included files: does one include itself?");
    }
    if ((f = fopen(path, "r")) == NULL) {
        log_error("[config] opening %s: %s", path, strerror(errno));
        return -1;
    }
    while (rc == 0 && getline(&text, &size, f) >= 0) {
        text[strcspn(text, "\r\n")] = '\0';
        rc = read_line(conf, &section, text, indent, sizeof indent, path, ++line);
    }
    free(text);
    fclose(f);
    return rc;
}

int conf_read(struct conf *conf, const char *path)
{
    char *real = realpath(path, NULL);

    memset(conf, 0, sizeof *conf);
    STAILQ_INIT(&conf->sections);
    STAILQ_INIT(&conf->variables);
    if (real == NULL) {
        log_error("[config] opening %s: %s", path, strerror(errno));
        return -1;
    }
    conf->dir = must(strndup(real, (size_t) (strrchr(real, '/') + 1 - real)));
    free(real);
    return read_file(conf, path);
}
