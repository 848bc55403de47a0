package schema

import (
	"errors"
	"fmt"
	"net/http"
	"strings"
)

// ErrUnavailable says that the registry cannot tell a value's schema at the
// moment: it cannot be reached, fails, or refuses the client. The value is not to
// blame, and is to be tried again.
var ErrUnavailable = errors.New("the schema registry is not available")

// Why there is no schema.
var (
	errUnknown  = errors.New("the registry does not have it")
	errLarge    = fmt.Errorf("it has more than %d MiB", maxAnswer>>20)
	errNoSchema = errors.New("it answers without a schema")
)

// unavailable is an ErrUnavailable: whose, and why.
type unavailable struct {
	url string
	err error
}

func (e *unavailable) Error() string {
	return ErrUnavailable.Error() + ": " + e.url + ": " + clip(e.err.Error())
}

func (e *unavailable) Is(target error) bool { return target == ErrUnavailable }
func (e *unavailable) Unwrap() error        { return e.err }

// statusError is an answer that says nothing about the schema.
type statusError struct{ status int }

func (e *statusError) Error() string {
	switch e.status {
	case http.StatusUnauthorized:
		return "it refuses the user or the password (401)"
	case http.StatusForbidden:
		return "it does not let the user read schemas (403)"
	}
	return fmt.Sprintf("it answers %d %s", e.status, http.StatusText(e.status))
}

// maxWords bounds what is repeated of a registry's words.
const maxWords = 200

func clip(text string) string {
	text, _, _ = strings.Cut(text, "\n")
	if len(text) <= maxWords {
		return text
	}
	return strings.ToValidUTF8(text[:maxWords], "") + "…"
}
