package hostconf

import (
	"fmt"
	"os"
	"slices"
	"strings"
)

// environment has the variables.
type environment struct {
	// set are those of @SET and env, which go before those of lookup.
	set    map[string]string
	lookup func(name string) (string, bool)
	unset  []string
}

// fileURI starts a value that is in a file.
const fileURI = "file://"

// define sets a variable. A value that is a file:// is what that file holds,
// without the end of its last line.
func (e *environment) define(name, value string) error {
	if path, is := strings.CutPrefix(value, fileURI); is {
		text, err := os.ReadFile(path)
		if err != nil {
			return fmt.Errorf("reading the variable %s: %w", name, err)
		}
		if n := len(text); n > 0 && (text[n-1] == '\n' || text[n-1] == '\r') {
			text = text[:n-1]
		}
		if len(text) == 0 {
			return fmt.Errorf("reading the variable %s: %s is empty", name, path)
		}
		value = string(text)
	}
	e.set[name] = value
	return nil
}

// get returns the value of a variable, which is not empty if it is from
// outside.
func (e *environment) get(name string) (value string, is bool) {
	if value, is = e.set[name]; is {
		return value, true
	}
	value, is = e.lookup(name)
	return value, is && value != ""
}

// maxName is the agent's: with a longer one it stops looking.
const maxName = 4096

// expand replaces ${NAME} and ${NAME:-default}, as flb_env_var_translate does,
// also where that is odd: a } without a ${ before it ends the search, and so
// does a ${ without a }, behind which the rest is lost if there was a variable
// before.
func (e *environment) expand(value string) string {
	var out strings.Builder
	had, tail := false, 0
	for at := 0; at < len(value); {
		start := strings.Index(value[at:], "${")
		if start < 0 {
			break
		}
		end := strings.IndexByte(value[at:], '}')
		if end < 0 {
			tail = len(value)
			break
		}
		start, end = at+start, at+end
		tail = end + 1
		if n := end - start - 2; n <= 0 || n >= maxName {
			break
		}
		had = true
		out.WriteString(value[at:start])
		out.WriteString(e.variable(value[start+2 : end]))
		at = end + 1
	}
	if had {
		out.WriteString(value[tail:])
		return out.String()
	}
	return value
}

// variable returns what stands for the text between ${ and }.
func (e *environment) variable(text string) string {
	name, word, colon := strings.Cut(text, ":")
	word, hasDefault := strings.CutPrefix(word, "-")
	if !colon || !hasDefault {
		name, hasDefault = text, false
	}
	value, is := e.get(name)
	switch {
	case is && (value != "" || !hasDefault):
		return value
	case hasDefault:
		return word
	case !is && !slices.Contains(e.unset, name):
		e.unset = append(e.unset, name)
	}
	return ""
}
