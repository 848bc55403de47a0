package httpsend

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"

	"github.com/prometheus/common/config"

	"github.com/tidegate/tidegate/common/options"
)

// Settings are how a client logs in, encrypts and finds its way, as an operator
// writes them. The zero value is a client without any of it.
//
// Files of tokens, passwords and certificates are read again when they change,
// so that they can be rotated without a restart.
type Settings struct {
	user, password, passwordFile string
	bearer, bearerFile           string
	oauth                        oauth
	tls                          config.TLSConfig
	minTLS                       string
	proxy                        proxy
	noProxy                      string
	header                       headerList
}

// oauth is the grant of client credentials (RFC 6749, 4.4).
type oauth struct {
	tokenURL, clientID, secret, secretFile string
	scopes, params                         []string
}

// tlsVersions are the versions that are still safe to ask for.
var tlsVersions = map[string]config.TLSVersion{
	"1.2": config.TLSVersions["TLS12"], "1.3": config.TLSVersions["TLS13"],
}

// Options returns the rows for a plugin's table. oauth2_* belongs to the host,
// which takes such options for itself, and oauth_* to the Kafka client.
func (s *Settings) Options() options.Table {
	return append(s.credentials(), s.Transport()...)
}

func (s *Settings) credentials() options.Table {
	return options.Table{{
		Name: "http_user", Value: options.Text(&s.user),
		Help: "User of basic authentication.", Example: "tenant-1",
	}, {
		Name: "http_passwd", Value: options.Text(&s.password), Secret: true,
		Help: "Its password.", Example: "secret",
	}, {
		Name: "http_passwd_file", Value: options.Text(&s.passwordFile),
		Help: "File that holds the password. It is read for each request.", Example: "/run/secrets/loki-password",
	}, {
		Name: "bearer_token", Value: options.Text(&s.bearer), Secret: true,
		Help: "Token that is sent as Authorization: Bearer.", Example: "secret",
	}, {
		Name: "bearer_token_file", Value: options.Text(&s.bearerFile),
		Help: "File that holds the token. It is read for each request, so that a new one is used at once.", Example: "/var/run/secrets/tokens/loki",
	}, {
		Name: "http_oauth_token_url", Value: options.Text(&s.oauth.tokenURL, checkURL),
		Help: "Where to get OAuth 2.0 tokens for client credentials. A token is kept until it expires.", Example: "https://login.example.com/oauth2/token",
	}, {
		Name: "http_oauth_client_id", Value: options.Text(&s.oauth.clientID),
		Help: "The client's ID at the token server.", Example: "tidegate",
	}, {
		Name: "http_oauth_client_secret", Value: options.Text(&s.oauth.secret), Secret: true,
		Help: "The client's secret.", Example: "secret",
	}, {
		Name: "http_oauth_client_secret_file", Value: options.Text(&s.oauth.secretFile),
		Help: "File that holds the client's secret. It is read again when a token is asked for.", Example: "/run/secrets/oauth-client",
	}, {
		Name: "http_oauth_scopes", Value: options.List(&s.oauth.scopes),
		Help: "Scopes to ask for.", Example: "logs:write",
	}, {
		Name: "http_oauth_params", Value: options.List(&s.oauth.params, checkPair),
		Help: "More parameters of the request for a token: name=value.", Example: "audience=https://loki.example.com",
	}}
}

// Transport returns the rows that are about the way to a server, for a plugin that logs
// in by itself.
func (s *Settings) Transport() options.Table {
	return options.Table{{
		Name: "tls_ca_file", Value: options.Text(&s.tls.CAFile),
		Help: "Certificates (PEM) that the server's must come from, instead of the system's. Read again when it changes.", Example: "/etc/tidegate/ca.pem",
	}, {
		Name: "tls_cert_file", Value: options.Text(&s.tls.CertFile),
		Help: "Certificate (PEM) of this client. Read again for each connection.", Example: "/etc/tidegate/client.pem",
	}, {
		Name: "tls_key_file", Value: options.Text(&s.tls.KeyFile),
		Help: "Its key (PEM).", Example: "/etc/tidegate/client-key.pem",
	}, {
		Name: "tls_server_name", Value: options.Text(&s.tls.ServerName),
		Help: "Name that the server's certificate must have, where it is not the one in url.", Example: "logs.internal",
	}, {
		Name: "tls_min_version", Value: options.Enum(&s.minTLS, "1.2", "1.3"),
		Help: "Oldest version of TLS to speak. Unset, it is 1.2.", Example: "1.3",
	}, {
		Name: "tls_insecure_skip_verify", Value: options.Bool(&s.tls.InsecureSkipVerify),
		Help: "Take any certificate: whoever is in between can read and change the logs. For tests only.", Example: "off",
	}, {
		Name: "proxy_url", Value: proxyValue(&s.proxy),
		Help: "HTTP or SOCKS5 proxy. from_environment takes HTTP_PROXY, HTTPS_PROXY and NO_PROXY of the agent's environment.", Example: "http://proxy:3128",
	}, {
		Name: "no_proxy", Value: options.Text(&s.noProxy),
		Help: "Hosts, domains and networks that proxy_url is not for, with commas between.", Example: "localhost,.internal,10.0.0.0/8",
	}, {
		Name: "header", Value: headerValue(&s.header), Secret: true,
		Help: "More headers of each request: name=value, or a name and a value with a space between, with commas between headers, in one line: a value has no comma. Their values are not printed.", Example: "X-Cluster=eu-1",
	}}
}

