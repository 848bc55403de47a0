#include <math.h>
#include <stdio.h>

#include "json.h"

/* How many bytes the UTF-8 character at p has, 0 where it is not one. */
static size_t utf8_len(const uint8_t *p, const uint8_t *end)
{
    size_t len = p[0] < 0x80 ? 1 : p[0] >= 0xf0 ? 4 : p[0] >= 0xe0 ? 3 : 2;

    if ((p[0] >= 0x80 && p[0] < 0xc2) || p[0] > 0xf4 || (size_t) (end - p) < len) {
        return 0;
    }
    for (size_t i = 1; i < len; i++) {
        if ((p[i] & 0xc0) != 0x80) {
            return 0;
        }
    }
    /* Overlong forms, surrogates and what lies behind U+10FFFF. */
    if ((p[0] == 0xe0 && p[1] < 0xa0) || (p[0] == 0xed && p[1] > 0x9f) || (p[0] == 0xf0 && p[1] < 0x90) ||
        (p[0] == 0xf4 && p[1] > 0x8f)) {
        return 0;
    }
    return len;
}

void json_write_str(struct buffer *out, const uint8_t *data, size_t len)
{
    const uint8_t *end = data + len;
    char escape[8];

    buffer_text(out, "\"");
    while (data < end) {
        size_t n = utf8_len(data, end);
        if (n == 0) {
            buffer_text(out, "\\ufffd");
            n = 1;
        } else if (*data < 0x20 || *data == '"' || *data == '\\' || *data == 0x7f) {
            snprintf(escape, sizeof escape, "\\u%04x", *data);
            buffer_text(out, escape);
        } else {
            buffer_append(out, data, n);
        }
        data += n;
    }
    buffer_text(out, "\"");
}

/* Bytes that are no text: hexadecimal digits in a string. */
static void write_hex(struct buffer *out, const uint8_t *data, size_t len)
{
    char digits[3];
    buffer_text(out, "\"");
    for (size_t i = 0; i < len; i++) {
        snprintf(digits, sizeof digits, "%02x", data[i]);
        buffer_text(out, digits);
    }
    buffer_text(out, "\"");
}

/* JSON has only strings as keys: any other key becomes the string of its JSON text. */
static const uint8_t *write_key(struct buffer *out, const uint8_t *p, const uint8_t *end)
{
    struct buffer text = {0};
    struct mp_value v;

    if (mp_read(p, end, &v) != NULL && (v.type == MP_STR || v.type == MP_BIN)) {
        return json_write(out, p, end);
    }
    if ((p = json_write(&text, p, end)) != NULL) {
        json_write_str(out, text.data, text.len);
    }
    buffer_free(&text);
    return p;
}

static const uint8_t *write_container(struct buffer *out, const uint8_t *p, const uint8_t *end, const struct mp_value *v)
{
    buffer_text(out, v->type == MP_MAP ? "{" : "[");
    for (uint32_t i = 0; i < v->count && p != NULL; i++) {
        if (i > 0) {
            buffer_text(out, ",");
        }
        if (v->type == MP_MAP) {
            p = write_key(out, p, end);
            buffer_text(out, ":");
        }
        p = p == NULL ? NULL : json_write(out, p, end);
    }
    buffer_text(out, v->type == MP_MAP ? "}" : "]");
    return p;
}

const uint8_t *json_write(struct buffer *out, const uint8_t *p, const uint8_t *end)
{
    struct mp_value v;
    char text[40] = "null";

    if ((p = mp_read(p, end, &v)) == NULL) {
        return NULL;
    }
    switch (v.type) {
    case MP_STR: json_write_str(out, v.data, v.count); return p;
    case MP_BIN:
    case MP_EXT: write_hex(out, v.data, v.count); return p;
    case MP_ARRAY:
    case MP_MAP: return write_container(out, p, end, &v);
    case MP_NIL: break;
    case MP_BOOL: snprintf(text, sizeof text, "%s", v.n.u ? "true" : "false"); break;
    case MP_UINT: snprintf(text, sizeof text, "%llu", (unsigned long long) v.n.u); break;
    case MP_INT: snprintf(text, sizeof text, "%lld", (long long) v.n.i); break;
    case MP_FLOAT:
        if (isfinite(v.n.d)) {
            snprintf(text, sizeof text, "%.17g", v.n.d);
        }
        break;
    }
    buffer_text(out, text);
    return p;
}
