#include <ctype.h>
#include <errno.h>

#include "json.h"

/* Text of a test's own configuration is read, yet a bound is cheaper than an argument about its depth. */
enum { DEPTH_MAX = 64 };

static const char *blanks(const char *p) { return p + strspn(p, " \t\r\n"); }

static void append_utf8(struct buffer *b, unsigned long c)
{
    if (c < 0x80) {
        mp_write_byte(b, (uint8_t) c);
        return;
    }
    if (c < 0x800) {
        mp_write_byte(b, (uint8_t) (0xc0 | c >> 6));
    } else {
        if (c < 0x10000) {
            mp_write_byte(b, (uint8_t) (0xe0 | c >> 12));
        } else {
            mp_write_byte(b, (uint8_t) (0xf0 | c >> 18));
            mp_write_byte(b, (uint8_t) (0x80 | (c >> 12 & 0x3f)));
        }
        mp_write_byte(b, (uint8_t) (0x80 | (c >> 6 & 0x3f)));
    }
    mp_write_byte(b, (uint8_t) (0x80 | (c & 0x3f)));
}

static const char *hex4(const char *p, unsigned long *c)
{
    *c = 0;
    for (int i = 0; i < 4; i++, p++) {
        if (!isxdigit((unsigned char) *p)) {
            return NULL;
        }
        *c = *c << 4 | (unsigned long) (isdigit((unsigned char) *p) ? *p - '0' : (*p | 32) - 'a' + 10);
    }
    return p;
}

/* Behind `\u`; a high surrogate takes the escape after it along. */
static const char *unicode(struct buffer *b, const char *p)
{
    unsigned long c, low;
    if ((p = hex4(p, &c)) == NULL) {
        return NULL;
    }
    if (c >= 0xd800 && c < 0xdc00) {
        if (p[0] != '\\' || p[1] != 'u' || (p = hex4(p + 2, &low)) == NULL || low < 0xdc00 || low > 0xdfff) {
            return NULL;
        }
        c = 0x10000 + ((c - 0xd800) << 10) + (low - 0xdc00);
    }
    append_utf8(b, c);
    return p;
}

static const char *string(struct buffer *out, const char *p)
{
    static const char names[] = "\"\\/bfnrt", values[] = "\"\\/\b\f\n\r\t";
    struct buffer b = {0};
    const char *name;

    for (p++; p != NULL && *p != '"';) {
        if ((unsigned char) *p < 0x20) {
            p = NULL; /* the end of the text is such a byte too */
        } else if (*p != '\\') {
            buffer_append(&b, p++, 1);
        } else if (p[1] == 'u') {
            p = unicode(&b, p + 2);
        } else if (p[1] != '\0' && (name = strchr(names, p[1])) != NULL) {
            mp_write_byte(&b, (uint8_t) values[name - names]);
            p += 2;
        } else {
            p = NULL;
        }
    }
    mp_write_str(out, b.data, b.len);
    buffer_free(&b);
    return p == NULL ? NULL : p + 1;
}

static const char *number(struct buffer *out, const char *p)
{
    size_t len = strspn(p, "+-.eE0123456789");
    char *end;

    errno = 0;
    if (strcspn(p, ".eE") >= len) {
        long long n = strtoll(p, &end, 10);
        if (errno == 0 && end == p + len && len > 0) {
            mp_write_int(out, n);
            return end;
        }
    }
    mp_write_float(out, strtod(p, &end));
    return len > 0 && end == p + len ? end : NULL;
}

static const char *value(struct buffer *out, const char *p, int depth);

/* Elements up to `close`; the count is known only then and patched into the head. */
static const char *container(struct buffer *out, const char *p, char close, int depth)
{
    size_t head = out->len;
    uint32_t count = 0;

    (close == '}' ? mp_write_map : mp_write_array)(out, 0);
    for (p = blanks(p + 1); *p != close; count++) {
        if (count > 0) {
            if (*p != ',') {
                return NULL;
            }
            p = blanks(p + 1);
        }
        if (close == '}') {
            if (*p != '"' || (p = string(out, p)) == NULL || *(p = blanks(p)) != ':') {
                return NULL;
            }
            p++;
        }
        if ((p = value(out, p, depth + 1)) == NULL) {
            return NULL;
        }
        p = blanks(p);
    }
    mp_patch_count(out, head, count);
    return p + 1;
}

static const char *value(struct buffer *out, const char *p, int depth)
{
    static const struct {
        const char *text;
        uint8_t byte;
    } words[] = {{"null", 0xc0}, {"false", 0xc2}, {"true", 0xc3}};

    p = blanks(p);
    if (depth > DEPTH_MAX) {
        return NULL;
    }
    if (*p == '{' || *p == '[') {
        return container(out, p, *p == '{' ? '}' : ']', depth);
    }
    if (*p == '"') {
        return string(out, p);
    }
    for (int i = 0; i < 3; i++) {
        if (strncmp(p, words[i].text, strlen(words[i].text)) == 0) {
            mp_write_byte(out, words[i].byte);
            return p + strlen(words[i].text);
        }
    }
    return number(out, p);
}

int json_read(struct buffer *out, const char *text)
{
    const char *end = value(out, text, 0);
    return end != NULL && *blanks(end) == '\0' ? 0 : -1;
}
