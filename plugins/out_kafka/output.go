package outkafka

import (
	"context"
	"strings"
	"sync"
	"time"

	"github.com/tidegate/tidegate/common/delivery"
	"github.com/tidegate/tidegate/common/kafkatoken"
	"github.com/tidegate/tidegate/common/office"
	"github.com/tidegate/tidegate/common/plugin"
	"github.com/tidegate/tidegate/common/resume"
)

const (
	// maxFlights bounds how many chunks are remembered between two flushes. A
	// chunk of which nothing is under way yet is not among them, so the client's
	// queue bounds most of this already.
	maxFlights = 1024
	// keepFlights is above the engine's longest wait between two tries, 2,000
	// seconds.
	keepFlights = time.Hour
	// closeWithin is how long an exit waits for reports. Flushes had the whole
	// grace for theirs; what is left belongs to chunks that wait for a retry.
	closeWithin = time.Second
)

// Output is a running tidegate_kafka output.
type Output struct {
	flushTimeout time.Duration
	batched      *client
	alone        *client
	encoders     sync.Pool
	flights      *resume.Store[*flight]
	acks         *delivery.Output
	office       *office.Office[reason]
	report       *reporter
}

// tokenSource makes what keeps one producer in tokens, nil where it needs none.
type tokenSource = func() (*kafkatoken.Refresher, error)

var _ plugin.Output = (*Output)(nil)

// NewOutput implements plugin.OutputConfig.
func (c *Config) NewOutput(host plugin.Host) (plugin.Output, error) { return c.newOutput(host) }

func (c *Config) newOutput(host plugin.Host) (*Output, error) {
	p := c.plan()
	o := &Output{
		flushTimeout: c.flushTimeout,
		encoders:     sync.Pool{New: func() any { return newEncoder(p) }},
		flights:      resume.New[*flight](maxFlights, keepFlights),
		acks:         host.Acks,
		report:       newReporter(host, strings.Join(c.brokers, ","), c.rdkafka.Explainer(host.Go)),
	}
	tokens := func() (*kafkatoken.Refresher, error) { return c.rdkafka.Tokens(host.Log, host.Go) }
	o.batched = &client{host: host, conf: c.clientConfig(), tokens: tokens, report: o.report}
	o.alone = &client{host: host, conf: c.aloneConfig(), tokens: tokens, alone: true, report: o.report}
	// Properties that do not go together are refused here, at start.
	s, err := o.batched.acquire()
	if err != nil {
		return nil, err
	}
	s.users.Done()
	if o.office, err = c.newOffice(host, tokens); err != nil {
		o.Close()
		return nil, err
	}
	return o, nil
}

// Flush implements plugin.Output.
func (o *Output) Flush(ctx context.Context, tag string, data []byte) plugin.Result {
	ctx, cancel := context.WithTimeout(ctx, o.flushTimeout)
	defer cancel()
	f, claimed := o.flights.Claim(tag, data)
	if !claimed {
		f = &flight{mail: o.office.NewMail()}
	}
	acks := o.acks.Chunk(tag, len(data))
	f.read(acks, data)
	acks.Start(time.Now())
	d := sending{out: o, flight: f, acks: acks, tag: tag, data: data}
	done := d.run(ctx)
	safe := f.mail.Post(ctx, tag, data, d.rejects, &d.settled.rejected)
	now := time.Now()
	o.report.enter(now, &d)
	if !done || !safe {
		if !f.fresh() {
			f.rest()
			acks.Delivered(data, f.settled, now)
			o.flights.Keep(tag, data, f)
		}
		o.report.retry(now, &d, done)
		acks.Retry(now)
		return plugin.Retry
	}
	if n := int64(len(f.states)); n > 0 && d.settled.rejected.Records(malformed) == n {
		// Nothing of it was a chunk. ERROR makes the host count that too.
		acks.GivenUp(now)
		return plugin.Error
	}
	acks.Done(now)
	return plugin.OK
}

// Close implements plugin.Output.
func (o *Output) Close() {
	deadline := time.Now().Add(closeWithin)
	left := o.batched.close(deadline)
	left += o.alone.close(deadline)
	o.office.Close() // which tells what is left
	o.report.close(left)
}
