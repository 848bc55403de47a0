package outloki

import (
	"compress/gzip"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/klauspost/compress/snappy"
	"google.golang.org/protobuf/encoding/protowire"

	"github.com/tidegate/tidegate/common/attempt"
	"github.com/tidegate/tidegate/common/chunk"
	"github.com/tidegate/tidegate/common/delivery"
	"github.com/tidegate/tidegate/common/options"
	"github.com/tidegate/tidegate/common/plugin"
)

// line is one entry as a server reads it.
type line struct {
	time int64
	text string
	// metadata is the structured metadata, each pair as name=value; and in order.
	metadata string
}

// stream is one stream of a push.
type stream struct {
	labels string
	lines  []line
}

// lokiReply is what the test's server answers.
type lokiReply struct {
	status int
	body   string
	header http.Header
}

// loki is a server that keeps what it was sent and answers as it is told.
type loki struct {
	*httptest.Server
	answer func(push []stream) lokiReply

	mu     sync.Mutex
	heads  []*http.Request
	pushes [][]stream
}

func startLoki(t testing.TB, answer func(push []stream) lokiReply) *loki {
	l := &loki{answer: answer}
	l.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, req *http.Request) {
		var body io.Reader = req.Body
		if req.Header.Get("Content-Encoding") == "gzip" {
			unzip, err := gzip.NewReader(req.Body)
			if err != nil {
				t.Errorf("unzipping a push: %v", err)
			}
			body = unzip
		}
		packed, err := io.ReadAll(body)
		if err != nil {
			t.Errorf("reading a push: %v", err)
		}
		raw, err := snappy.Decode(nil, packed)
		if err != nil {
			t.Errorf("uncompressing a push: %v", err)
		}
		push, err := decodePush(raw)
		if err != nil {
			t.Errorf("decoding a push: %v", err)
		}
		l.mu.Lock()
		l.heads = append(l.heads, req)
		l.pushes = append(l.pushes, push)
		l.mu.Unlock()
		reply := l.answer(push)
		for k, v := range reply.header {
			w.Header()[k] = v
		}
		w.WriteHeader(reply.status)
		_, _ = io.WriteString(w, reply.body)
	}))
	t.Cleanup(l.Close)
	return l
}

func always(status int, body string) func([]stream) lokiReply {
	return func([]stream) lokiReply { return lokiReply{status: status, body: body} }
}

// fields calls f for every field of a message.
func fields(b []byte, f func(number protowire.Number, value uint64, bytes []byte) error) error {
	for len(b) > 0 {
		number, typ, n := protowire.ConsumeTag(b)
		if n < 0 {
			return protowire.ParseError(n)
		}
		b = b[n:]
		var value uint64
		var bytes []byte
		switch typ {
		case protowire.VarintType:
			value, n = protowire.ConsumeVarint(b)
		case protowire.BytesType:
			bytes, n = protowire.ConsumeBytes(b)
		default:
			return fmt.Errorf("field %d has wire type %d", number, typ)
		}
		if n < 0 {
			return protowire.ParseError(n)
		}
		b = b[n:]
		if err := f(number, value, bytes); err != nil {
			return err
		}
	}
	return nil
}

func decodePush(b []byte) (push []stream, err error) {
	err = fields(b, func(number protowire.Number, _ uint64, bytes []byte) error {
		if number != 1 {
			return fmt.Errorf("field %d of a push", number)
		}
		s, err := decodeStream(bytes)
		push = append(push, s)
		return err
	})
	return push, err
}

func decodeStream(b []byte) (s stream, err error) {
	err = fields(b, func(number protowire.Number, _ uint64, bytes []byte) error {
		switch number {
		case 1:
			s.labels = string(bytes)
			return nil
		case 2:
			l, err := decodeLine(bytes)
			s.lines = append(s.lines, l)
			return err
		default:
			return fmt.Errorf("field %d of a stream", number)
		}
	})
	return s, err
}

func decodeLine(b []byte) (l line, err error) {
	err = fields(b, func(number protowire.Number, _ uint64, bytes []byte) error {
		switch number {
		case 1:
			return fields(bytes, func(number protowire.Number, value uint64, _ []byte) error {
				l.time += int64(value) * map[protowire.Number]int64{1: int64(time.Second), 2: 1}[number]
				return nil
			})
		case 2:
			l.text = string(bytes)
			return nil
		case 3:
			var pair [3]string
			err := fields(bytes, func(number protowire.Number, _ uint64, bytes []byte) error {
				pair[min(number, 2)] = string(bytes)
				return nil
			})
			l.metadata += pair[1] + "=" + pair[2] + ";"
			return err
		default:
			return fmt.Errorf("field %d of an entry", number)
		}
	})
	return l, err
}

// logBuffer keeps what is logged.
type logBuffer struct {
	mu sync.Mutex
	b  strings.Builder
}

