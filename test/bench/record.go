package main

import (
	"bytes"
	"errors"
	"strconv"
)

var (
	services = []string{"checkout", "payment", "inventory", "gateway", "search", "accounts", "mailer", "reports", "sessions", "catalogue"}
	levels   = []string{"debug", "info", "info", "info", "info", "info", "warn", "error"}
	messages = []string{
		"request handled, response written to client",
		"cache entry expired, value read from the database",
		"upstream answered slowly, next attempt in a moment",
		"order accepted and queued for delivery",
	}
)

// appendRecord writes record n, about 300 bytes of JSON. What is not its number or the
// time follows from the number, so that a load is the same each time.
func appendRecord(dst []byte, n int, sent int64) []byte {
	h := mix(uint64(n) + 1)
	dst = append(dst, `{"n":`...)
	dst = strconv.AppendInt(dst, int64(n), 10)
	dst = append(dst, `,"sent":`...)
	dst = strconv.AppendInt(dst, sent, 10)
	dst = append(dst, `,"service":"`...)
	dst = append(dst, services[h%uint64(len(services))]...)
	dst = append(dst, `","level":"`...)
	dst = append(dst, levels[h>>8%uint64(len(levels))]...)
	dst = append(dst, `","host":"node-`...)
	dst = strconv.AppendUint(dst, 10+h>>16%64, 10)
	dst = append(dst, `","trace_id":"`...)
	dst = appendHex(dst, h)
	dst = appendHex(dst, mix(h))
	dst = append(dst, `","method":"GET","path":"/api/v1/orders/`...)
	dst = strconv.AppendUint(dst, 100_000+h>>24%900_000, 10)
	dst = append(dst, `","status":200,"duration_ms":`...)
	dst = strconv.AppendUint(dst, h>>32%500, 10)
	dst = append(dst, ".25,\"message\":\""...)
	dst = append(dst, messages[h>>40%uint64(len(messages))]...)
	return append(dst, `"}`...)
}

// mix spreads a number over 64 bits, so that the fields look unrelated (the finaliser
// of SplitMix64).
func mix(x uint64) uint64 {
	x += 0x9e3779b97f4a7c15
	x = (x ^ x>>30) * 0xbf58476d1ce4e5b9
	x = (x ^ x>>27) * 0x94d049bb133111eb
	return x ^ x>>31
}

func appendHex(dst []byte, x uint64) []byte {
	for shift := 60; shift >= 0; shift -= 4 {
		dst = append(dst, "0123456789abcdef"[x>>shift&15])
	}
	return dst
}

var errNoNumber = errors.New("finding the number in a record")

// recordNumber finds n and the time in a record, wherever a side has put it: keys may
// stand before and around it.
func recordNumber(text []byte) (n int, sent int64, err error) {
	number, ok := intAfter(text, `"n":`)
	if !ok {
		return 0, 0, errNoNumber
	}
	sent, ok = intAfter(text, `"sent":`)
	if !ok {
		return 0, 0, errNoNumber
	}
	return int(number), sent, nil
}

func intAfter(text []byte, key string) (int64, bool) {
	i := bytes.Index(text, []byte(key))
	if i < 0 {
		return 0, false
	}
	rest := text[i+len(key):]
	end := 0
	for end < len(rest) && (rest[end] >= '0' && rest[end] <= '9' || rest[end] == '-') {
		end++
	}
	v, err := strconv.ParseInt(string(rest[:end]), 10, 64)
	return v, err == nil
}
