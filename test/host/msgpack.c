#include "msgpack.h"

static uint64_t big_endian(const uint8_t *p, size_t width)
{
    uint64_t v = 0;
    while (width-- > 0) {
        v = v << 8 | *p++;
    }
    return v;
}

/* Reads a length or number of `width` bytes into `out`. */
static const uint8_t *number(const uint8_t *p, const uint8_t *end, size_t width, uint64_t *out)
{
    if (p == NULL || (size_t) (end - p) < width) {
        return NULL;
    }
    *out = big_endian(p, width);
    return p + width;
}

static const uint8_t *payload(const uint8_t *p, const uint8_t *end, struct mp_value *v, enum mp_type type, uint64_t len)
{
    if (p == NULL || (uint64_t) (end - p) < len) {
        return NULL;
    }
    v->type = type;
    v->count = (uint32_t) len;
    v->data = p;
    return p + len;
}

static const uint8_t *ext(const uint8_t *p, const uint8_t *end, struct mp_value *v, uint64_t len)
{
    if (p == NULL || p == end) {
        return NULL;
    }
    v->ext = (int8_t) *p;
    return payload(p + 1, end, v, MP_EXT, len);
}

static const uint8_t *container(const uint8_t *p, struct mp_value *v, enum mp_type type, uint64_t count)
{
    v->type = type;
    v->count = (uint32_t) count;
    return p;
}

static const uint8_t *integer(const uint8_t *p, struct mp_value *v, int64_t value)
{
    v->type = value < 0 ? MP_INT : MP_UINT;
    v->n.i = value;
    return p;
}

static const uint8_t *real(const uint8_t *p, struct mp_value *v, uint64_t bits, int is_double)
{
    uint32_t half = (uint32_t) bits;
    float f;

    v->type = MP_FLOAT;
    if (is_double) {
        memcpy(&v->n.d, &bits, sizeof bits);
        return p;
    }
    memcpy(&f, &half, sizeof half);
    v->n.d = f;
    return p;
}

/* Formats 0xc0 to 0xdf: one byte of type, then a fixed number of bytes. */
static const uint8_t *read_long(uint8_t head, const uint8_t *p, const uint8_t *end, struct mp_value *v)
{
    uint64_t n = 0;
    switch (head) {
    case 0xc0: v->type = MP_NIL; return p;
    case 0xc2:
    case 0xc3: v->type = MP_BOOL; v->n.u = head & 1; return p;
    case 0xc4: case 0xc5: case 0xc6:
        p = number(p, end, (size_t) 1 << (head - 0xc4), &n);
        return payload(p, end, v, MP_BIN, n);
    case 0xc7: case 0xc8: case 0xc9:
        p = number(p, end, (size_t) 1 << (head - 0xc7), &n);
        return ext(p, end, v, n);
    case 0xca: case 0xcb:
        p = number(p, end, head == 0xcb ? 8 : 4, &n);
        return p == NULL ? NULL : real(p, v, n, head == 0xcb);
    case 0xcc: case 0xcd: case 0xce: case 0xcf:
        p = number(p, end, (size_t) 1 << (head - 0xcc), &n);
        v->type = MP_UINT;
        v->n.u = n;
        return p;
    case 0xd0: case 0xd1: case 0xd2: case 0xd3: {
        size_t width = (size_t) 1 << (head - 0xd0);
        p = number(p, end, width, &n);
        return p == NULL ? NULL : integer(p, v, (int64_t) (n << (64 - 8 * width)) >> (64 - 8 * width));
    }
    case 0xd4: case 0xd5: case 0xd6: case 0xd7: case 0xd8: return ext(p, end, v, UINT64_C(1) << (head - 0xd4));
    case 0xd9: case 0xda: case 0xdb:
        p = number(p, end, (size_t) 1 << (head - 0xd9), &n);
        return payload(p, end, v, MP_STR, n);
    case 0xdc: case 0xdd:
        p = number(p, end, head == 0xdd ? 4 : 2, &n);
        return container(p, v, MP_ARRAY, n);
    case 0xde: case 0xdf:
        p = number(p, end, head == 0xdf ? 4 : 2, &n);
        return container(p, v, MP_MAP, n);
    default: return NULL; /* 0xc1 is never used */
    }
}

const uint8_t *mp_read(const uint8_t *p, const uint8_t *end, struct mp_value *v)
{
    uint8_t head;

    if (p == NULL || p >= end) {
        return NULL;
    }
    head = *p++;
    if (head < 0x80 || head >= 0xe0) {
        return integer(p, v, (int8_t) head);
    }
    if (head < 0x90) {
        return container(p, v, MP_MAP, head & 0x0f);
    }
    if (head < 0xa0) {
        return container(p, v, MP_ARRAY, head & 0x0f);
    }
    if (head < 0xc0) {
        return payload(p, end, v, MP_STR, head & 0x1f);
    }
    return read_long(head, p, end, v);
}

