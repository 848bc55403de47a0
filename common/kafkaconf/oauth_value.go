package kafkaconf

import (
	"errors"
	"net/url"
	"strings"
)

func checkPair(text string) error {
	if at := strings.IndexByte(text, '='); at < 1 {
		return errors.New("must be name=value")
	}
	return nil
}

// checkExtension keeps RFC 7628, section 3.1: a name has letters only, a value
// printable characters and space. auth is the token's own.
func checkExtension(text string) error {
	name, value, found := strings.Cut(text, "=")
	letters := func(c rune) bool { return c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' }
	switch {
	case !found || name == "" || strings.TrimFunc(name, letters) != "":
		return errors.New("must be name=value, with a name of letters")
	case name == "auth":
		return errors.New("must have another name than auth, which is the token's")
	case strings.ContainsFunc(value, func(c rune) bool { return c < ' ' || c > '~' }):
		return errors.New("must have a value of printable ASCII")
	}
	return nil
}

func checkTokenURL(text string) error {
	u, err := url.Parse(text)
	if err != nil || u.Host == "" || u.Scheme != "https" && u.Scheme != "http" || u.User != nil || u.Fragment != "" {
		return errors.New("must be an https:// or http:// URL without a user")
	}
	return nil
}

// checkRegion also keeps what becomes part of a host's name to what regions
// consist of.
func checkRegion(text string) error {
	if strings.Trim(text, "abcdefghijklmnopqrstuvwxyz0123456789-") != "" || strings.Count(text, "-") < 2 {
		return errors.New("must be an AWS region, such as eu-central-1")
	}
	return nil
}

func checkARN(text string) error {
	if !strings.HasPrefix(text, "arn:") || strings.Count(text, ":") < 5 {
		return errors.New("must be a role's ARN, such as arn:aws:iam::123456789012:role/log-shipper")
	}
	return nil
}
