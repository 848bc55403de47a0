package kafkatoken

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"os"
	"strings"
	"time"

	"golang.org/x/oauth2"
	"golang.org/x/oauth2/clientcredentials"
)

// Server is a token server, RFC 6749: it gives tokens for a client's
// credentials, section 4.4.
type Server struct {
	settings ServerSettings
	config   clientcredentials.Config // remembers how the server takes the credentials
	client   *http.Client
}

// ServerSettings say whom to ask for what.
type ServerSettings struct {
	URL      string
	ClientID string
	// Of these, one is set. The files are read for each token.
	Secret        string
	SecretFile    string
	AssertionFile string // holds a JWT in place of a secret, RFC 7523, section 2.2

	Scope  string            // "" for the server's default
	Params map[string]string // of the request, beside the usual ones
	CAFile string            // "" for the system's
}

// NewServer makes the source. It talks to nobody yet.
func NewServer(s ServerSettings) (*Server, error) {
	transport := &http.Transport{
		Proxy: http.ProxyFromEnvironment,
		// A request in some minutes needs no connection that waits for it.
		DisableKeepAlives: true,
	}
	if s.CAFile != "" {
		roots, err := readRoots(s.CAFile)
		if err != nil {
			return nil, err
		}
		transport.TLSClientConfig = &tls.Config{RootCAs: roots}
	}
	source := &Server{
		settings: s,
		config:   clientcredentials.Config{ClientID: s.ClientID, TokenURL: s.URL},
		client: &http.Client{
			Transport: transport,
			// The credentials are for the server that was named.
			CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
		},
	}
	if s.Scope != "" {
		source.config.Scopes = []string{s.Scope}
	}
	return source, nil
}

func readRoots(path string) (*x509.CertPool, error) {
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	roots := x509.NewCertPool()
	if !roots.AppendCertsFromPEM(text) {
		return nil, fmt.Errorf("%s holds no certificate in PEM form", path)
	}
	return roots, nil
}

// Token implements Source.
func (s *Server) Token(ctx context.Context) (Token, error) {
	secret, err := s.credentials()
	if err != nil {
		return Token{}, err
	}
	asked := time.Now()
	got, err := s.config.Token(context.WithValue(ctx, oauth2.HTTPClient, s.client))
	if err != nil {
		return Token{}, s.word(err, secret)
	}
	t := Token{Value: got.AccessToken, Principal: s.settings.ClientID, Expires: asked.Add(unknownLife)}
	c, _ := readJWT(t.Value)
	if c.subject != "" {
		t.Principal = c.subject
	}
	switch {
	// What the server says is from now on, and holds whatever this machine's
	// clock says; what stands in the token is a time by the server's clock.
	case !got.Expiry.IsZero():
		t.Expires = got.Expiry
	case !c.expires.IsZero():
		t.Expires = c.expires
	}
	return t, nil
}

// credentials puts what the files hold into the configuration, and returns
// the secret.
func (s *Server) credentials() (secret string, err error) {
	params := url.Values{}
	for name, value := range s.settings.Params {
		params.Set(name, value)
	}
	s.config.EndpointParams = params
	secret = s.settings.Secret
	path := s.settings.SecretFile + s.settings.AssertionFile // one of them is empty
	if path != "" {
		if secret, err = ReadFile(path); err != nil {
			return "", fmt.Errorf("reading the credentials for the token server: %w", err)
		}
	}
	if s.settings.AssertionFile != "" {
		params.Set("client_assertion_type", "urn:ietf:params:oauth:client-assertion-type:jwt-bearer")
		params.Set("client_assertion", secret)
		s.config.AuthStyle = oauth2.AuthStyleInParams
		return secret, nil
	}
	s.config.ClientSecret = secret
	return secret, nil
}

// word says what a server answered, RFC 6749, section 5.2, or why it did not.
func (s *Server) word(err error, secret string) error {
	var refused *oauth2.RetrieveError
	var asking *url.Error
	switch {
	case errors.As(err, &refused):
		text := refused.Response.Status
		for _, more := range []string{refused.ErrorCode, refused.ErrorDescription} {
			if more != "" {
				text += ": " + more
			}
		}
		return fmt.Errorf("the token server %s answered %s", s.settings.URL, without(text, secret))
	case errors.As(err, &asking) && asking.Timeout():
		return fmt.Errorf("the token server %s did not answer in time", s.settings.URL)
	case errors.As(err, &asking):
		return fmt.Errorf("asking the token server %s: %w", s.settings.URL, asking.Err)
	}
	return fmt.Errorf("the answer of the token server %s: %s", s.settings.URL, strings.TrimPrefix(err.Error(), "oauth2: "))
}

// without takes a secret out of a server's words, which may repeat what it got.
func without(text, secret string) string {
	if secret == "" {
		return text
	}
	text = strings.ReplaceAll(text, secret, "<secret>")
	return strings.ReplaceAll(text, url.QueryEscape(secret), "<secret>")
}
