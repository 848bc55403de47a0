package outloki

import (
	"fmt"
	"slices"
	"strings"

	"github.com/tidegate/tidegate/common/accessor"
	"github.com/tidegate/tidegate/common/chunk"
	"github.com/tidegate/tidegate/common/jsontext"
	"github.com/tidegate/tidegate/common/logfmt"
	"github.com/tidegate/tidegate/common/options"
)

// The forms of a line.
const (
	formatJSON     = "json"
	formatLogfmt   = "logfmt"
	formatRaw      = "raw"
	formatTemplate = "template"
)

// What becomes of a record with one key.
const (
	singleOff = "off"
	singleOn  = "on"
	singleRaw = "raw"
)

// plannedLine is how a record becomes a line.
type plannedLine struct {
	format string
	omit   *jsontext.Omit
	// single is off where it has no meaning.
	single string
	// value is the line of raw, one path, and of template.
	value value
	// plain is JSON and nothing else, which most lines are.
	plain bool
}

func (l *labeling) planLine(fields *fieldList) plannedLine {
	p := plannedLine{format: l.lineFormat, single: l.dropSingleKey}
	switch {
	case p.format == formatRaw && l.lineKey.Accessor != nil:
		p.value, p.single = fields.value(accessor.PathTemplate(l.lineKey.Accessor)), singleOff
	case p.format == formatTemplate:
		p.value, p.single = fields.value(l.lineTemplate), singleOff
	}
	p.omit = l.removeKeys.omit()
	if l.removeLabelKeys {
		p.omit = l.omitTaken(p.omit)
	}
	p.plain = p.format == formatJSON && p.single == singleOff
	return p
}

// omitTaken adds to omit what became a label or structured metadata.
func (l *labeling) omitTaken(omit *jsontext.Omit) *jsontext.Omit {
	paths := slices.Concat(l.metadataMaps.paths, l.traceID.paths, l.spanID.paths)
	for _, b := range slices.Concat(l.labels.list, l.labelKeys.list, l.labelMap.list, l.metadata.list) {
		for _, p := range b.value.Parts() {
			paths = append(paths, p.Path)
		}
	}
	for _, path := range paths {
		if path == nil || path.Source() != accessor.Record {
			continue
		}
		if keys, ok := path.Keys(); ok {
			if omit == nil {
				omit = &jsontext.Omit{}
			}
			omit.Add(keys...)
		}
	}
	return omit
}

// append appends the line of a record. With an error it returns dst as it was.
func (p *plannedLine) append(dst, body []byte, rec *view) ([]byte, error) {
	if p.plain {
		return jsontext.AppendWithout(dst, body, p.omit)
	}
	if p.single != singleOff {
		if value, below, ok := p.omit.Single(body); ok {
			return p.appendSingle(dst, value, below)
		}
	}
	switch p.format {
	case formatLogfmt:
		return logfmt.Encode(dst, body, p.omit)
	case formatRaw:
		if value := rec.fields[p.value.parts[0].field]; !isNil(value) {
			return jsontext.AppendText(dst, value)
		}
	case formatTemplate:
		out, _, err := p.value.append(dst, rec)
		if err != nil {
			return dst, err
		}
		return out, nil
	}
	return jsontext.AppendWithout(dst, body, p.omit)
}

// appendSingle appends the only value of a record.
func (p *plannedLine) appendSingle(dst, value []byte, below *jsontext.Omit) ([]byte, error) {
	isText := chunk.KindOf(value) == chunk.String || chunk.KindOf(value) == chunk.Bin
	if isText && (p.single == singleRaw || p.format == formatLogfmt) {
		return jsontext.AppendText(dst, value)
	}
	return jsontext.AppendValue(dst, value, below)
}

// lineFormatValue takes key_value too, which is what others call logfmt.
func lineFormatValue(dst *string) options.Value {
	value := options.Enum(dst, formatJSON, formatLogfmt, formatRaw, formatTemplate)
	return options.Parsed(dst, value.Kind(), func(text string) (string, error) {
		if strings.EqualFold(text, "key_value") {
			return formatLogfmt, nil
		}
		err := value.Set(text)
		return *dst, err
	}, func(s string) string { return s })
}

// singleKeyValue is on, off or raw.
func singleKeyValue(dst *string) options.Value {
	return options.Parsed(dst, "off, on or raw", func(text string) (string, error) {
		var on bool
		switch err := options.Bool(&on).Set(text); {
		case strings.EqualFold(text, singleRaw):
			return singleRaw, nil
		case err != nil:
			return "", fmt.Errorf("must be off, on or raw")
		case on:
			return singleOn, nil
		default:
			return singleOff, nil
		}
	}, func(s string) string { return s })
}

func lineTemplateValue(dst *accessor.Template) options.Value {
	return options.Parsed(dst, "template", func(text string) (accessor.Template, error) {
		t, err := accessor.ParseTemplate(strings.ToValidUTF8(text, "\uFFFD"))
		if err != nil {
			return t, fmt.Errorf("has a wrong path: %w", err)
		}
		return t, nil
	}, func(t accessor.Template) string { return t.String() })
}
