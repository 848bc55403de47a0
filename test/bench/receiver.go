package main

import (
	"bytes"
	"compress/gzip"
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"sync"
	"time"
)

// largestPush is more than Loki would take.
const largestPush = 64 << 20

// receiver is as much of Loki as a push needs. It reads both of its formats.
type receiver struct {
	listener net.Listener
	server   http.Server
	got      *arrivals
	served   sync.WaitGroup
}

func newReceiver(got *arrivals) (*receiver, error) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	r := &receiver{listener: listener, got: got}
	mux := http.NewServeMux()
	mux.HandleFunc("POST /loki/api/v1/push", r.push)
	r.server.Handler = mux
	r.served.Go(func() { _ = r.server.Serve(listener) }) // ends at close
	return r, nil
}

func (r *receiver) url() *url.URL { return &url.URL{Scheme: "http", Host: r.listener.Addr().String()} }

func (r *receiver) close() {
	_ = r.server.Close()
	r.served.Wait()
}

// push answers only when every line is noted: what is lost here would look like the
// agent's loss.
func (r *receiver) push(w http.ResponseWriter, request *http.Request) {
	body, err := io.ReadAll(http.MaxBytesReader(w, request.Body, largestPush))
	at := time.Now()
	if err == nil && request.Header.Get("Content-Encoding") == "gzip" {
		body, err = unzip(body)
	}
	if err == nil {
		err = eachLine(request.Header.Get("Content-Type"), body, func(line []byte) { r.got.note(line, at) })
	}
	if err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	w.WriteHeader(http.StatusNoContent)
}

func unzip(body []byte) ([]byte, error) {
	r, err := gzip.NewReader(bytes.NewReader(body))
	if err != nil {
		return nil, fmt.Errorf("unzipping a push: %w", err)
	}
	return io.ReadAll(io.LimitReader(r, largestPush))
}

// reader notes the messages of a topic.
type reader struct {
	to       *topicSink
	consumer *consumer
	stop     context.CancelFunc
	joined   sync.WaitGroup
}

func newReader(to *topicSink, got *arrivals) (*reader, error) {
	c, err := newConsumer(to.broker, to.topic)
	if err != nil {
		return nil, fmt.Errorf("reading %s: %w", to.topic, err)
	}
	ctx, stop := context.WithCancel(context.Background())
	r := &reader{to: to, consumer: c, stop: stop}
	r.joined.Go(func() {
		for ctx.Err() == nil {
			value, at, err := c.next()
			if err == nil && value != nil {
				got.note(value, at)
			}
		}
	})
	return r, nil
}

func (r *reader) close() {
	r.stop()
	r.joined.Wait()
	r.consumer.close()
	r.to.close()
}
