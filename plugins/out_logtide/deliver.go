package outlogtide

import (
	"context"
	"errors"
	"net/http"

	"github.com/tidegate/tidegate/common/httpsend"
	"github.com/tidegate/tidegate/common/plugin"
	"github.com/tidegate/tidegate/common/reasons"
)

// sending sends the batch of a flush.
type sending struct {
	*flush
	// settled counts the entries at the front of the batch that the server has
	// or that were rejected.
	settled int
}

// run sends everything, in order. It stops at the first request
// that has to wait: those behind it would only be sent twice.
func (d *sending) run(ctx context.Context) plugin.Result {
	for {
		rest := d.batch.entries[min(d.settled, len(d.batch.entries)):]
		if len(rest) == 0 {
			return plugin.OK
		}
		if !d.settle(ctx, rest[:cut(rest, d.out.batchSize)]) {
			return plugin.Retry
		}
	}
}

// settle sends entries, in parts where the server wants that, until each is
// stored or rejected. It returns false if the chunk has to be retried.
//
// Parts are settled from the front to the back, so that one number tells which
// are. Every part is smaller than what it is a part of, so this comes to an
// end.
func (d *sending) settle(ctx context.Context, entries []entry) bool {
	parts := [][]entry{entries}
	for len(parts) > 0 {
		last := len(parts) - 1
		part := parts[last]
		parts = parts[:last]
		split, ok := d.send(ctx, part)
		if !ok {
			return false
		}
		if split > 0 {
			parts = append(parts, part[split:], part[:split])
		} else {
			d.settled += len(part)
		}
	}
	return true
}

// send makes one request. It returns where to split the entries if the server
// wants that, and false if the chunk has to be retried.
func (d *sending) send(ctx context.Context, entries []entry) (split int, ok bool) {
	rep := d.out.post(ctx, d.batch, entries)
	a := classify(rep, len(entries))
	d.out.report.requests.Outcomes[a].Inc()
	switch a {
	case accepted:
		d.tally.delivered += int64(len(entries))
		return 0, true
	case invalid:
		// The bad logs are found by halves.
		return d.divide(entries, len(entries)/2, refusedByServer, rep), true
	case tooLarge:
		return d.divide(entries, halve(entries), entryTooLarge, rep), true
	}
	d.out.wait(a, rep, len(entries))
	return 0, false
}

// divide returns where to split, or rejects the entry if it is alone.
func (d *sending) divide(entries []entry, at int, why reason, rep httpsend.Reply) int {
	if len(entries) > 1 {
		return at
	}
	d.reject(int(entries[0].record), why, reasons.Example{Status: rep.Status, Text: reasons.Clip(string(rep.Body))})
	return 0
}

// halve returns where to split several entries into halves by size.
func halve(entries []entry) int {
	middle := (entries[0].start + entries[len(entries)-1].end) / 2
	for i := range entries[:len(entries)-1] {
		if entries[i].end >= middle {
			return i + 1
		}
	}
	return len(entries) - 1
}

// post sends a run of entries: once, or twice where a refused key turns out to
// have been replaced.
func (o *Output) post(ctx context.Context, b *batch, entries []entry) httpsend.Reply {
	body := b.request(entries)
	header := o.key.get()
	start := o.now()
	rep, reusable := o.client.Post(ctx, header, body)
	if rep.Status == http.StatusUnauthorized && o.key.renew(header) {
		var again bool
		rep, again = o.client.Post(ctx, o.key.get(), body)
		reusable = reusable && again
		o.report.counts.SentBytes.Add(float64(len(body)))
	}
	if !reusable {
		b.body = nil
	}
	o.report.requests.Seconds.Observe(o.now().Sub(start).Seconds())
	o.report.counts.SentBytes.Add(float64(len(body)))
	return rep
}

// wait notes why a chunk has to be retried, and for how long the server asked
// to be left alone.
func (o *Output) wait(a answer, rep httpsend.Reply, sent int) {
	now := o.now()
	if rep.RetryAfter > 0 {
		o.hold.Until(now.Add(rep.RetryAfter))
	}
	if errors.Is(rep.Err, context.Canceled) {
		return // by the agent's stop, which says nothing of the server
	}
	o.report.retry(now, a, rep, sent)
}
