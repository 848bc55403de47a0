package office

import (
	"strconv"
	"sync"
	"time"

	"github.com/tidegate/tidegate/common/accessor"
	"github.com/tidegate/tidegate/common/chunk"
	"github.com/tidegate/tidegate/common/deadletter"
	"github.com/tidegate/tidegate/common/delivery"
	"github.com/tidegate/tidegate/common/jsontext"
	"github.com/tidegate/tidegate/common/reasons"
)

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
func letter(ev *chunk.Event, tag, why string, ex *reasons.Example) deadletter.Letter {
	l := deadletter.Letter{
		Reason: why, Text: ex.Text, Tag: tag, Labels: ex.Labels,
		Time: time.Unix(0, ev.Time), Offset: -1, Value: ev.Body,
	}
	if ex.Topic != "" {
		l.Text = ex.Topic + ": " + ex.Text // where it was to go
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
		if v == nil || chunk.KindOf(v) == chunk.Nil {
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
