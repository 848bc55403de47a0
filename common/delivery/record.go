package delivery

import (
	"slices"
	"time"

	"github.com/tidegate/tidegate/common/chunk"
)

// RecordKey is where the origin stands in the record itself, for pipelines with
// a filter that drops the metadata. The value is that of the metadata's key.
const RecordKey = "tidegate_origin"

// appendOrigins adds the origins of an event, and returns how many.
func (c *Chunk) appendOrigins(to *Runs, ev *chunk.Event) int {
	n := to.AppendOrigins(ev.Metadata)
	if n > 0 || !c.inRecord {
		return n
	}
	// Only the first counts, which is tidegate_kafka's: what follows stands in the
	// payload, where any producer may have written it.
	for value := range chunk.Values(ev.Body, RecordKey) {
		if p, ok := readPlace(value); ok {
			to.add(to.findPlace(&p), p.offset)
			n++
		}
		break
	}
	return n
}

// Strips reports whether Strip may change records.
func (c *Chunk) Strips() bool { return c.inRecord }

// Strip takes the origin out of an event's body, where it may be in one: nobody
// else is to see it. The body is valid until the next call.
func (c *Chunk) Strip(ev *chunk.Event) {
	if !c.inRecord {
		return
	}
	n, rest, err := chunk.ReadMapHeader(ev.Body)
	if err != nil {
		return
	}
	body, kept := append(c.stripped[:0], 0), 0
	for range n {
		from := rest
		var key []byte
		if key, rest, err = chunk.ReadKeyZC(rest); err == nil {
			rest, err = chunk.Skip(rest)
		}
		if err != nil {
			return
		}
		if string(key) != RecordKey {
			body = append(body, from[:len(from)-len(rest)]...)
			kept++
		}
	}
	c.stripped = chunk.FinishMap(body, 0, kept)
	if kept < n {
		ev.Body = c.stripped
	}
}

// Stripped returns the output that seems to get this input's records without
// their origins, as a filter that drops metadata makes them: it has heard of
// none of what was appended a while ago, but gets records without an origin.
func (l *Ledger) Stripped(now time.Time) (output string, is bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for o, name := range l.outputs {
		i := slices.IndexFunc(l.batches, func(b *Batch) bool {
			return b.appends > 0 && !b.held && !b.at[o].seen && b.at[o].done == 0 &&
				now.Sub(b.appendedAt) > l.options.SettleLong && b.appendedAt.After(l.reported[o])
		})
		if i >= 0 && l.registry.strangers(name).After(l.batches[i].appendedAt) {
			return name, true
		}
	}
	return "", false
}

// strangers returns when an output last had a record without an origin.
func (r *Registry) strangers(name string) (last time.Time) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, o := range r.outputs {
		if o.name == name {
			o.mu.Lock()
			if o.strangers.After(last) {
				last = o.strangers
			}
			o.mu.Unlock()
		}
	}
	return last
}
