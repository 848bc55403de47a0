package outloki

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/tidegate/tidegate/common/chunk"
	"github.com/tidegate/tidegate/common/plugin"
)

// flushed returns what one flush pushes.
func flushed(t *testing.T, tag string, data []byte, settings ...string) [][]stream {
	t.Helper()
	server := startLoki(t, always(204, ""))
	o, log := newTestOutput(t, append(settings, "url="+server.URL)...)
	if r := o.Flush(t.Context(), tag, data); r != plugin.OK {
		t.Fatalf("got %v: %s", r, log)
	}
	return server.pushes
}

const (
	garage           = `{"deviceid":"garage","f":12,"m":1,"t":"18.21","p":"1005.19","h":"59.19","l":"15.00","r":"-83.00"}`
	garageTime int64 = 1_700_000_000_123_456_789
)

func garageRecord() []byte {
	b := chunk.AppendEventHeader(nil, uint32(garageTime/1e9), uint32(garageTime%1e9))
	b = chunk.AppendMapHeader(b, 0)
	b = chunk.AppendMapHeader(b, 8)
	b = chunk.AppendString(chunk.AppendString(b, "deviceid"), "garage")
	b = chunk.AppendInt(chunk.AppendString(b, "f"), 12)
	b = chunk.AppendInt(chunk.AppendString(b, "m"), 1)
	for _, pair := range [][2]string{{"t", "18.21"}, {"p", "1005.19"}, {"h", "59.19"}, {"l", "15.00"}, {"r", "-83.00"}} {
		b = chunk.AppendString(chunk.AppendString(b, pair[0]), pair[1])
	}
	return b
}

func TestLabels(t *testing.T) {
	f := func(want string, settings ...string) {
		t.Helper()
		push := flushed(t, "kafka.iot.v1", garageRecord(), settings...)
		if len(push) != 1 || len(push[0]) != 1 || push[0][0].labels != want {
			t.Errorf("%v: got %+v, want %s", settings, push, want)
		} else if l := push[0][0].lines; len(l) != 1 || l[0] != (line{time: garageTime, text: garage}) {
			t.Errorf("%v: got %+v", settings, l)
		}
	}
	f(`{job="fluent-bit"}`)
	f(`{deviceid="garage"}`, "label_keys=deviceid")
	f(`{deviceid="garage"}`, "label_keys=$deviceid")
	f(`{deviceid="garage"}`, "labels=$deviceid")
	f(`{device="garage", job="iot"}`, "labels=job=iot,device=$deviceid")
	f(`{f="12", m="1"}`, "label_keys=m,f")
	f(`{deviceid="garage"}`, "label_keys=absent,deviceid,$f['x']")
	f(`{job="fluent-bit"}`, "label_keys=absent")
	f(`{tag="kafka.iot.v1", topic="iot"}`, "labels=$TAG,topic=$TAG[1]")
	f(`{job="fluent-bit"}`, "labels=topic=$TAG[9]")
}

func TestRemoveKeys(t *testing.T) {
	push := flushed(t, "", garageRecord(), "label_keys=deviceid", "remove_keys=deviceid,$t,p,h,$['l'],r,absent")
	if got := push[0][0].lines[0].text; got != `{"f":12,"m":1}` {
		t.Errorf("got %s", got)
	}
}

// valueOf returns the labels of a record whose key v holds raw msgpack.
func valueOf(t *testing.T, raw string) string {
	t.Helper()
	return flushed(t, "", []byte("\x92\x05\x81\xa1v"+raw), "label_keys=v")[0][0].labels
}

func TestLabelValues(t *testing.T) {
	for raw, want := range map[string]string{
		"\xa1x":             `{v="x"}`,
		"\xa0":              `{job="fluent-bit"}`,
		"\xc0":              `{job="fluent-bit"}`,
		"\x05":              `{v="5"}`,
		"\xff":              `{v="-1"}`,
		"\xc3":              `{v="true"}`,
		"\xca?\xc0\x00\x00": `{v="1.5"}`,
		"\xc4\x01x":         `{v="x"}`,
		"\xa3a\"\n":         `{v="a\"\n"}`,
		"\xa2a\xff":         `{v="a?"}`, // Loki's parser takes no U+FFFD
		"\x92\x01\xa1a":     `{v="[1,\"a\"]"}`,
		"\x81\xa1a\x01":     `{v="{\"a\":1}"}`,
	} {
		if got := valueOf(t, raw); got != want {
			t.Errorf("%q: got %s, want %s", raw, got, want)
		}
	}
}

