package command

import (
	"errors"
	"io"
	"strings"
	"testing"

	"github.com/tidegate/tidegate/common/chunk"
	"github.com/tidegate/tidegate/common/jsontext"
)

// text writes the maps that are read of a line, with a space between and - for none:
// record, metadata, group.
func text(t *testing.T, line string) (maps string, nanos int64, err error) {
	t.Helper()
	ev, err := newRecords(strings.NewReader(line)).next(noon)
	if err != nil {
		return "", 0, err
	}
	var all []string
	for _, m := range [][]byte{ev.Body, ev.Metadata, ev.GroupBody} {
		text := []byte("-")
		if m != nil {
			if text, err = jsontext.Append(nil, m); err != nil {
				t.Fatal(err)
			}
		}
		all = append(all, string(text))
	}
	return strings.Join(all, " "), ev.Time, nil
}

func TestRecords(t *testing.T) {
	now := noon.UnixNano()
	for _, c := range []struct {
		line, maps string
		nanos      int64
	}{
		{`{"a":1}`, `{"a":1} - -`, now},
		{" \n\t{}", "{} - -", now},
		{`[1700000000.123456789,{"a":[1]}]`, `{"a":[1]} - -`, 1700000000123456789},
		{`[ 0 , {} ]`, "{} - -", 0},
		{`["2023-11-14T22:13:20.5+01:00", {}]`, "{} - -", 1699996400500000000},
		{`[[1700000000, {"kafka":{"topic":"x"}}], {"b":2}]`, `{"b":2} {"kafka":{"topic":"x"}} -`, 1700000000000000000},
		{`[[1, {}], {}, {"resource":{"attributes":{"a":1}}}]`, `{} {} {"resource":{"attributes":{"a":1}}}`, 1000000000},
		{`[1, {}, {}]`, `{} - {}`, 1000000000},
		{`[4294967293, {}]`, "{} - -", 4294967293000000000},
	} {
		maps, nanos, err := text(t, c.line)
		if err != nil || maps != c.maps || nanos != c.nanos {
			t.Errorf("%s: got %s, %d, %v", c.line, maps, nanos, err)
		}
	}
}

func TestLinesThatAreNoRecord(t *testing.T) {
	for line, want := range map[string]string{
		"x":                           "line 1 is no JSON: ",
		`{"a":1`:                      "line 1 is no JSON: ",
		`{} {}`:                       "line 1 is no JSON: ",
		"\n\n5":                       "line 3 " + errForm.Error(),
		`[]`:                          "line 1 " + errForm.Error(),
		`[1,{},{},{}]`:                "line 1 " + errForm.Error(),
		`[1,{},1]`:                    "line 1 " + errForm.Error(),
		`[[1,{},{}],{}]`:              "line 1 " + errForm.Error(),
		`[1,[]]`:                      "line 1 " + errForm.Error(),
		`[[1],{}]`:                    "line 1 " + errForm.Error(),
		`[[1,2],{}]`:                  "line 1 " + errForm.Error(),
		`[null,{}]`:                   "line 1 " + errTime.Error(),
		`[{},{}]`:                     "line 1 " + errTime.Error(),
		`[-1,{}]`:                     "line 1 " + errTime.Error(),
		`[1e9,{}]`:                    "line 1 " + errTime.Error(),
		`[4294967294,{}]`:             "line 1 " + errTime.Error(),
		`["yesterday",{}]`:            "line 1 " + errTime.Error(),
		`["1969-12-31T23:59:59Z",{}]`: "line 1 " + errTime.Error(),
		`[["x",{}],{}]`:               "line 1 " + errTime.Error(),
		strings.Repeat("[", 60):       "line 1 is no JSON: nested deeper than 48",
	} {
		_, _, err := text(t, line)
		if err == nil || !strings.HasPrefix(err.Error(), want) {
			t.Errorf("%s: got %v, want %s", line, err, want)
		}
	}
	r := newRecords(io.MultiReader(strings.NewReader("{}\n"+strings.Repeat(" ", maxLine)), strings.NewReader("  ")))
	if _, err := r.next(noon); err != nil {
		t.Fatal(err)
	}
	if _, err := r.next(noon); err == nil || err.Error() != "reading records, line 2: bufio.Scanner: token too long" {
		t.Errorf("got %v", err)
	}
}

// No line breaks the reader, and what is read is an event of maps.
func FuzzRecords(f *testing.F) {
	f.Add(`[[1.5, {"a":"\u00e4"}], {"b":[1,{}]}]`)
	f.Add(`["2026-11-28T12:00:00Z",{}]`)
	f.Add(`[0,{},{"resource":{}}]`)
	f.Fuzz(func(t *testing.T, line string) {
		for r := newRecords(strings.NewReader(line)); ; {
			ev, err := r.next(noon)
			var wrong lineError
			switch {
			case errors.As(err, &wrong):
				continue
			case err != nil:
				return
			}
			for i, m := range [][]byte{ev.Body, ev.Metadata, ev.GroupBody} {
				rest, err := chunk.Skip(m)
				if isMap := err == nil && len(rest) == 0 && chunk.KindOf(m) == chunk.Map; !isMap && (i == 0 || m != nil) || ev.Time < 0 {
					t.Fatalf("%q: got %+v, %v", line, ev, err)
				}
			}
		}
	})
}
