package schema

import (
	"errors"
	"fmt"
	"net/url"
	"strings"

	"github.com/tidegate/tidegate/common/options"
)

// endpoints are the registry's URLs. What is wrong with them is kept for
// Validate: the option table would repeat the text, and with it a password.
type endpoints struct {
	list []*url.URL
	err  error
}

func endpointsValue(dst *endpoints) options.Value {
	return options.Parsed(dst, "list of URLs", func(text string) (endpoints, error) {
		return parseEndpoints(text), nil
	}, endpoints.String)
}

// String returns the URLs, of which none has a user.
func (e endpoints) String() string {
	texts := make([]string, len(e.list))
	for i, u := range e.list {
		texts[i] = u.String()
	}
	return strings.Join(texts, ",")
}

func (e endpoints) https() bool {
	for _, u := range e.list {
		if u.Scheme == "https" {
			return true
		}
	}
	return false
}

func parseEndpoints(text string) endpoints {
	var e endpoints
	for part := range strings.SplitSeq(text, ",") {
		u, err := parseEndpoint(strings.TrimSpace(part))
		if err != nil {
			return endpoints{err: err}
		}
		e.list = append(e.list, u)
	}
	return e
}

func parseEndpoint(text string) (*url.URL, error) {
	u, err := url.Parse(text)
	switch {
	case err != nil:
		// What url.Parse says repeats the text.
		return nil, errors.New("schema_registry_url must be a URL such as http://registry:8081")
	case u.User != nil:
		return nil, errors.New("schema_registry_url must not hold a user: set schema_registry_user and schema_registry_password_file")
	case u.Scheme != "http" && u.Scheme != "https":
		return nil, fmt.Errorf("schema_registry_url %q must start with http:// or https://", u)
	case u.Hostname() == "":
		return nil, fmt.Errorf("schema_registry_url %q must name a host", u)
	case u.RawQuery != "" || u.Fragment != "":
		return nil, fmt.Errorf("schema_registry_url %q must end with its path: no ? and no #", u)
	}
	return u, nil
}