// The number 5, the same in another format, and the string "5" are one label.
func TestSameLabelsAreOneStream(t *testing.T) {
	var data []byte
	for _, raw := range []string{"\x05", "\xcc\x05", "\xa15", "\xd9\x015", "\xc4\x015"} {
		data = append(data, "\x92\x05\x81\xa1v"+raw...)
	}
	push := flushed(t, "", data, "label_keys=v")
	if len(push) != 1 || len(push[0]) != 1 || len(push[0][0].lines) != 5 {
		t.Errorf("got %+v", push)
	}
}

func TestManyStreams(t *testing.T) {
	const streams, records = 3000, 9000
	var data []byte
	for i := range records {
		data = appendRecord(data, int64(i), "a", fmt.Sprint("value", i*7919%streams), "b", fmt.Sprint(i))
	}
	seen := map[string]int{}
	for _, push := range flushed(t, "", data, "label_keys=a") {
		inPush := map[string]bool{}
		for _, s := range push {
			if inPush[s.labels] {
				t.Fatalf("%s is twice in a push", s.labels)
			}
			inPush[s.labels] = true
			seen[s.labels] += len(s.lines)
		}
	}
	for labels, n := range seen {
		if n != records/streams {
			t.Fatalf("%s has %d records", labels, n)
		}
	}
	if len(seen) != streams {
		t.Errorf("%d streams", len(seen))
	}
}

func TestSortedByTimeAndInOrderWithin(t *testing.T) {
	var data []byte
	for i, at := range []int64{5, 3, 5, 1, 3, 5} {
		data = appendRecord(data, at, "i", fmt.Sprint(i))
	}
	var got []string
	for _, l := range flushed(t, "", data)[0][0].lines {
		got = append(got, fmt.Sprint(l.time, " ", l.text))
	}
	want := []string{`1 {"i":"3"}`, `3 {"i":"1"}`, `3 {"i":"4"}`, `5 {"i":"0"}`, `5 {"i":"2"}`, `5 {"i":"5"}`}
	if !slices.Equal(got, want) {
		t.Errorf("got %q", got)
	}
}

func TestPushesAreCutBySizeOldestFirst(t *testing.T) {
	const records = 400
	var data []byte
	for i := range records {
		// Newest first, two streams.
		data = appendRecord(data, int64(records-i), "app", string(rune('a'+i%2)), "m", strings.Repeat("x", 84))
	}
	pushes := flushed(t, "", data, "label_keys=app", "batch_size=4Ki")
	total, small := 0, 0
	newest := map[string]int64{}
	for i, push := range pushes {
		size := 0
		for _, s := range push {
			for _, l := range s.lines {
				size += len(l.text)
				total++
				if l.time <= newest[s.labels] {
					t.Fatalf("push %d: time %d after %d in %s", i, l.time, newest[s.labels], s.labels)
				}
				newest[s.labels] = l.time
			}
		}
		if size < 3<<10 {
			small++
		}
		if size > 4<<10 {
			t.Errorf("push %d has %d bytes of lines", i, size)
		}
	}
	if small > len(newest) { // the last one of each stream
		t.Errorf("%d of %d pushes are small", small, len(pushes))
	}
	if total != records {
		t.Errorf("%d of %d records", total, records)
	}
}

// A line's length takes one to four bytes; each kind is moved differently.
func TestLineLengths(t *testing.T) {
	var data []byte
	var want []string
	for _, n := range []int{0, 1, 100, 118, 119, 120, 121, 1000, 16374, 16375, 16376, 300_000, 2_200_000} {
		text := strings.Repeat("x", n)
		data = appendRecord(data, int64(len(want)), "m", text)
		want = append(want, `{"m":"`+text+`"}`)
	}
	var got []string
	for _, push := range flushed(t, "", data) {
		for _, l := range push[0].lines {
			got = append(got, l.text)
		}
	}
	if !slices.Equal(got, want) {
		t.Errorf("%d lines of %d, or one is different", len(got), len(want))
	}
}

func TestEncodingDoesNotAllocate(t *testing.T) {
	data := sample(1000)
	p, l := planOf(t, "label_keys=service,level")
	b, m, k := newBatch(p), newMemory(l), &packer{}
	encode := func() {
		read(b, data)
		for _, p := range pushesOf(b, m, 64<<10) {
			k.pack(b, p.entries)
		}
		b.reset()
	}
	encode()
	// What is left is per stream: its label set is built from small pieces.
	const perStream = 8
	streams := len(sampleServices) * len(sampleLevels)
	if n := testing.AllocsPerRun(10, encode); n > float64(streams*perStream+forgotten) {
		t.Errorf("%v allocations for %d streams and 1000 records", n, streams)
	}
	more := sample(2000)
	few := testing.AllocsPerRun(10, encode)
	data = more
	encode()
	if many := testing.AllocsPerRun(10, encode); many > few+10 {
		t.Errorf("%v allocations for 1000 records, %v for 2000", few, many)
	}
}
