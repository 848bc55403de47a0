package outloki

import (
	"context"
	"fmt"
	"log/slog"
	"net/http"
	"sync"
	"time"

	"github.com/tidegate/tidegate/common/chunk"
	"github.com/tidegate/tidegate/common/httpsend"
	"github.com/tidegate/tidegate/common/plugin"
)

// Output sends chunks to Loki.
type Output struct {
	client    *httpsend.Client
	header    http.Header
	batchSize int
	batches   sync.Pool
	report    reporter
	now       func() time.Time
	hold      httpsend.Hold
}

var _ plugin.Output = (*Output)(nil)

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
		report:    reporter{log: host.Log},
		now:       time.Now,
	}, nil
}

// Flush implements plugin.Output.
func (o *Output) Flush(ctx context.Context, tag string, data []byte) plugin.Result {
	if o.hold.Active(o.now()) {
		o.report.counters.retried.Add(1)
		return plugin.Retry
	}
	b := o.batches.Get().(*batch)
	defer func() {
		if b.reset() {
			o.batches.Put(b)
		}
	}()
	var t tally
	b.streams.tag = tag
	read(b, data, &t)
	if len(b.entries) > 0 {
		d := delivery{out: o, batch: b, tally: &t}
		if d.run(ctx) == plugin.Retry {
			return plugin.Retry
		}
	}
	o.report.commit(o.now(), &t)
	if len(b.entries) == 0 && t.rejected[malformed].records > 0 {
		// Nothing of it was a chunk. ERROR makes the host count that too.
		return plugin.Error
	}
	return plugin.OK
}

// read encodes the records of a chunk into b. What cannot be read or encoded
// is rejected.
func read(b *batch, data []byte, t *tally) {
	r := chunk.NewReader(data)
	var ev chunk.Event
	for {
		for r.Next(&ev) {
			if err := b.add(&ev); err != nil {
				t.reject(unencodable, 1, example{text: err.Error()})
			}
		}
		err := r.Err()
		if err == nil {
			return
		}
		// Behind an event that cannot be stepped over there is no telling how
		// many records are lost. They count as one; the text has the bytes.
		event := r.Offset()
		if r.Resume() {
			t.reject(malformed, 1, example{text: err.Error()})
			continue
		}
		t.reject(malformed, 1, example{text: fmt.Sprintf("%v; the last %d bytes of the chunk are lost", err, len(data)-event)})
		return
	}
}

// post sends a push.
func (o *Output) post(ctx context.Context, b *batch, push []entry) httpsend.Reply {
	packed := b.pack(push)
	rep, reusable := o.client.Post(ctx, o.header, packed)
	if !reusable {
		b.packed = nil
	}
	o.report.counters.sentBytes.Add(int64(len(packed)))
	return rep
}

// Close implements plugin.Output.
func (o *Output) Close() {
	o.report.close()
	o.client.Close()
	c := &o.report.counters
	rejected := int64(0)
	for i := range c.rejected {
		rejected += c.rejected[i].Load()
	}
	o.report.log.Info("stopped", slog.Int64("delivered", c.delivered.Load()), slog.Int64("rejected", rejected))
}
