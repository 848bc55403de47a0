package outloki

import (
	"fmt"
	"log/slog"
	"slices"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/tidegate/tidegate/common/chunk"
	"github.com/tidegate/tidegate/common/jsontext"
)

// Explanation is what becomes of a record, and why.
type Explanation struct {
	Tag    string
	Record string // as JSON
	// Time is what it is sent with.
	Time     time.Time
	Tenant   Explained
	Labels   []Explained // sorted by name
	Metadata []Explained // in the order of the entry
	Line     Explained
	// Changes are what the limits did.
	Changes []string
	// Rejected is why it is not sent, empty for one that is.
	Rejected string
}

// Explained is a value, and where it is from in the operator's own words.
type Explained struct{ Name, Value, From string }

// Inspector explains records. It has each encoded as it would be sent, and
// tells what came out; so it cannot be of another opinion than the output. What
// a limit did is the difference to the same record without limits. Nothing is
// sent and nothing counted. It is for one goroutine.
type Inspector struct {
	labeling *labeling
	plan     *plan
	limits   *limits
	// labels are the limits of the record's labels. ask are the same ones for
	// questions about it, of which their budget takes no notice.
	labels, ask *labelLimits
	// limited encodes with the limits, free without any.
	limited, free *batch
	words         words
}

// NewInspector returns an inspector of what an output of this configuration
// does, which is not made and so opens and connects to nothing. Its labels
// have a budget of their own, which the records that it explains use up.
func (c *Config) NewInspector() (*Inspector, error) {
	p, err := newPlan(&c.labeling)
	if err != nil {
		return nil, fmt.Errorf("planning labels: %w", err)
	}
	limits := c.limits
	budget := newCardinality(&limits, slog.New(slog.DiscardHandler), newDemoted(prometheus.NewRegistry(), "tidegate_loki"))
	x := newInspector(&c.labeling, p, &limits, budget)
	x.labels = &labelLimits{limits: &limits, budget: budget}
	return x, nil
}

// newInspector makes one that only looks at a budget.
func newInspector(l *labeling, p *plan, limits *limits, budget *cardinality) *Inspector {
	peeks := &labelLimits{limits: limits, budget: budget, peeks: true}
	return &Inspector{
		labeling: l, plan: p, limits: limits, labels: peeks, ask: peeks,
		limited: newBatch(p), free: newBatch(p), words: l.words(),
	}
}

// encoded is what a batch made of a record.
type encoded struct {
	tenant string
	labels []textLabel
	time   int64
	line   string
	pairs  []textLabel
	// there are the pairs that the limits put first, as they are in the entry:
	// those of labels, of which there are moved, and the original time.
	there []byte
	moved int
}

// encode has a batch encode a record. What is read of it is valid until the
// batch is reset.
func encode(b *batch, tag string, ev *chunk.Event, l *limits, labels *labelLimits, now time.Time) (*encoded, error) {
	b.begin(tag, l, labels, now)
	if err := b.add(0, ev); err != nil {
		return nil, err
	}
	e := &b.entries[0]
	_, line, pairs := splitEntry(b.arena[e.start:e.end])
	out := &encoded{
		tenant: b.streams.tenant(e.stream), labels: readLabels(string(b.streams.texts.get(e.stream))),
		time: e.time, line: string(line), pairs: readPairs(pairs), there: slices.Clone(b.streams.moved()),
	}
	out.moved, _ = countPairs(out.there)
	if e.time != ev.Time {
		out.there = appendOriginal(out.there, ev.Time)
	}
	return out, nil
}

// readPairs reads encoded pairs of structured metadata.
func readPairs(pairs []byte) (all []textLabel) {
	for len(pairs) > 0 {
		pair, n := readField(pairs)
		name, m := readField(pair)
		value, _ := readField(pair[m:])
		all = append(all, textLabel{string(name), string(value)})
		pairs = pairs[n:]
	}
	return all
}

// Explain explains a record.
func (x *Inspector) Explain(tag string, ev *chunk.Event, now time.Time) Explanation {
	defer x.limited.reset()
	defer x.free.reset()
	fitted, err := encode(x.limited, tag, ev, x.limits, x.labels, now)
	whole, wholeErr := encode(x.free, tag, ev, &limits{}, nil, now)
	e := Explanation{Tag: x.free.streams.rec.tag, Record: recordText(ev), Time: time.Unix(0, ev.Time).UTC()}
	if err != nil {
		e.Rejected = unfitReason(err).String() + ": " + err.Error()
		fitted = whole // which is what it would have been
	}
	if wholeErr != nil {
		return e
	}
	k := &look{Inspector: x, ev: ev, rec: &x.free.streams.rec, fitted: fitted, whole: whole}
	if err := k.sources(); err != nil {
		e.Rejected = unfitReason(err).String() + ": " + err.Error()
		return e
	}
	e.Time = time.Unix(0, fitted.time).UTC()
	e.Tenant = Explained{"tenant", fitted.tenant, k.tenantFrom()}
	for _, l := range fitted.labels {
		e.Labels = append(e.Labels, Explained{l.name, l.value, k.labelFrom(l.name)})
	}
	e.Metadata = k.metadata()
	e.Line = Explained{"line", fitted.line, k.lineFrom()}
	e.Changes = k.changes()
	return e
}

// recordText writes a record as JSON.
func recordText(ev *chunk.Event) string {
	text, err := jsontext.Append(nil, ev.Body)
	if err != nil {
		return "no JSON: " + err.Error()
	}
	return string(text)
}
