package outloki

import (
	"context"
	"fmt"
	"sync"
	"time"

	"github.com/tidegate/tidegate/common/attempt"
	"github.com/tidegate/tidegate/common/httpsend"
	"github.com/tidegate/tidegate/common/plugin"
)

// Output sends chunks to Loki.
type Output struct {
	client    *httpsend.Client
	batchSize int
	batches   sync.Pool
	report    *reporter
	now       func() time.Time
	hold      httpsend.Hold
	attempts  *attempt.Attempts
}

var _ plugin.Output = (*Output)(nil)

// NewOutput implements plugin.OutputConfig.
func (c *Config) NewOutput(host plugin.Host) (plugin.Output, error) { return c.newOutput(host) }

func (c *Config) newOutput(host plugin.Host) (*Output, error) {
	p, err := newPlan(&c.labeling)
	if err != nil {
		return nil, fmt.Errorf("planning labels: %w", err)
	}
	client, err := httpsend.New("tidegate_loki", host.Version, c.url, c.timeout)
	if err != nil {
		return nil, err
	}
	return &Output{
		client:    client,
		batchSize: int(c.batchSize),
		batches:   sync.Pool{New: func() any { return newBatch(p) }},
		report:    newReporter(host),
		now:       time.Now,
		attempts:  attempt.New(host.Acks),
	}, nil
}

// Flush implements plugin.Output.
func (o *Output) Flush(ctx context.Context, tag string, data []byte) plugin.Result {
	if o.hold.Active(o.now()) {
		o.report.counts.Retried.Inc()
		return o.attempts.Postpone(tag, data, o.now())
	}
	b := o.batches.Get().(*batch)
	defer func() {
		if b.reset() {
			o.batches.Put(b)
		}
	}()
	b.begin(tag)
	a := o.attempts.Begin(tag, data)
	if a.Again {
		o.report.resumed.Inc()
	}
	var t settled
	o.report.counts.ReceivedRecords.Add(float64(a.Read(b.add, t.unfit)))
	o.report.counts.ReceivedBytes.Add(float64(len(data)))
	a.Start(o.now())
	result := o.send(ctx, b, a, &t)
	o.report.enter(o.now(), &t)
	return a.End(result, o.now())
}

// send sends a batch.
func (o *Output) send(ctx context.Context, b *batch, a *attempt.Attempt, t *settled) plugin.Result {
	if len(b.entries) == 0 && t.rejected.Records(malformed) > 0 {
		// Nothing of it was a chunk. ERROR makes the host count that too.
		return plugin.Error
	}
	d := sending{out: o, batch: b, tally: t}
	result := d.run(ctx)
	if result == plugin.Retry {
		for _, part := range d.settled {
			for i := range part {
				a.Settle(int(part[i].record))
			}
		}
	}
	return result
}

// post sends a push.
func (o *Output) post(ctx context.Context, b *batch, push []entry) httpsend.Reply {
	packed := b.pack(push)
	start := o.now()
	rep, reusable := o.client.Post(ctx, newHeader(b.tenantOf(push)), packed)
	if !reusable {
		b.packed = nil
	}
	o.report.pushes.Seconds.Observe(o.now().Sub(start).Seconds())
	o.report.counts.SentBytes.Add(float64(len(packed)))
	return rep
}

// Close implements plugin.Output.
func (o *Output) Close() {
	o.report.close()
	o.client.Close()
}
