package main

import (
	"bytes"
	"errors"
	"fmt"
	"strings"

	"github.com/tidegate/tidegate/common/kafkaconf"
)

// The table of a README stands between these lines.
const (
	tableBegin = "<!-- options: made by make docs -->\n"
	tableEnd   = "<!-- /options -->\n"
)

var errMarks = errors.New("the marks around the table of options are not there")

// document returns a README with the plugin's table in it.
func (p plugin) document(readme []byte) ([]byte, error) {
	before, rest, ok := bytes.Cut(readme, []byte(tableBegin))
	_, after, ok2 := bytes.Cut(rest, []byte(tableEnd))
	if !ok || !ok2 {
		return nil, errMarks
	}
	var b bytes.Buffer
	b.Write(before)
	b.WriteString(tableBegin)
	b.WriteString("| option | what it is | value | default |\n| --- | --- | --- | --- |\n")
	passedThrough := false
	for _, o := range p.table {
		if strings.HasPrefix(o.Name, kafkaconf.Prefix) {
			passedThrough = true // one row for all of them
			continue
		}
		def := "`" + o.Value.String() + "`"
		switch {
		case o.Required:
			def = "required"
		case o.Value.String() == "":
			def = ""
		}
		fmt.Fprintf(&b, "| `%s` | %s | %s | %s |\n", o.Name, cell(o.Help), cell(value(o.Value.Kind(), o.Example)), def)
	}
	if passedThrough {
		fmt.Fprintf(&b, "| `%sNAME` | Any property of librdkafka. | | |\n", kafkaconf.Prefix)
	}
	b.WriteString(tableEnd)
	b.Write(after)
	return b.Bytes(), nil
}

func value(kind, example string) string {
	if example == "" {
		return kind
	}
	return kind + ", such as `" + example + "`"
}

// cell escapes what would end a cell of a Markdown table.
func cell(text string) string { return strings.ReplaceAll(text, "|", "\\|") }
