package outloki

import (
	"context"
	"strconv"
	"sync"
	"time"

	"github.com/tidegate/tidegate/common/accessor"
	"github.com/tidegate/tidegate/common/chunk"
	"github.com/tidegate/tidegate/common/deadletter"
	"github.com/tidegate/tidegate/common/delivery"
	"github.com/tidegate/tidegate/common/jsontext"
)

// mail is the dead letters of a chunk, from flush to flush until all are safe. A
// record in it is not sent to Loki again. It is safe for concurrent use.
type mail struct {
	mu sync.Mutex
	// sent are records whose letter the sink has; those with true are safe.
	sent  map[int]bool
	left  int
	empty chan struct{} // closed when left becomes 0; nil unless someone waits
}

// has reports whether a record's letter is under way or safe.
func (m *mail) has(record int) bool {
	if m == nil {
		return false
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	_, is := m.sent[record]
	return is
}

// send hands a letter over. With an error it was not taken.
func (m *mail) send(to deadletter.Sink, record int, l *deadletter.Letter) error {
	m.mu.Lock()
	m.sent[record] = false
	m.left++
	m.mu.Unlock()
	err := to.Send(l, func() { m.arrived(record, true) })
	if err != nil {
		m.arrived(record, false)
	}
	return err
}

func (m *mail) arrived(record int, safe bool) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if safe {
		m.sent[record] = true
	} else {
		delete(m.sent, record)
	}
	m.left--
	if m.left == 0 && m.empty != nil {
		close(m.empty)
		m.empty = nil
	}
}

// wait reports whether all letters are safe before ctx is done.
func (m *mail) wait(ctx context.Context) bool {
	m.mu.Lock()
	if m.left == 0 {
		m.mu.Unlock()
		return true
	}
	if m.empty == nil {
		m.empty = make(chan struct{})
	}
	empty := m.empty
	m.mu.Unlock()
	select {
	case <-empty:
		return true
	case <-ctx.Done():
		return false
	}
}

// safe returns the records whose letter is safe.
func (m *mail) safe() (records []int) {
	m.mu.Lock()
	defer m.mu.Unlock()
	for record, safe := range m.sent {
		if safe {
			records = append(records, record)
		}
	}
	return records
}

// origins are the paths to where tidegate_kafka read a record: in the metadata
// and, for pipelines that lose that, in the record itself.
var origins = sync.OnceValue(func() (all [2]*accessor.Set) {
	for i, root := range []string{"@metadata['kafka']", "$" + delivery.RecordKey} {
		var paths []*accessor.Accessor
		for _, key := range []string{"topic", "partition", "offset"} {
			path, err := accessor.Compile(root + "['" + key + "']")
			if err != nil {
				panic(err) // the paths are constants
			}
			paths = append(paths, path)
		}
		all[i] = accessor.NewSet(paths...)
	}
	return all
})

// omitOrigin leaves out what in_kafka put into a record about its origin.
var omitOrigin = sync.OnceValue(func() *jsontext.Omit {
	o := &jsontext.Omit{}
	o.Add(delivery.RecordKey)
	return o
})

// letter writes the letter of a record. The value is the whole record as JSON,
// or as it is where it cannot be that.
func letter(ev *chunk.Event, tag, labels string, r *rejected) deadletter.Letter {
	l := deadletter.Letter{
		Reason: r.why.String(), Text: r.text, Tag: tag, Labels: labels,
		Time: time.Unix(0, ev.Time), Offset: -1, Value: ev.Body,
	}
	if text, err := jsontext.AppendWithout(nil, ev.Body, omitOrigin()); err == nil {
		l.Value = text
	}
	for _, from := range origins() {
		if readOrigin(ev, from, &l) {
			break
		}
	}
	return l
}

// readOrigin puts an origin into a letter, and reports whether there is one.
func readOrigin(ev *chunk.Event, from *accessor.Set, l *deadletter.Letter) bool {
	values := make([][]byte, 3)
	from.Lookup(ev, values)
	var texts [3]string
	for i, v := range values {
		if isNil(v) {
			return false
		}
		text, err := jsontext.AppendText(nil, v)
		if err != nil {
			return false
		}
		texts[i] = string(text)
	}
	partition, partitionErr := strconv.ParseInt(texts[1], 10, 32)
	offset, offsetErr := strconv.ParseInt(texts[2], 10, 64)
	if partitionErr != nil || offsetErr != nil {
		return false
	}
	l.Topic, l.Partition, l.Offset = texts[0], int32(partition), offset
	return true
}
