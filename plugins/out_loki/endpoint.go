package outloki

import (
	"errors"
	"fmt"
	"net/url"

	"github.com/tidegate/tidegate/common/options"
)

// pushPath is Loki's own, added to a URL without a path.
const pushPath = "/loki/api/v1/push"

// endpoint is where to push, and as whom.
type endpoint struct {
	// url has no user or password: it goes into logs and errors.
	url  *url.URL
	user *url.Userinfo
	// err is why the option was refused. It is kept for Validate, because the
	// option table would repeat the text, and with it the password.
	err error
}

func endpointValue(dst *endpoint) options.Value {
	return options.Parsed(dst, "URL", func(text string) (endpoint, error) {
		return parseEndpoint(text), nil
	}, endpoint.String)
}

// String returns the URL without the password, as an operator may see it.
func (e endpoint) String() string {
	if e.url == nil {
		return ""
	}
	if e.user == nil {
		return e.url.String()
	}
	masked := *e.url
	masked.User = url.UserPassword(e.user.Username(), "secret")
	return masked.Redacted()
}

func parseEndpoint(text string) endpoint {
	u, err := url.Parse(text)
	if err != nil {
		// What url.Parse says repeats the text.
		return endpoint{err: errors.New("url cannot be read as a URL: must be such as http://loki:3100; special characters in a password must be percent-encoded")}
	}
	e := endpoint{url: u, user: u.User}
	u.User = nil
	switch {
	case u.Scheme != "http" && u.Scheme != "https":
		e.err = fmt.Errorf("url must start with http:// or https://, such as http://loki:3100")
	case u.Hostname() == "":
		e.err = fmt.Errorf("url %q must name a host, such as http://loki:3100", e)
	case u.RawQuery != "" || u.Fragment != "":
		e.err = fmt.Errorf("url %q must end with its path: no ? and no #", e)
	}
	if u.Path == "" || u.Path == "/" {
		u.Path = pushPath
	}
	return e
}
