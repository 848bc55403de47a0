// The tests that need real servers. A module of its own: the product's go.mod stays small.
module github.com/tidegate/tidegate/test

go 1.26

require (
	github.com/confluentinc/confluent-kafka-go/v2 v2.15.0
	github.com/klauspost/compress v1.20.3
	google.golang.org/protobuf v1.36.12
)
