package outloki

import (
	"context"
	"errors"

	"github.com/tidegate/tidegate/common/httpsend"
	"github.com/tidegate/tidegate/common/plugin"
	"github.com/tidegate/tidegate/common/reasons"
)

// sending sends one batch.
type sending struct {
	out   *Output
	batch *batch
	tally *settled
	// done counts the entries of the present tenant at the front, in the order
	// of the pushes, that the server has or that were rejected.
	done int
	// settled are those of the tenants that were sent.
	settled [][]entry
}

// run sends everything, tenant by tenant. One that has to wait does not hold
// up the others.
func (d *sending) run(ctx context.Context) plugin.Result {
	d.batch.sort()
	result := plugin.OK
	for _, entries := range d.batch.byTenant() {
		d.done = 0
		if r := d.runTenant(ctx, entries); r != plugin.OK {
			result = r
		}
		d.settled = append(d.settled, entries[:d.done])
	}
	return result
}

// runTenant sends the entries of a tenant, the oldest first. It stops at the
// first push that has to wait: Loki wants the others behind it.
func (d *sending) runTenant(ctx context.Context, entries []entry) plugin.Result {
	for rest := entries; len(rest) > 0; {
		n := d.batch.cut(rest, d.out.batchSize)
		push := rest[:n]
		rest = rest[n:]
		d.batch.grouping.gather(push, d.batch.streams.texts.len())
		if !d.settle(ctx, push) {
			return plugin.Retry
		}
	}
	return plugin.OK
}

// settle sends a push, in parts where the server wants that, until each entry
// is stored or rejected. It returns false if the chunk has to be retried.
//
// Parts are settled from the front to the back, so that one number tells which
// are. Every part is smaller than what it is a part of, so this comes to an
// end.
func (d *sending) settle(ctx context.Context, push []entry) bool {
	parts := [][]entry{push}
	for len(parts) > 0 {
		last := len(parts) - 1
		part := parts[last]
		parts = parts[:last]
		first, second, ok := d.send(ctx, part)
		if !ok {
			return false
		}
		if len(first) == 0 {
			d.done += len(part)
			continue
		}
		parts = append(parts, second, first)
	}
	return true
}

// send makes one request. It returns the two parts to go on with where the
// push has to be split, and false if the chunk has to be retried.
func (d *sending) send(ctx context.Context, push []entry) (first, second []entry, ok bool) {
	rep := d.out.post(ctx, d.batch, push)
	a := classify(rep.Status, rep.Body, rep.Err)
	d.out.report.pushes.Outcomes[a].Inc()
	switch a {
	case accepted:
		d.tally.delivered += int64(len(push))
		return nil, nil, true
	case partial:
		d.rejectPart(push, rep)
		return nil, nil, true
	case badLabels, refused:
		at := d.splitStreams(push, a)
		if at == len(push) {
			why := refusedByServer
			if a == badLabels {
				why = labelSyntax
			}
			d.reject(why, push, rep)
			return nil, nil, true
		}
		return push[:at], push[at:], true
	case tooLarge, overBurst:
		if len(push) > 1 {
			at := halve(push)
			return push[:at], push[at:], true
		}
		if a == tooLarge {
			d.reject(entryTooLarge, push, rep)
			return nil, nil, true
		}
	}
	d.out.wait(a, rep)
	return nil, nil, false
}

// reject gives a push up that the server did not take.
func (d *sending) reject(why reason, push []entry, rep httpsend.Reply) {
	d.tally.rejected.Add(why, int64(len(push)), reasons.Example{
		Status: rep.Status,
		Labels: string(d.batch.streams.texts.get(push[0].stream)),
		Text:   string(rep.Body),
	})
}

// rejectPart counts the entries that the server refused out of a push whose
// rest it stored.
func (d *sending) rejectPart(push []entry, rep httpsend.Reply) {
	why := reasonOf(rep.Body)
	n := 0
	switch why {
	case blocked:
		n = len(push)
	case labelLimit:
		n = d.entriesOfNamed(push, rep.Body)
	default:
		n = refusedEntries(rep.Body, len(push))
	}
	d.tally.delivered += int64(len(push) - n)
	d.tally.rejected.Add(why, int64(n), reasons.Example{Status: rep.Status, Text: string(rep.Body)})
}

// entriesOfNamed counts the entries of the streams whose labels are in text:
// for a stream that breaks a limit, the server refuses all of its entries, but
// counts one error.
func (d *sending) entriesOfNamed(push []entry, text []byte) int {
	sum, rest := 0, push
	for len(rest) > 0 {
		n := run(rest)
		if n == len(push) || contains(text, string(d.batch.streams.texts.get(rest[0].stream))) {
			sum += n
		}
		rest = rest[n:]
	}
	return max(sum, 1)
}

// splitStreams returns where to split a push between two streams, its length
// if it has only one. One bad stream among many is found by halves. What was
// refused for an unknown reason goes stream by stream.
func (d *sending) splitStreams(push []entry, a answer) int {
	at := run(push)
	if at == len(push) || a == refused {
		return at
	}
	for at < len(push)/2 {
		n := run(push[at:])
		if at+n == len(push) {
			break
		}
		at += n
	}
	return at
}

// halve returns where to split a push of several entries into halves by size.
func halve(push []entry) int {
	total := 0
	for i := range push {
		total += push[i].size()
	}
	sum := 0
	for i := range push[:len(push)-1] {
		if sum += push[i].size(); 2*sum >= total {
			return i + 1
		}
	}
	return len(push) - 1
}

// wait notes why a chunk has to be retried, and for how long the server asked
// to be left alone.
func (o *Output) wait(a answer, rep httpsend.Reply) {
	now := o.now()
	if rep.RetryAfter > 0 {
		o.hold.Until(now.Add(rep.RetryAfter))
	}
	if errors.Is(rep.Err, context.Canceled) {
		return // by the agent's stop, which says nothing of the server
	}
	o.report.retry(now, a, rep)
}
