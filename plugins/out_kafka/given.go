package outkafka

import "github.com/tidegate/tidegate/common/options"

// given is a Value that remembers that its option was there. Validate must not
// ask an operator for an option whose value was just refused.
type given struct {
	options.Value
	was *bool
}

func (g given) Set(text string) error {
	*g.was = true
	return g.Value.Set(text)
}
