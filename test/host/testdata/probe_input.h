/* probe_input.h: the callbacks of the probe as an input. */

typedef int (*append_fn)(void *, const char *, size_t, const void *, size_t);

/* Writes [[time, {"n": number}], {"n": number, "pad": ...}] and returns its length. */
static size_t event(unsigned char *out, long number, size_t pad)
{
    static const unsigned char time_head[] = {0x92, 0x92, 0xd7, 0x00, 0x65, 0x53, 0xf1, 0x00, 0, 0, 0, 0};
    size_t n = sizeof time_head;
    int i;

    memcpy(out, time_head, n);
    for (i = 0; i < 2; i++) {
        out[n++] = (unsigned char) (i == 0 ? 0x81 : 0x82);
        out[n++] = 0xa1;
        out[n++] = 'n';
        out[n++] = 0xce;
        out[n++] = (unsigned char) (number >> 24);
        out[n++] = (unsigned char) (number >> 16);
        out[n++] = (unsigned char) (number >> 8);
        out[n++] = (unsigned char) number;
    }
    memcpy(out + n, "\xa3pad\xdb", 5);
    n += 5;
    out[n++] = (unsigned char) (pad >> 24);
    out[n++] = (unsigned char) (pad >> 16);
    out[n++] = (unsigned char) (pad >> 8);
    out[n++] = (unsigned char) pad;
    memset(out + n, 'x', pad);
    return n + pad;
}

/* The n-th entry of a comma separated list, from its start again behind its end. Returns its length. */
static size_t entry(const char *list, long n, const char **start)
{
    const char *next = list;
    for (; n > 0; n--) {
        next = strchr(next, ',') != NULL ? strchr(next, ',') + 1 : list;
    }
    *start = next;
    return strcspn(next, ",");
}

/* Appends until the asked number of batches is out or one is refused; a refused one is tried again at the next collect. */
static void append_batches(struct probe *p, long batches)
{
    append_fn append = (append_fn) dlsym(RTLD_DEFAULT, "flb_input_log_append");
    size_t pad = (size_t) atol(option(p, "batch_bytes", "16"));
    const char *tags = option(p, "batch_tags", NULL), *tag = NULL;
    unsigned char *buf = malloc(pad + 128);
    char line[128];
    long done;

    for (done = 0; done < batches; done++) {
        size_t len = event(buf, p->sent, pad);
        size_t tag_len = tags != NULL ? entry(tags, p->sent, &tag) : 0;
        if (append(p->instance, tag, tag_len, buf, len) != 0) {
            break;
        }
        p->sent++;
    }
    free(buf);
    snprintf(line, sizeof line, "accepted=%ld of=%ld", done, batches);
    note(p->trace, "append", line);
}

int FLBPluginInputCallbackCtx(void *context, void **data, size_t *size)
{
    struct probe *p = context;
    long records = atol(option(p, "return_records", "0")), i;
    const char *foreign = option(p, "foreign", NULL);
    unsigned char *buf;

    if (p->collects++ >= atoi(option(p, "collects", "1"))) {
        return 1;
    }
    note(p->trace, "collect", p->name);
    metrics_step(&p->metrics);
    if (foreign != NULL) {
        void (*call)(void) = (void (*)(void)) dlsym(RTLD_DEFAULT, foreign);
        call();
    }
    if (atol(option(p, "append", "0")) > 0 && p->collects > atoi(option(p, "append_after", "0"))) {
        append_batches(p, atol(option(p, "append", "0")));
    }
    if (records > 0) {
        buf = malloc((size_t) records * 128);
        for (i = 0, *size = 0; i < records; i++) {
            *size += event(buf + *size, p->sent++, 16);
        }
        *data = buf;
    }
    return 1;
}

int FLBPluginInputCleanupCallbackCtx(void *context, void *data)
{
    note(((struct probe *) context)->trace, "cleanup", "");
    free(data);
    return 1;
}

void FLBPluginInputPause(void) { note(last_trace, "pause", ""); }
void FLBPluginInputResume(void) { note(last_trace, "resume", ""); }

int FLBPluginExit(void)
{
    note(last_trace, "in_exit", "");
    return 1;
}
