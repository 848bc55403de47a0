package timetext

import (
	"errors"
	"fmt"
	"strings"
)

// step is one directive, white space, or a byte that must be there.
type step struct {
	directive byte // 0 for a literal
	literal   byte
}

// space is the directive for white space in a format.
const space = ' '

// short are directives that stand for others.
var short = map[byte]string{
	'F': "%Y-%m-%d",
	'T': "%H:%M:%S",
	'D': "%m/%d/%y",
	'R': "%H:%M",
}

// same are directives that are read alike.
var same = map[byte]byte{
	'h': 'b', 'B': 'b', 'A': 'a', 'e': 'd', 'k': 'H', 'l': 'I', 'f': 'L', 'N': 'L', 'n': space, 't': space,
}

// known are those that are left.
const known = "YymbdjHIMSpLzZsa"

func compile(text string) ([]step, error) {
	var steps []step
	for i := 0; i < len(text); i++ {
		c := text[i]
		switch {
		case c == ' ' || c == '\t':
			steps = append(steps, step{directive: space})
			continue
		case c != '%':
			steps = append(steps, step{literal: c})
			continue
		case i+1 == len(text):
			return nil, errors.New("must not end with %: a percent sign is written %%")
		}
		i++
		c = text[i]
		if long, is := short[c]; is {
			more, err := compile(long)
			if err != nil {
				return nil, err
			}
			steps = append(steps, more...)
			continue
		}
		if is, ok := same[c]; ok {
			c = is
		}
		switch {
		case c == '%':
			steps = append(steps, step{literal: '%'})
		case c == space || strings.IndexByte(known, c) >= 0:
			steps = append(steps, step{directive: c})
		default:
			return nil, fmt.Errorf("must not have %%%c, which is none of %s", c, directives)
		}
	}
	if !told(steps) {
		return nil, errors.New("must be rfc3339, iso8601, unix, unix_ms, unix_us, unix_ns, or a format such as %Y-%m-%dT%H:%M:%S.%L%z")
	}
	return steps, nil
}

const directives = "%Y %y %m %b %B %h %d %e %j %H %k %I %l %M %S %p %L %f %N %z %Z %s %a %A %F %T %D %R %n %t %%"

// told reports whether the steps say more than a constant.
func told(steps []step) bool {
	for _, s := range steps {
		if s.directive != 0 && s.directive != space {
			return true
		}
	}
	return false
}
