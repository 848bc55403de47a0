package httpsend

import (
	"errors"
	"net/url"

	"github.com/tidegate/tidegate/common/options"
)

// fromEnvironment is the value of proxy_url that leaves it to the environment.
const fromEnvironment = "from_environment"

// proxy is the value of proxy_url.
type proxy struct {
	url         *url.URL
	environment bool
}

func proxyValue(dst *proxy) options.Value {
	return options.Parsed(dst, "URL", func(text string) (proxy, error) {
		if text == fromEnvironment {
			return proxy{environment: true}, nil
		}
		u, err := url.Parse(text)
		if err != nil || u.Host == "" {
			return proxy{}, errors.New("must be a URL such as http://proxy:3128 or socks5://proxy:1080, or " + fromEnvironment)
		}
		switch u.Scheme {
		case "http", "https", "socks5", "socks5h":
			return proxy{url: u}, nil
		}
		return proxy{}, errors.New("must start with http://, https:// or socks5://")
	}, proxy.String)
}

// String leaves the password out.
func (p proxy) String() string {
	switch {
	case p.environment:
		return fromEnvironment
	case p.url == nil:
		return ""
	}
	return p.url.Redacted()
}