const uint8_t *mp_skip(const uint8_t *p, const uint8_t *end)
{
    struct mp_value v;
    /* A count instead of recursion: hostile nesting must not use up a small stack. */
    for (uint64_t open = 1; open > 0; open--) {
        if ((p = mp_read(p, end, &v)) == NULL) {
            return NULL;
        }
        open += v.type == MP_ARRAY ? v.count : v.type == MP_MAP ? 2 * (uint64_t) v.count : 0;
    }
    return p;
}

static void read_time(const uint8_t *p, const uint8_t *end, struct event *e)
{
    struct mp_value v;
    e->sec = 0;
    e->nsec = 0;
    if (mp_read(p, end, &v) == NULL) {
        return;
    }
    if (v.type == MP_EXT && v.ext == 0 && v.count == 8) {
        e->sec = (int32_t) big_endian(v.data, 4);
        e->nsec = (uint32_t) big_endian(v.data + 4, 4);
    } else if (v.type == MP_UINT || v.type == MP_INT) {
        e->sec = v.n.i;
    } else if (v.type == MP_FLOAT) {
        e->sec = (int64_t) v.n.d;
        e->nsec = (uint32_t) ((v.n.d - (double) e->sec) * 1e9);
    }
}

const uint8_t *event_read(const uint8_t *p, const uint8_t *end, struct event *e)
{
    struct mp_value v;
    const uint8_t *head;

    memset(e, 0, sizeof *e);
    e->start = p;
    if ((head = mp_read(p, end, &v)) == NULL || v.type != MP_ARRAY || v.count != 2) {
        return NULL;
    }
    e->time = head;
    if ((p = mp_read(head, end, &v)) != NULL && v.type == MP_ARRAY && v.count == 2) {
        e->time = p;
        e->meta = mp_skip(p, end);
        p = e->meta_end = mp_skip(e->meta, end);
        e->time_end = e->meta;
    } else {
        p = e->time_end = mp_skip(head, end);
    }
    e->body = p;
    if (mp_read(p, end, &v) == NULL || v.type != MP_MAP || (e->body_end = mp_skip(p, end)) == NULL) {
        return NULL;
    }
    read_time(e->time, end, e);
    return e->end = e->body_end;
}

size_t event_count(const void *data, size_t len)
{
    const uint8_t *p = data, *end = p + len;
    struct event e;
    size_t n = 0;

    while ((p = event_read(p, end, &e)) != NULL) {
        n += e.sec >= 0;
    }
    return n;
}

static void write_number(struct buffer *b, uint8_t head, uint64_t value, size_t width)
{
    uint8_t bytes[9] = {head};
    for (size_t i = 0; i < width; i++) {
        bytes[1 + i] = (uint8_t) (value >> (8 * (width - 1 - i)));
    }
    buffer_append(b, bytes, 1 + width);
}

void mp_write_byte(struct buffer *b, uint8_t byte) { buffer_append(b, &byte, 1); }
void mp_write_array(struct buffer *b, uint32_t count) { write_number(b, 0xdd, count, 4); }
void mp_write_map(struct buffer *b, uint32_t count) { write_number(b, 0xdf, count, 4); }
void mp_write_int(struct buffer *b, int64_t value) { write_number(b, 0xd3, (uint64_t) value, 8); }
void mp_write_uint(struct buffer *b, uint64_t value) { write_number(b, 0xcf, value, 8); }

void mp_write_str(struct buffer *b, const void *data, size_t len)
{
    write_number(b, 0xdb, len, 4);
    buffer_append(b, data, len);
}

void mp_write_float(struct buffer *b, double value)
{
    uint64_t bits;
    memcpy(&bits, &value, sizeof bits);
    write_number(b, 0xcb, bits, 8);
}

void mp_write_time(struct buffer *b, uint32_t sec, uint32_t nsec)
{
    buffer_append(b, "\xd7\x00", 2);
    for (int shift = 24; shift >= 0; shift -= 8) {
        mp_write_byte(b, (uint8_t) (sec >> shift));
    }
    for (int shift = 24; shift >= 0; shift -= 8) {
        mp_write_byte(b, (uint8_t) (nsec >> shift));
    }
}

void mp_patch_count(struct buffer *b, size_t offset, uint32_t count)
{
    for (int i = 0; i < 4; i++) {
        b->data[offset + 1 + (size_t) i] = (uint8_t) (count >> (24 - 8 * i));
    }
}
