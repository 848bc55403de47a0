package httpsend

import (
	"errors"
	"fmt"
	"net/url"

	"github.com/tidegate/tidegate/common/options"
)

// Endpoint is where to post, and as whom: the value of an option `url`.
type Endpoint struct {
	// URL has no user or password: it goes into logs and errors.
	URL  *url.URL
	User *url.Userinfo
	// Err is why the option was refused. It is kept for Config.Validate,
	// because the option table would repeat the text, and with it the
	// password.
	Err error
}

// EndpointRule is what a plugin makes of its option `url`.
type EndpointRule struct {
	// Path is added to a URL without one.
	Path string
	// Example is a good value for error texts.
	Example string
}

// Value binds the option to dst.
func (r EndpointRule) Value(dst *Endpoint) options.Value {
	return options.Parsed(dst, "URL", func(text string) (Endpoint, error) {
		return r.Parse(text), nil
	}, Endpoint.String)
}

// String returns the URL without the password, as an operator may see it.
func (e Endpoint) String() string {
	if e.URL == nil {
		return ""
	}
	if e.User == nil {
		return e.URL.String()
	}
	masked := *e.URL
	masked.User = url.UserPassword(e.User.Username(), "secret")
	return masked.Redacted()
}

// Parse reads a URL. What is wrong with it is in Err.
func (r EndpointRule) Parse(text string) Endpoint {
	u, err := url.Parse(text)
	if err != nil {
		// What url.Parse says repeats the text.
		return Endpoint{Err: errors.New("url cannot be read as a URL: must be such as " + r.Example + "; special characters in a password must be percent-encoded")}
	}
	e := Endpoint{URL: u, User: u.User}
	u.User = nil
	switch {
	case u.Scheme != "http" && u.Scheme != "https":
		e.Err = fmt.Errorf("url must start with http:// or https://, such as %s", r.Example)
	case u.Hostname() == "":
		e.Err = fmt.Errorf("url %q must name a host, such as %s", e, r.Example)
	case u.RawQuery != "" || u.Fragment != "":
		e.Err = fmt.Errorf("url %q must end with its path: no ? and no #", e)
	}
	if u.Path == "" || u.Path == "/" {
		u.Path = r.Path
	}
	return e
}
