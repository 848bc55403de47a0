package options

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"
)

// parsed is a Value made of a parser and a printer.
type parsed[T any] struct {
	dst   *T
	kind  string
	parse func(string) (T, error)
	print func(T) string
}

func (v parsed[T]) Set(text string) error {
	x, err := v.parse(text)
	if err != nil {
		return err
	}
	*v.dst = x
	return nil
}

func (v parsed[T]) String() string { return v.print(*v.dst) }
func (v parsed[T]) Kind() string   { return v.kind }

// Parsed makes a Value of any type from its parser and printer. The parser's
// error is worded as Value.Set asks for.
func Parsed[T any](dst *T, kind string, parse func(string) (T, error), print func(T) string) Value {
	return parsed[T]{dst, kind, parse, print}
}

// Text is a string that every check accepts.
func Text(dst *string, checks ...func(string) error) Value {
	return Parsed(dst, "text", func(text string) (string, error) {
		for _, check := range checks {
			if err := check(text); err != nil {
				return "", err
			}
		}
		return text, nil
	}, func(s string) string { return s })
}

// Enum is one of choices, in any case; dst holds the choice as it is spelled
// here.
func Enum(dst *string, choices ...string) Value {
	return Parsed(dst, "one of "+strings.Join(choices, ", "), func(text string) (string, error) {
		i := slices.IndexFunc(choices, func(c string) bool { return strings.EqualFold(c, text) })
		if i < 0 {
			return "", fmt.Errorf("must be one of %s", strings.Join(choices, ", "))
		}
		return choices[i], nil
	}, func(s string) string { return s })
}

// List is a comma-separated list without empty elements, each of which every
// check accepts.
func List(dst *[]string, checks ...func(string) error) Value {
	return Parsed(dst, "comma-separated list", func(text string) ([]string, error) {
		var list []string
		for part := range strings.SplitSeq(text, ",") {
			part = strings.TrimSpace(part)
			if part == "" {
				return nil, fmt.Errorf("must not have an empty element")
			}
			for _, check := range checks {
				if err := check(part); err != nil {
					return nil, fmt.Errorf("has element %q, which %w", part, err)
				}
			}
			list = append(list, part)
		}
		return list, nil
	}, func(list []string) string { return strings.Join(list, ",") })
}

// Bool is on or off, in the spellings that the host takes.
func Bool(dst *bool) Value {
	return Parsed(dst, "on or off", func(text string) (bool, error) {
		switch strings.ToLower(text) {
		case "on", "true", "yes":
			return true, nil
		case "off", "false", "no":
			return false, nil
		}
		return false, fmt.Errorf("must be on or off")
	}, func(b bool) string {
		if b {
			return "on"
		}
		return "off"
	})
}

// Int is a whole number from least to most.
func Int(dst *int, least, most int) Value {
	return Parsed(dst, "number", func(text string) (int, error) {
		n, err := strconv.Atoi(text)
		if err != nil || n < least || n > most {
			return 0, fmt.Errorf("must be a whole number from %d to %d", least, most)
		}
		return n, nil
	}, strconv.Itoa)
}

// sizeUnits are the host's: K, M and G are powers of 1000 with a trailing B
// or without, as in Fluent Bit; Ki, Mi and Gi are powers of 1024.
var sizeUnits = []struct {
	suffix string
	bytes  int64
}{
	{"kib", 1 << 10}, {"mib", 1 << 20}, {"gib", 1 << 30},
	{"ki", 1 << 10}, {"mi", 1 << 20}, {"gi", 1 << 30},
	{"kb", 1e3}, {"mb", 1e6}, {"gb", 1e9},
	{"k", 1e3}, {"m", 1e6}, {"g", 1e9}, {"b", 1}, {"", 1},
}

// Size is a number of bytes from least to most, with an optional unit.
func Size(dst *int64, least, most int64) Value {
	return Parsed(dst, "size", func(text string) (int64, error) {
		n, ok := parseSize(text)
		if !ok || n < least || n > most {
			return 0, fmt.Errorf("must be a size from %s to %s, such as 512Ki or 1M", FormatSize(least), FormatSize(most))
		}
		return n, nil
	}, FormatSize)
}

func parseSize(text string) (int64, bool) {
	lower := strings.ToLower(text)
	for _, u := range sizeUnits {
		digits, ok := strings.CutSuffix(lower, u.suffix)
		if !ok {
			continue
		}
		n, err := strconv.ParseInt(strings.TrimSpace(digits), 10, 64)
		if err != nil || n < 0 || n > (1<<62)/u.bytes {
			return 0, false
		}
		return n * u.bytes, true
	}
	return 0, false
}

// FormatSize writes n bytes with the largest binary unit that divides it.
func FormatSize(n int64) string {
	switch {
	case n == 0 || n%(1<<10) != 0:
		return strconv.FormatInt(n, 10)
	case n%(1<<30) == 0:
		return strconv.FormatInt(n>>30, 10) + "Gi"
	case n%(1<<20) == 0:
		return strconv.FormatInt(n>>20, 10) + "Mi"
	default:
		return strconv.FormatInt(n>>10, 10) + "Ki"
	}
}

// Duration is a span from least to most: Go's syntax, or bare seconds as the
// host writes them.
func Duration(dst *time.Duration, least, most time.Duration) Value {
	return Parsed(dst, "duration", func(text string) (time.Duration, error) {
		d, err := time.ParseDuration(text)
		if n, bare := strconv.ParseInt(text, 10, 32); bare == nil {
			d, err = time.Duration(n)*time.Second, nil
		}
		if err != nil || d < least || d > most {
			return 0, fmt.Errorf("must be a duration from %s to %s, such as 500ms or 10s", least, most)
		}
		return d, nil
	}, time.Duration.String)
}
