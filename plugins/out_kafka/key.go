package outkafka

import (
	"errors"
	"strings"

	"github.com/tidegate/tidegate/common/accessor"
	"github.com/tidegate/tidegate/common/options"
)

// messageKey is the option and what it says.
type messageKey struct {
	text   string
	source source
}

func messageKeyValue(dst *messageKey) options.Value {
	return options.Parsed(dst, "text or path", func(text string) (messageKey, error) {
		s, err := parseSource(text)
		s.bytes = true
		return messageKey{text, s}, err
	}, func(k messageKey) string { return k.text })
}

func keyValue(dst **accessor.Accessor) options.Value {
	return options.Parsed(dst, "key or path", func(text string) (*accessor.Accessor, error) {
		if !strings.HasPrefix(text, "$") {
			return accessor.Key(text), nil
		}
		path, err := accessor.Compile(text)
		switch {
		case err != nil:
			return nil, wrongPath(0, err)
		case path.Source() != accessor.Record:
			return nil, errors.New("must be in the record, not the tag")
		}
		return path, nil
	}, func(a *accessor.Accessor) string {
		if a == nil {
			return ""
		}
		return a.String()
	})
}
