package outloki

import (
	"fmt"
	"hash/maphash"
	"log/slog"
	"sync"
	"time"

	"github.com/tidegate/tidegate/common/chunk"
	"github.com/tidegate/tidegate/common/options"
)

const (
	// inspectedRecords is how many records of a tag are explained: a look, and
	// no second way for logs.
	inspectedRecords = 5
	// inspectedTags bounds what is remembered, and written: records may choose
	// their tag.
	inspectedTags = 100
	// Fluent Bit cuts a line of its log at 4 KiB. Both parts of a row fit in.
	loggedRecord = 2000
	loggedValue  = 500
	loggedTag    = 100
)

func inspectOption(dst *bool) options.Option {
	return options.Option{
		Name: "inspect", Value: options.Bool(dst),
		Help: fmt.Sprintf("Writes to the log what becomes of the first %d records of each tag: the record, the labels and from where each came, structured metadata, line, and what the limits changed. "+
			"Without a server: tidegate inspect -c FILE.", inspectedRecords),
		Example: "on",
	}
}

// inspections explain the first records of each tag in an instance's log. nil
// explains none. It is safe for concurrent use.
type inspections struct {
	log  *slog.Logger
	seed maphash.Seed

	mu        sync.Mutex
	inspector *Inspector
	tags      map[string]*inspectedTag
	full      bool
}

// inspectedTag is what was explained of a tag. chunks are those that records
// were taken from: the retry of one tells nothing new.
type inspectedTag struct {
	records int
	chunks  map[uint64]bool
}

func newInspections(x *Inspector, log *slog.Logger) *inspections {
	log.Warn(fmt.Sprintf("inspect is on: contents of records are written to this log, of the first %d of each tag", inspectedRecords))
	return &inspections{log: log, seed: maphash.MakeSeed(), inspector: x, tags: map[string]*inspectedTag{}}
}

// inspection is that of one chunk.
type inspection struct {
	*inspections
	tag   string
	chunk uint64
	of    *inspectedTag
	over  bool
}

// begin returns the inspection of a chunk, nil for none.
func (i *inspections) begin(tag string, data []byte) *inspection {
	if i == nil {
		return nil
	}
	i.mu.Lock()
	defer i.mu.Unlock()
	of := i.tags[tag]
	switch {
	case of != nil && of.records == inspectedRecords, of == nil && i.full:
		return nil
	case of == nil && len(i.tags) == inspectedTags:
		i.full = true
		i.log.Info(fmt.Sprintf("inspect: there are more than %d tags, records of further ones are not shown", inspectedTags))
		return nil
	case of == nil:
		of = &inspectedTag{chunks: map[uint64]bool{}}
		i.tags[tag] = of
	}
	hash := maphash.Bytes(i.seed, data)
	if of.chunks[hash] {
		return nil
	}
	return &inspection{inspections: i, tag: tag, chunk: hash, of: of}
}

// look explains a record that has just been encoded, so that the budgets of its
// labels know it.
func (i *inspection) look(ev *chunk.Event, now time.Time) {
	if i.over {
		return
	}
	i.mu.Lock()
	defer i.mu.Unlock()
	if i.of.records == inspectedRecords {
		i.over = true
		return
	}
	i.of.records++
	i.of.chunks[i.chunk] = true
	e := i.inspector.Explain(i.tag, ev, now)
	for _, r := range e.rows(loggedRecord, loggedValue) {
		text := fmt.Sprintf("inspect %s #%d: %s %s", printable(i.tag, loggedTag), i.of.records, r.head, r.text)
		if r.from != "" {
			text += " from " + r.from
		}
		i.log.Info(text)
	}
}
