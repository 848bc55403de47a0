package outloki

import (
	"context"
	"fmt"
	"sync"
	"sync/atomic"
	"time"

	"github.com/tidegate/tidegate/common/attempt"
	"github.com/tidegate/tidegate/common/chunk"
	"github.com/tidegate/tidegate/common/deadletter"
	"github.com/tidegate/tidegate/common/httpsend"
	"github.com/tidegate/tidegate/common/office"
	"github.com/tidegate/tidegate/common/plugin"
)

// Output sends chunks to Loki.
type Output struct {
	client *httpsend.Client
	// tenant is that of every record, if isFixed tells that it is one.
	tenant    string
	isFixed   bool
	timeout   time.Duration
	batchSize int
	parallel  int
	gzip      bool
	giveUp    *patience
	limits    *limits
	likely    *limits // Loki's own
	labels    *labelLimits
	memory    *memory
	batches   sync.Pool
	packers   sync.Pool
	report    *reporter
	now       func() time.Time
	spawn     func(name string, f func()) (ended <-chan struct{})
	holds     holds
	// lastGood is when a push was last stored, in Unix nanoseconds.
	lastGood atomic.Int64
	attempts *attempt.Attempts
	office   *office.Office[reason]
	inspect  *inspections
}

var _ plugin.Output = (*Output)(nil)

// NewOutput implements plugin.OutputConfig.
func (c *Config) NewOutput(host plugin.Host) (plugin.Output, error) { return c.newOutput(host) }

func (c *Config) newOutput(host plugin.Host) (*Output, error) {
	p, err := newPlan(&c.labeling)
	if err != nil {
		return nil, fmt.Errorf("planning labels: %w", err)
	}
	client, err := httpsend.New(&c.http, "tidegate_loki", host.Version, c.url, c.timeout)
	if err != nil {
		return nil, err
	}
	letters, err := office.From(&c.letters, host, "tidegate_loki", numReasons, deadletter.Cluster{ClientID: "tidegate"}, c.timeout)
	if err != nil {
		return nil, err
	}
	limits := c.limits
	o := &Output{
		client:    client,
		timeout:   c.timeout,
		batchSize: int(c.batchSize),
		parallel:  c.parallel,
		gzip:      c.compress == compressGzip,
		giveUp:    newPatience(c.giveUpAfter),
		limits:    &limits,
		likely:    limits.likely(),
		memory:    newMemory(&limits),
		now:       time.Now,
		spawn:     host.Go,
		attempts:  attempt.New(host.Acks),
		office:    letters,
	}
	o.tenant, o.isFixed = p.tenant.fixed()
	o.report = newReporter(host, o.memory)
	o.labels = &labelLimits{limits: &limits, budget: newCardinality(&limits, host.Log, o.report.demoted)}
	if c.inspect {
		o.inspect = newInspections(newInspector(&c.labeling, p, &limits, o.labels.budget), host.Log)
	}
	o.batches.New = func() any { return newBatch(p) }
	o.packers.New = func() any { return new(packer) }
	return o, nil
}

// Flush implements plugin.Output.
func (o *Output) Flush(ctx context.Context, tag string, data []byte) plugin.Result {
	now := o.now()
	if o.isFixed && o.holds.active(o.tenant, now) {
		o.report.counts.Retried.Inc()
		return o.attempts.Postpone(tag, data, now)
	}
	b := o.batches.Get().(*batch)
	b.begin(tag, o.limits, o.labels, now)
	a := o.attempts.Begin(tag, data)
	if a.Again {
		o.report.resumed.Inc()
	}
	f := flush{out: o, tag: tag, data: data, mail: o.office.Open(tag, data), inspection: o.inspect.begin(tag, data)}
	d := &sending{out: o, batch: b, start: now, stubborn: o.giveUp.isOver(tag, data, now, o.lastGood.Load())}
	records := a.Read(b.walk(), func(record int, ev *chunk.Event) error { return f.add(d, record, ev) }, f.tally.unfit)
	o.report.counts.ReceivedRecords.Add(float64(records))
	o.report.counts.ReceivedBytes.Add(float64(len(data)))
	a.Start(o.now())
	result := f.send(ctx, d, a)
	o.report.enter(o.now(), &f.tally, d)
	if result == plugin.Retry {
		o.report.counts.Retried.Inc()
		o.giveUp.again(tag, data, o.now())
	}
	// After a panic it is left to the collector: nobody knows what it holds.
	if b.reset() {
		o.batches.Put(b)
	}
	return a.End(result, o.now())
}

// flush is one flush of a chunk.
type flush struct {
	out   *Output
	tag   string
	data  []byte
	mail  *office.Mail[reason]
	tally settled
	// inspection is nil unless the first records of the tag are to be explained.
	inspection *inspection
}

// add encodes a record. What makes no entry is rejected, and that is no error
// to the attempt: with dead letters it is not settled yet.
func (f *flush) add(d *sending, record int, ev *chunk.Event) error {
	if f.mail.Has(record) {
		return nil
	}
	err := d.batch.add(record, ev)
	if f.inspection != nil {
		f.inspection.look(ev, d.start)
	}
	if err != nil {
		d.rejects = append(d.rejects, rejected{record: int32(record), stream: noStream, why: unfitReason(err), text: err.Error()})
	}
	return nil
}

// send sends what was added, and the letters of what was rejected.
func (f *flush) send(ctx context.Context, d *sending, a *attempt.Attempt) plugin.Result {
	if len(d.batch.entries) == 0 && f.tally.rejected.Records(malformed) > 0 && len(d.rejects) == 0 && f.mail.Empty() {
		// Nothing of it was a chunk. ERROR makes the host count that too.
		return plugin.Error
	}
	result := d.run(ctx)
	if !f.post(ctx, d) {
		result = plugin.Retry
	}
	if result == plugin.Retry {
		f.settle(d, a)
	}
	return result
}

// settle tells the attempt what needs not be sent again: what Loki has, and what
// was rejected, once its letter is safe.
func (f *flush) settle(d *sending, a *attempt.Attempt) {
	for _, record := range f.mail.Safe() {
		a.Settle(record)
	}
	settle := func(record int32) {
		if !f.mail.Waits(int(record)) {
			a.Settle(int(record))
		}
	}
	for i := range d.rejects {
		settle(d.rejects[i].record)
	}
	for _, entries := range d.settled {
		for i := range entries {
			settle(entries[i].record)
		}
	}
}

// post sends a push.
func (o *Output) post(ctx context.Context, k *packer, b *batch, p push) httpsend.Reply {
	header := newHeader(p.tenant)
	var body []byte
	if o.gzip {
		body = k.packGzip(b, p.entries)
		header.Set("Content-Encoding", "gzip")
	} else {
		body = k.pack(b, p.entries)
	}
	start := o.now()
	rep, reusable := o.client.Post(ctx, header, body)
	if !reusable {
		k.lose()
	}
	o.report.pushed(p, len(body), o.now().Sub(start), rep)
	return rep
}

// Close implements plugin.Output.
func (o *Output) Close() {
	o.report.close(o.office.Close())
	o.client.Close()
}
