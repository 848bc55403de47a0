package main

import (
	"github.com/tidegate/tidegate/common/host"
	"github.com/tidegate/tidegate/common/plugin"
	inkafka "github.com/tidegate/tidegate/plugins/in_kafka"
	outkafka "github.com/tidegate/tidegate/plugins/out_kafka"
	outlogtide "github.com/tidegate/tidegate/plugins/out_logtide"
	outloki "github.com/tidegate/tidegate/plugins/out_loki"
)

// registration is one plugin.
type registration struct {
	// name is what configurations give as Name.
	name string
	kind host.Kind
	// config returns a fresh configuration: instances share nothing.
	config func() plugin.Config
}

// registry is every plugin of this library, by its shim's file name.
var registry = map[string]registration{
	"in_kafka":    {"tidegate_kafka", host.Input, func() plugin.Config { return inkafka.NewConfig() }},
	"out_kafka":   {"tidegate_kafka", host.Output, func() plugin.Config { return outkafka.NewConfig() }},
	"out_loki":    {"tidegate_loki", host.Output, func() plugin.Config { return outloki.NewConfig() }},
	"out_logtide": {"tidegate_logtide", host.Output, func() plugin.Config { return outlogtide.NewConfig() }},
}