func checkURL(text string) error {
	u, err := url.Parse(text)
	if err != nil || u.Host == "" || u.Scheme != "http" && u.Scheme != "https" {
		return errors.New("must be a URL that starts with http:// or https://")
	}
	return nil
}

func checkPair(text string) error {
	if name, _, found := strings.Cut(text, "="); !found || name == "" {
		return errors.New("must be name=value")
	}
	return nil
}

// Validate reports what options do not go together. A user in url is one more
// way to log in.
func (s *Settings) Validate(to Endpoint) error {
	var errs []error
	need := func(wrong bool, format string, args ...any) {
		if wrong {
			errs = append(errs, fmt.Errorf(format, args...))
		}
	}
	o := &s.oauth
	ways := s.ways(to)
	need(len(ways) > 1, "%s are set: set one way to log in", strings.Join(ways, " and "))
	need(s.user == "" && (s.password != "" || s.passwordFile != ""), "http_user is required with http_passwd")
	need(s.password != "" && s.passwordFile != "", "http_passwd and http_passwd_file are both set: set one of them")
	need(o.tokenURL == "" && (o.clientID != "" || o.secret != "" || o.secretFile != "" || o.scopes != nil || o.params != nil),
		"http_oauth_token_url is required with http_oauth_*")
	need(o.tokenURL != "" && o.clientID == "", "http_oauth_client_id is required with http_oauth_token_url")
	need(o.tokenURL != "" && o.secret == "" && o.secretFile == "", "http_oauth_client_secret or http_oauth_client_secret_file is required with http_oauth_token_url")
	need(o.secret != "" && o.secretFile != "", "http_oauth_client_secret and http_oauth_client_secret_file are both set: set one of them")
	need((s.tls.CertFile == "") != (s.tls.KeyFile == ""), "tls_cert_file and tls_key_file belong together: set both")
	need(s.noProxy != "" && s.proxy.url == nil, "no_proxy has no use without a proxy_url that names a proxy")
	return errors.Join(errs...)
}

// ways are the options that each log in by themselves.
func (s *Settings) ways(to Endpoint) (ways []string) {
	for _, w := range []struct {
		set  bool
		name string
	}{
		{to.User != nil, "a user in url"}, {s.user != "", "http_user"}, {s.bearer != "", "bearer_token"},
		{s.bearerFile != "", "bearer_token_file"}, {s.oauth.tokenURL != "", "http_oauth_token_url"},
	} {
		if w.set {
			ways = append(ways, w.name)
		}
	}
	return ways
}

// config is what the HTTP client is made from.
func (s *Settings) config(to Endpoint) (c config.HTTPClientConfig, opts []config.HTTPClientOption) {
	c = config.DefaultHTTPClientConfig
	// A redirected POST arrives as a GET, or where nobody wanted it.
	c.FollowRedirects = false
	c.TLSConfig = s.tls
	c.TLSConfig.MinVersion = tlsVersions[s.minTLS]
	if s.tls.CertFile != "" && s.tls.CAFile == "" {
		c.TLSConfig, opts = certificateAlone(c.TLSConfig)
	}
	c.ProxyConfig = s.proxyConfig()
	switch {
	case to.User != nil:
		password, _ := to.User.Password()
		c.BasicAuth = &config.BasicAuth{Username: to.User.Username(), Password: config.Secret(password)}
	case s.user != "":
		c.BasicAuth = &config.BasicAuth{Username: s.user, Password: config.Secret(s.password), PasswordFile: s.passwordFile}
	case s.bearer != "" || s.bearerFile != "":
		c.Authorization = &config.Authorization{Type: "Bearer", Credentials: config.Secret(s.bearer), CredentialsFile: s.bearerFile}
	case s.oauth.tokenURL != "":
		c.OAuth2 = s.oauth.config(s)
	}
	return c, opts
}

// certificateAlone has a client's certificate read for each connection. What
// prometheus/common 0.67 does on its own, when the file of one changes and there
// is no file of authorities, is to fail every request from then on: it looks for
// the authorities that there are not.
func certificateAlone(full config.TLSConfig) (config.TLSConfig, []config.HTTPClientOption) {
	bare := full
	bare.CertFile, bare.KeyFile = "", ""
	return bare, []config.HTTPClientOption{config.WithNewTLSConfigFunc(
		func(ctx context.Context, _ *config.TLSConfig, opts ...config.TLSConfigOption) (*tls.Config, error) {
			return config.NewTLSConfigWithContext(ctx, &full, opts...)
		})}
}

func (o *oauth) config(s *Settings) *config.OAuth2 {
	c := &config.OAuth2{
		ClientID: o.clientID, ClientSecret: config.Secret(o.secret), ClientSecretFile: o.secretFile,
		TokenURL: o.tokenURL, Scopes: o.scopes, TLSConfig: s.tls, ProxyConfig: s.proxyConfig(),
		EndpointParams: map[string]string{},
	}
	// Name and certificate are for the log server.
	c.TLSConfig.ServerName, c.TLSConfig.CertFile, c.TLSConfig.KeyFile = "", "", ""
	for _, pair := range o.params {
		name, value, _ := strings.Cut(pair, "=")
		c.EndpointParams[name] = value
	}
	return c
}

func (s *Settings) proxyConfig() config.ProxyConfig {
	return config.ProxyConfig{
		ProxyURL: config.URL{URL: s.proxy.url}, NoProxy: s.noProxy, ProxyFromEnvironment: s.proxy.environment,
	}
}

// Sends reports whether an operator has set a header.
func (s *Settings) Sends(header string) bool { return len(s.header.header.Values(header)) > 0 }

// headers returns what each request has beside the caller's.
func (s *Settings) headers() http.Header { return s.header.header }
