package outloki

import (
	"context"
	"fmt"
	"net/http"
	"sync"
	"time"

	"github.com/tidegate/tidegate/common/chunk"
	"github.com/tidegate/tidegate/common/httpsend"
	"github.com/tidegate/tidegate/common/plugin"
	"github.com/tidegate/tidegate/common/reasons"
	"github.com/tidegate/tidegate/common/resume"
)

// Output sends chunks to Loki.
type Output struct {
	client    *httpsend.Client
	header    http.Header
	batchSize int
	batches   sync.Pool
	report    *reporter
	now       func() time.Time
	hold      httpsend.Hold
	// waiting holds how many entries of a chunk were done before it had to
	// wait.
	waiting *resume.Store[int]
}

var _ plugin.Output = (*Output)(nil)

const (
	// maxWaiting is above the number of chunks that the engine holds for one
	// output in memory: they are of about 2 MB.
	maxWaiting = 1024
	// waitingFor is above the longest time between two tries of the engine,
	// 2,000 seconds, with room for a server that asks for more.
	waitingFor = time.Hour
)

// NewOutput implements plugin.OutputConfig.
func (c *Config) NewOutput(host plugin.Host) (plugin.Output, error) { return c.newOutput(host) }

func (c *Config) newOutput(host plugin.Host) (*Output, error) {
	p, err := newPlan(c.labels.list, c.labelKeys.list)
	if err != nil {
		return nil, fmt.Errorf("planning labels: %w", err)
	}
	client, err := httpsend.New("tidegate_loki", host.Version, c.url, c.timeout)
	if err != nil {
		return nil, err
	}
	return &Output{
		client:    client,
		header:    newHeader(c.tenantID),
		batchSize: int(c.batchSize),
		batches:   sync.Pool{New: func() any { return newBatch(p, c.removeKeys.keys) }},
		report:    newReporter(host),
		now:       time.Now,
		waiting:   resume.New[int](maxWaiting, waitingFor),
	}, nil
}

// Flush implements plugin.Output.
func (o *Output) Flush(ctx context.Context, tag string, data []byte) plugin.Result {
	if o.hold.Active(o.now()) {
		o.report.counts.Retried.Inc()
		return plugin.Retry
	}
	b := o.batches.Get().(*batch)
	defer func() {
		if b.reset() {
			o.batches.Put(b)
		}
	}()
	var t settled
	b.streams.tag = tag
	o.report.counts.ReceivedRecords.Add(float64(read(b, data, &t)))
	o.report.counts.ReceivedBytes.Add(float64(len(data)))
	if len(b.entries) == 0 {
		o.report.enter(o.now(), &t)
		if t.rejected.Records(malformed) > 0 {
			// Nothing of it was a chunk. ERROR makes the host count that too.
			return plugin.Error
		}
		return plugin.OK
	}
	return o.deliver(ctx, b, &t, o.waiting.Key(tag, data))
}

// deliver sends a batch, from where an earlier flush of the chunk had to stop.
func (o *Output) deliver(ctx context.Context, b *batch, t *settled, key resume.Key) plugin.Result {
	done, again := o.waiting.Claim(key)
	if again {
		// What could not be read was told then.
		*t = settled{}
		o.report.resumed.Inc()
	}
	d := delivery{out: o, batch: b, tally: t, done: done}
	result := d.run(ctx)
	if result == plugin.Retry {
		o.waiting.Keep(key, d.done)
	}
	o.report.enter(o.now(), t)
	return result
}

// read encodes the records of a chunk into b. What cannot be read or encoded
// is rejected. It returns how many there were.
func read(b *batch, data []byte, t *settled) (records int) {
	for all := chunk.NewRecords(data); all.Next(); records++ {
		if all.Err != nil {
			t.rejected.Add(malformed, 1, reasons.Example{Text: all.Err.Error()})
		} else if err := b.add(&all.Event); err != nil {
			t.rejected.Add(unencodable, 1, reasons.Example{Text: err.Error()})
		}
	}
	return records
}

// post sends a push.
func (o *Output) post(ctx context.Context, b *batch, push []entry) httpsend.Reply {
	packed := b.pack(push)
	start := o.now()
	rep, reusable := o.client.Post(ctx, o.header, packed)
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
