package main

import (
	"fmt"
	"io"
	"net"
	"net/http"
	"slices"
	"sync"

	"github.com/klauspost/compress/snappy"
	"google.golang.org/protobuf/encoding/protowire"
)

// receiver is as much of Loki as a push needs: it takes snappy-compressed
// protobuf and remembers the entries.
type receiver struct {
	server   *http.Server
	listener net.Listener

	mu  sync.Mutex
	all []entry
}

func newReceiver() (*receiver, error) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	r := &receiver{listener: listener}
	mux := http.NewServeMux()
	mux.HandleFunc("POST /loki/api/v1/push", r.push)
	r.server = &http.Server{Handler: mux}
	go func() { _ = r.server.Serve(listener) }() // ends at close
	return r, nil
}

func (r *receiver) url() string      { return "http://" + r.listener.Addr().String() }
func (r *receiver) describe() string { return "a receiver of Loki's push protocol at " + r.url() }
func (r *receiver) close()           { _ = r.server.Close() }

func (r *receiver) entries() ([]entry, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	return slices.Clone(r.all), nil
}

func (r *receiver) push(w http.ResponseWriter, request *http.Request) {
	body, err := io.ReadAll(http.MaxBytesReader(w, request.Body, 8<<20))
	if err == nil {
		body, err = snappy.Decode(nil, body)
	}
	var entries []entry
	if err == nil {
		entries, err = readPush(body)
	}
	if err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	r.mu.Lock()
	r.all = append(r.all, entries...)
	r.mu.Unlock()
	w.WriteHeader(http.StatusNoContent)
}

// readPush reads a logproto.PushRequest:
//
//	message PushRequest { repeated Stream streams = 1; }
//	message Stream      { string labels = 1; repeated Entry entries = 2; }
//	message Entry       { Timestamp timestamp = 1; string line = 2; }
//	message Timestamp   { int64 seconds = 1; int32 nanos = 2; }
func readPush(b []byte) (entries []entry, err error) {
	err = fields(b, func(number protowire.Number, stream []byte, _ uint64) error {
		if number != 1 {
			return nil
		}
		labels := ""
		return fields(stream, func(number protowire.Number, value []byte, _ uint64) error {
			switch number {
			case 1:
				labels = string(value)
			case 2:
				e, err := readEntry(value)
				e.labels = labels
				entries = append(entries, e)
				return err
			}
			return nil
		})
	})
	return entries, err
}

func readEntry(b []byte) (e entry, err error) {
	err = fields(b, func(number protowire.Number, value []byte, _ uint64) error {
		switch number {
		case 1:
			return fields(value, func(number protowire.Number, _ []byte, n uint64) error {
				switch number {
				case 1:
					e.time += int64(n) * 1e9
				case 2:
					e.time += int64(n)
				}
				return nil
			})
		case 2:
			e.line = string(value)
		}
		return nil
	})
	return e, err
}

// fields calls f for each field of a message, with the bytes of those that
// have a length and the number of varints.
func fields(b []byte, f func(number protowire.Number, bytes []byte, n uint64) error) error {
	for len(b) > 0 {
		number, kind, size := protowire.ConsumeTag(b)
		if size < 0 {
			return protowire.ParseError(size)
		}
		b = b[size:]
		var value []byte
		var n uint64
		switch kind {
		case protowire.BytesType:
			value, size = protowire.ConsumeBytes(b)
		case protowire.VarintType:
			n, size = protowire.ConsumeVarint(b)
		default:
			return fmt.Errorf("field %d has wire type %d", number, kind)
		}
		if size < 0 {
			return protowire.ParseError(size)
		}
		b = b[size:]
		if err := f(number, value, n); err != nil {
			return err
		}
	}
	return nil
}
