package main

import (
	"errors"

	"github.com/tidegate/tidegate/common/options"
	"github.com/tidegate/tidegate/common/plugin"
)

// unavailable is the configuration of a plugin that this version registers,
// so that its name is known, but cannot run yet.
type unavailable struct{}

func (unavailable) Options() options.Table { return nil }

func (unavailable) Validate() error { return nil }

func (unavailable) NewOutput(plugin.Host) (plugin.Output, error) {
	return nil, errors.New("this output is not part of this version of Tidegate yet; remove its [OUTPUT] section")
}
