package kafkaconf

import (
	"errors"
	"strings"
)

// CheckBroker holds an element of brokers to host:port, with an IPv6 address
// in brackets.
func CheckBroker(text string) error {
	colon := strings.LastIndexByte(text, ':')
	if colon < 1 || colon == len(text)-1 || strings.Trim(text[colon+1:], "0123456789") != "" {
		return errors.New("must be host:port")
	}
	return nil
}
