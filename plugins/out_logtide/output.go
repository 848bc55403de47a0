package outlogtide

import (
	"context"
	"sync"
	"time"

	"github.com/tidegate/tidegate/common/attempt"
	"github.com/tidegate/tidegate/common/chunk"
	"github.com/tidegate/tidegate/common/deadletter"
	"github.com/tidegate/tidegate/common/httpsend"
	"github.com/tidegate/tidegate/common/office"
	"github.com/tidegate/tidegate/common/plugin"
	"github.com/tidegate/tidegate/common/reasons"
)

// Output sends chunks to LogTide.
type Output struct {
	client    *httpsend.Client
	key       *key
	batchSize int
	batches   sync.Pool
	report    *reporter
	now       func() time.Time
	hold      httpsend.Hold
	attempts  *attempt.Attempts
	office    *office.Office[reason]
}

var _ plugin.Output = (*Output)(nil)

// NewOutput implements plugin.OutputConfig.
func (c *Config) NewOutput(host plugin.Host) (plugin.Output, error) { return c.newOutput(host) }

func (c *Config) newOutput(host plugin.Host) (*Output, error) {
	key, err := newKey(c)
	if err != nil {
		return nil, err
	}
	client, err := httpsend.New(&c.http, "tidegate_logtide", host.Version, c.url, c.timeout)
	if err != nil {
		return nil, err
	}
	letters, err := office.From(&c.letters, host, prefix, numReasons, deadletter.Cluster{ClientID: "tidegate"}, c.timeout)
	if err != nil {
		return nil, err
	}
	p := newPlan(&c.sources)
	return &Output{
		client:    client,
		key:       key,
		batchSize: c.batchSize,
		batches:   sync.Pool{New: func() any { return newBatch(p) }},
		report:    newReporter(host),
		now:       time.Now,
		attempts:  attempt.New(host.Acks),
		office:    letters,
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
	b.fixed = b.plan.resolve(tag)
	a := o.attempts.Begin(tag, data)
	if a.Again {
		o.report.resumed.Inc()
	}
	f := flush{out: o, tag: tag, data: data, batch: b, mail: o.office.Open(tag, data)}
	o.report.counts.ReceivedRecords.Add(float64(a.Read(nil, f.add, f.tally.unfit)))
	o.report.counts.ReceivedBytes.Add(float64(len(data)))
	a.Start(o.now())
	result := f.send(ctx, a)
	o.report.enter(o.now(), &f.tally)
	return a.End(result, o.now())
}

// flush is one flush of a chunk.
type flush struct {
	out   *Output
	tag   string
	data  []byte
	batch *batch
	mail  *office.Mail[reason]
	tally settled
	// rejects are those of this flush.
	rejects []office.Rejected[reason]
}

// add encodes a record. What makes no log is rejected, and that is no error to
// the attempt: with dead letters it is not settled yet.
func (f *flush) add(record int, ev *chunk.Event) error {
	if f.mail.Has(record) {
		return nil
	}
	if err := f.batch.add(record, ev); err != nil {
		f.reject(record, unfitReason(err), reasons.Example{Text: err.Error()})
	}
	return nil
}

// reject gives a record up.
func (f *flush) reject(record int, why reason, ex reasons.Example) {
	f.rejects = append(f.rejects, office.Rejected[reason]{Record: record, Why: why, Example: ex})
}

// send sends what was added, and the letters of what was rejected.
func (f *flush) send(ctx context.Context, a *attempt.Attempt) plugin.Result {
	if len(f.batch.entries) == 0 && f.tally.rejected.Records(malformed) > 0 && len(f.rejects) == 0 && f.mail.Empty() {
		// Nothing of it was a chunk. ERROR makes the host count that too.
		return plugin.Error
	}
	d := sending{flush: f}
	result := d.run(ctx)
	if !f.mail.Post(ctx, f.tag, f.data, f.rejects, &f.tally.rejected) {
		f.out.office.Keep(f.tag, f.data, f.mail)
		result = plugin.Retry
	}
	if result == plugin.Retry {
		f.out.report.counts.Retried.Inc()
		f.settle(d.settled, a)
	}
	return result
}

// settle tells the attempt what needs not be sent again: of the first entries,
// what LogTide has, and what was rejected, once its letter is safe.
func (f *flush) settle(first int, a *attempt.Attempt) {
	for _, record := range f.mail.Safe() {
		a.Settle(record)
	}
	settle := func(record int) {
		if !f.mail.Waits(record) {
			a.Settle(record)
		}
	}
	for i := range f.rejects {
		settle(f.rejects[i].Record)
	}
	for i := range f.batch.entries[:first] {
		settle(int(f.batch.entries[i].record))
	}
}

// Close implements plugin.Output.
func (o *Output) Close() {
	o.office.Close() // which tells what is left
	o.report.close()
	o.client.Close()
}
