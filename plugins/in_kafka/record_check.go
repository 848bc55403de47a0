package inkafka

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/tidegate/tidegate/common/accessor"
	"github.com/tidegate/tidegate/common/timetext"
)

// validateRecord finds what is wrong with options that are each right alone.
func (c *recordConfig) validateRecord() error {
	c.Schema.Format = c.Format
	return errors.Join(c.Schema.Validate(), c.checkPayloadKey(), c.checkIncluded(), c.checkTime())
}

func (c *recordConfig) checkPayloadKey() error {
	switch {
	case c.PayloadKey == "":
		return nil
	case c.Layout == layoutFluentBit:
		return fmt.Errorf("payload_key %q has no use with layout fluentbit: there the payload stands under payload", c.PayloadKey)
	case c.PayloadKey == originKey:
		return fmt.Errorf("payload_key %q is reserved for the origin", c.PayloadKey)
	}
	return nil
}

// checkIncluded finds names of include that are another member's.
func (c *recordConfig) checkIncluded() error {
	var errs []error
	for i, name := range c.Include {
		key := c.IncludePrefix + name
		switch {
		case slices.Contains(c.Include[:i], name):
			errs = append(errs, fmt.Errorf("include has %s twice", name))
		case key == c.PayloadKey:
			errs = append(errs, fmt.Errorf("include %s and payload_key are both %q in the record", name, key))
		case c.Layout == layoutFluentBit && slices.Contains(fluentBitKeys, key):
			errs = append(errs, fmt.Errorf("include %s is %q in the record, which layout fluentbit has already", name, key))
		}
	}
	return errors.Join(errs...)
}

func (c *recordConfig) checkTime() error {
	switch {
	case c.TimestampFrom == timeOfField && c.TimeKey == "":
		return errors.New("time_key is required with timestamp_from field: text, such as \"time\"")
	case c.TimestampFrom != timeOfField && c.TimeKey != "":
		return fmt.Errorf("time_key %q has no use without timestamp_from field", c.TimeKey)
	}
	return nil
}

func checkInclude(name string) error {
	if !slices.Contains(includeNames[:], name) {
		return fmt.Errorf("must be one of %s", strings.Join(includeNames[:], ", "))
	}
	return nil
}

func parsePrefix(text string) (string, error) {
	if text == noPrefix {
		return "", nil
	}
	return text, nil
}

func printPrefix(prefix string) string {
	if prefix == "" {
		return noPrefix
	}
	return prefix
}

// timeKey is the accessor of a path, or of a key at the payload's top level.
func timeKey(text string) (*accessor.Accessor, error) {
	if !accessor.IsPath(text) {
		return accessor.Key(text), nil
	}
	return accessor.Compile(text)
}

func checkTimeKey(text string) error {
	a, err := timeKey(text)
	switch {
	case err != nil:
		return fmt.Errorf("must be a key or a path: %w", err)
	case a.Source() != accessor.Record:
		return errors.New("must be in the payload: a key, or a path such as $key['nested']")
	}
	return nil
}

func checkTimeFormat(text string) error {
	_, err := timetext.Compile(text, time.UTC)
	return err
}

func checkTimeZone(text string) error {
	_, err := timetext.Zone(text)
	return err
}
