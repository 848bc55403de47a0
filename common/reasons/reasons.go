// Package reasons counts records by the reason why something happened to them
// that an operator must hear of: they were rejected, or went another way. Every
// reason has a counter that exists from the start, and one log line in a while
// with the sum and an example.
//
// A flush collects its cases in Sums and hands them over when it is settled,
// so that a chunk that is flushed again does not tell the same again.
package reasons

import (
	"context"
	"log/slog"
	"strings"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/tidegate/tidegate/common/metric"
	"github.com/tidegate/tidegate/common/throttle"
)

// Reason is an engine's own list of reasons, numbered from 0.
type Reason interface {
	~uint8
	// String is the reason's name in metrics and in the log, empty for one that
	// stands for none.
	String() string
}

// Example is one case of a reason: what an operator gets to see of it, never
// the record. What is empty is left out.
type Example struct {
	Status int    // of the server's answer
	Labels string // of the stream
	Topic  string
	Text   string // the server's, or an error's
}

// Sums counts the cases of one flush. The zero value is ready; a flush without
// any case allocates nothing.
type Sums[R Reason] struct {
	of []sum
}

type sum struct {
	records int64
	example Example
}

// Add counts records for a reason. The first example of a flush is kept.
func (s *Sums[R]) Add(why R, records int64, ex Example) {
	for len(s.of) <= int(why) {
		s.of = append(s.of, sum{})
	}
	if s.of[why].records == 0 {
		s.of[why].example = ex
	}
	s.of[why].records += records
}

// Records returns what was counted for a reason.
func (s *Sums[R]) Records(why R) int64 {
	if int(why) >= len(s.of) {
		return 0
	}
	return s.of[why].records
}

// Table is what a Book is about.
type Table[R Reason] struct {
	// Count is the number of reasons.
	Count R
	// Metric and Help name the counter, whose label is reason.
	Metric, Help string
	// Message is the log line, and Level its level.
	Message string
	Level   slog.Level
	// Check says what an operator can do about a reason. May be nil.
	Check func(R) string
}

// Book keeps the sums of an instance. It is safe for concurrent use.
type Book[R Reason] struct {
	table    Table[R]
	log      *slog.Logger
	counters []prometheus.Counter
	lines    []throttle.Line
}

// NewBook registers the counters of a table.
func NewBook[R Reason](table Table[R], log *slog.Logger, reg prometheus.Registerer) *Book[R] {
	names := make([]string, table.Count)
	for why := range names {
		names[why] = R(why).String()
	}
	return &Book[R]{
		table:    table,
		log:      log,
		counters: metric.ByLabel(reg, table.Metric, table.Help, "reason", names),
		lines:    make([]throttle.Line, table.Count),
	}
}

// Enter takes over what a flush settled.
func (b *Book[R]) Enter(now time.Time, s *Sums[R]) {
	for why := range s.of {
		if n := s.of[why].records; n > 0 {
			b.counters[why].Add(float64(n))
			if n, due := b.lines[why].Add(now, n); due {
				b.tell(R(why), n, s.of[why].example)
			}
		}
	}
}

// Records returns the sum of a reason since the start.
func (b *Book[R]) Records(why R) int64 { return metric.Sum(b.counters[why]) }

// Total returns the sum of all reasons since the start.
func (b *Book[R]) Total() int64 {
	total := int64(0)
	for _, c := range b.counters {
		if c != nil {
			total += metric.Sum(c)
		}
	}
	return total
}

// Close logs what was kept back.
func (b *Book[R]) Close() {
	for why := range b.lines {
		if n := b.lines[why].Rest(); n > 0 {
			b.tell(R(why), n, Example{})
		}
	}
}

func (b *Book[R]) tell(why R, records int64, ex Example) {
	attrs := []slog.Attr{slog.String("reason", why.String()), slog.Int64("records", records)}
	if ex.Status != 0 {
		attrs = append(attrs, slog.Int("status", ex.Status))
	}
	for _, a := range []slog.Attr{slog.String("labels", ex.Labels), slog.String("topic", ex.Topic), slog.String("text", ex.Text)} {
		if text := Clip(a.Value.String()); text != "" {
			attrs = append(attrs, slog.String(a.Key, text))
		}
	}
	if b.table.Check != nil {
		attrs = append(attrs, slog.String("check", b.table.Check(why)))
	}
	b.log.LogAttrs(context.Background(), b.table.Level, b.table.Message, attrs...)
}

// maxText bounds what a log line repeats of a server's text or of a name that
// a record chose.
const maxText = 512

// Clip bounds a text for the log and makes it valid UTF-8.
func Clip(text string) string {
	text = strings.TrimSpace(text)
	if len(text) <= maxText {
		return strings.ToValidUTF8(text, "\uFFFD")
	}
	// A character that the cut goes through is left out.
	return strings.ToValidUTF8(text[:maxText], "") + "…"
}