func (l *logBuffer) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.Write(p)
}

func (l *logBuffer) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.String()
}

// newTestOutput makes an output by its options, written name=value. It has no
// limits but those that are set: tests write times of the year 1970.
func newTestOutput(t testing.TB, settings ...string) (*Output, *logBuffer) {
	t.Helper()
	return newLimitedOutput(t, append(slices.Clone(settings), unlimited...)...)
}

// newLimitedOutput makes an output with the limits that it has by default.
func newLimitedOutput(t testing.TB, settings ...string) (*Output, *logBuffer) {
	t.Helper()
	c := NewConfig()
	if err := parse(c, settings...); err != nil {
		t.Fatal(err)
	}
	log := &logBuffer{}
	o, err := c.newOutput(plugin.Host{Name: "test", Version: "1.2.3", Log: slog.New(slog.NewTextHandler(log, nil)), Go: spawn, Acks: delivery.NewRegistry(time.Now()).Join("tidegate", "test")})
	if err != nil {
		t.Fatal(err)
	}
	return o, log
}

// made has an output take the streams of a chunk for made: as after a flush of it,
// that has sent nothing. Before, each goes alone.
func made(o *Output, tag string, data []byte) {
	now := o.now()
	b := o.batches.Get().(*batch)
	b.begin(tag, o.limits, o.labels, now)
	attempt.New(delivery.NewRegistry(now).Join("tidegate", "test")).Begin(tag, data).Read(b.walk(), b.add, func(error, bool) {})
	b.sort()
	for _, c := range b.arrange(o.batchSize, o.memory, now) {
		o.memory.stored(c[0].streams, now)
	}
	for key, k := range o.memory.streams {
		k.bucket = bucket{at: now.UnixNano()}
		o.memory.streams[key] = k
	}
	b.reset()
	o.batches.Put(b)
}

// parse reads options as the core does.
func parse(c *Config, settings ...string) error {
	table := c.Options()
	err := table.Parse(func(name string) (string, bool) {
		for _, s := range settings {
			if n, v, _ := strings.Cut(s, "="); n == name {
				return v, true
			}
		}
		return "", false
	})
	problems := options.Problems(err)
	if more := options.Problems(c.Validate()); more != "" {
		problems = strings.Trim(problems+"; "+more, "; ")
	}
	if problems != "" {
		return fmt.Errorf("%s", problems)
	}
	return nil
}

// appendRecord appends an event whose body has the given string pairs.
func appendRecord(b []byte, unixNano int64, pairs ...string) []byte {
	b = chunk.AppendEventHeader(b, uint32(unixNano/1e9), uint32(unixNano%1e9))
	b = chunk.AppendMapHeader(b, 0)
	b = chunk.AppendMapHeader(b, len(pairs)/2)
	for _, p := range pairs {
		b = chunk.AppendString(b, p)
	}
	return b
}

// read encodes a chunk into b as a flush does, with no limits, and returns the
// numbers of its records and of those that make no entry.
func read(b *batch, data []byte) (records, rejected int) {
	return readWith(b, data, &limits{}, nil, time.Now())
}

func readWith(b *batch, data []byte, l *limits, labels *labelLimits, now time.Time) (records, rejected int) {
	b.begin("kube.var.\xff", l, labels, now)
	records = attempt.New(delivery.NewRegistry(time.Now()).Join("tidegate", "test")).Begin("", data).Read(b.walk(), b.add, func(error, bool) { rejected++ })
	return records, rejected
}

// pushesOf returns the pushes of what was read.
func pushesOf(b *batch, m *memory, size int) []push { return pushesAt(b, m, size, time.Now()) }

func pushesAt(b *batch, m *memory, size int, now time.Time) (all []push) {
	b.sort()
	for _, c := range b.arrange(size, m, now) {
		all = append(all, c...)
	}
	return all
}

// planOf returns the plan of settings, and the limits.
func planOf(tb testing.TB, settings ...string) (*plan, *limits) {
	tb.Helper()
	c := NewConfig()
	if err := parse(c, append(settings, "url=http://loki")...); err != nil {
		tb.Fatal(err)
	}
	p, err := newPlan(&c.labeling)
	if err != nil {
		tb.Fatal(err)
	}
	return p, &c.limits
}

// spawn is plugin.Host.Go.
func spawn(_ string, f func()) <-chan struct{} {
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		f()
	}()
	return ended
}

// unlimited are the settings of an output that checks nothing.
var unlimited = []string{
	"max_label_names=0", "max_label_name_length=0", "max_label_value_length=0", "label_cardinality=0", "max_line_size=0",
	"max_structured_metadata_size=0", "max_structured_metadata_count=0", "max_age=0", "max_ahead=0", "out_of_order_window=0", "max_stream_rate=0",
}
