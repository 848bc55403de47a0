package outloki

import (
	"fmt"
	"io"
	"strconv"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"
)

// row is one item of an explanation: one line of a log.
type row struct{ head, text, from string }

// rows returns what is to be told, in order, with at most so many bytes of a
// record and of a value.
func (e *Explanation) rows(record, value int) []row {
	rows := []row{{head: "record", text: printable(e.Record, record)}, {head: "time", text: e.Time.Format(time.RFC3339Nano)}}
	if e.Tenant.From != "" {
		rows = append(rows, row{"tenant", printable(e.Tenant.Value, value), e.Tenant.From})
	}
	for _, list := range []struct {
		head string
		all  []Explained
	}{{"label", e.Labels}, {"metadata", e.Metadata}} {
		for _, x := range list.all {
			rows = append(rows, row{list.head, printable(x.Name, value) + "=" + quoted(x.Value, value), x.From})
		}
	}
	if e.Line.From != "" {
		rows = append(rows, row{"line", printable(e.Line.Value, record), e.Line.From})
	}
	for _, change := range e.Changes {
		rows = append(rows, row{head: "changed", text: printable(change, value)})
	}
	if e.Rejected != "" {
		rows = append(rows, row{head: "rejected", text: printable(e.Rejected, value)})
	}
	for i := range rows {
		rows[i].from = printable(rows[i].from, value)
	}
	return rows
}

// What a person at a terminal gets to see of a record, and of a value.
const (
	shownRecord = 4000
	shownValue  = 1000
)

// Columns of Print: where texts start, and behind what width their sources
// stand in a line of their own.
const (
	textColumn = 12
	textWidth  = 40
)

// Print writes an explanation for a person.
func (e *Explanation) Print(w io.Writer) error {
	rows := e.rows(shownRecord, shownValue)
	width, head := 0, ""
	for _, r := range rows {
		if n := utf8.RuneCountInString(r.text); r.from != "" && n <= textWidth {
			width = max(width, n)
		}
	}
	var b strings.Builder
	for _, r := range rows {
		if r.head != head {
			head = r.head
		} else {
			r.head = ""
		}
		fmt.Fprintf(&b, "  %-*s%s", textColumn-2, r.head, r.text)
		switch n := utf8.RuneCountInString(r.text); {
		case r.from == "":
		case n <= width:
			b.WriteString(strings.Repeat(" ", width-n) + "  from " + r.from)
		default:
			b.WriteString("\n" + strings.Repeat(" ", textColumn) + "  from " + r.from)
		}
		b.WriteByte('\n')
	}
	_, err := io.WriteString(w, b.String())
	return err
}

// printable makes one line of a text: what does not show, or would move a
// terminal's cursor, is written as in Go, and what is too long is cut.
func printable(text string, most int) string {
	shown, note := escape(text, most, "")
	return shown + note
}

// quoted is printable for a value, in quotes.
func quoted(text string, most int) string {
	shown, note := escape(text, most, `"\`)
	return `"` + shown + `"` + note
}

// escape returns the front of a text, with further characters escaped, in about
// so many bytes, and a note if that is not all of it.
func escape(text string, most int, further string) (shown, note string) {
	var b strings.Builder
	for _, r := range text {
		switch {
		case b.Len() >= most:
			return b.String(), fmt.Sprintf("… (%d bytes)", len(text))
		case strings.ContainsRune(further, r):
			b.WriteByte('\\')
			b.WriteRune(r)
		case unicode.IsPrint(r):
			b.WriteRune(r)
		default:
			b.WriteString(strings.Trim(strconv.QuoteRune(r), "'"))
		}
	}
	return b.String(), ""
}
