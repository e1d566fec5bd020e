// A fast HTTP service to measure load generators on: answers at once on /pet, sleeps 2 ms on /sleep, and keeps its own
// account of how many requests it answered, and how long it took from having read the request to having written the answer.
// Both moments are those of its socket: between them and the handler, HTTP/2 passes a request through three goroutines.
//
// It listens on three ports: HTTP/1.1, HTTP/1.1 over TLS, HTTP/2 over TLS, and prints their URLs in this order, once it has
// written the certificate to trust to the file that it is given.
package main

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/json"
	"encoding/pem"
	"fmt"
	"io"
	"log"
	"math/big"
	"net"
	"net/http"
	"os"
	"sort"
	"strconv"
	"sync"
	"sync/atomic"
	"time"
)

var (
	lock     sync.Mutex
	taken    []float64
	answered atomic.Int64
)

func main() {
	answer := []byte(`{"id":1,"name":"doggie","photoUrls":[]}`)
	http.HandleFunc("/pet", func(w http.ResponseWriter, r *http.Request) {
		io.Copy(io.Discard, r.Body)
		w.Header().Set("Content-Type", "application/json")
		w.Write(answer)
		answered.Add(1)
	})
	http.HandleFunc("/sleep", func(w http.ResponseWriter, r *http.Request) {
		connection := r.Context().Value(connectionKey{}).(*clockedConnection)
		read := connection.read.Load()
		io.Copy(io.Discard, r.Body)
		time.Sleep(2 * time.Millisecond)
		w.Header().Set("Content-Type", "application/json")
		connection.asked.Store(read)
		w.Write(answer)
		answered.Add(1)
	})
	// So many server-sent events, and so many bytes.
	http.HandleFunc("/events", func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "text/event-stream")
		for number := range count(r) {
			fmt.Fprintf(w, "id: %d\ndata: {\"price\": %d}\n\n", number, number)
			if number%100 == 0 {
				w.(http.Flusher).Flush()
			}
		}
	})
	http.HandleFunc("/file", func(w http.ResponseWriter, r *http.Request) {
		piece := make([]byte, 1<<20)
		for left := count(r); left > 0; left -= len(piece) {
			w.Write(piece[:min(left, len(piece))])
		}
	})
	// The latencies in ms that the service itself saw since this was last asked.
	http.HandleFunc("/account", func(w http.ResponseWriter, r *http.Request) {
		lock.Lock()
		seen := taken
		taken = nil
		lock.Unlock()
		sort.Float64s(seen)
		at := func(q float64) float64 {
			if len(seen) == 0 {
				return 0
			}
			return seen[int(q*float64(len(seen)-1))]
		}
		json.NewEncoder(w).Encode(map[string]float64{"count": float64(len(seen)), "p50": at(0.5), "p99": at(0.99)})
	})
	http.HandleFunc("/count", func(w http.ResponseWriter, r *http.Request) {
		fmt.Fprint(w, answered.Load())
	})
	certificate := newCertificate(os.Args[1])
	serve("http", &http.Server{})
	serve("https", &http.Server{
		TLSConfig:    &tls.Config{Certificates: []tls.Certificate{certificate}},
		TLSNextProto: map[string]func(*http.Server, *tls.Conn, http.Handler){},
	})
	serve("https", &http.Server{TLSConfig: &tls.Config{Certificates: []tls.Certificate{certificate}}})
	fmt.Println()
	select {}
}

type connectionKey struct{}

type clockedListener struct{ net.Listener }

func (l clockedListener) Accept() (net.Conn, error) {
	connection, err := l.Listener.Accept()
	return &clockedConnection{Conn: connection}, err
}

// A connection with one request at a time. read, wrote: when something last was, in ns of Unix time; asked: when the request
// was read whose answer is being written, or 0. HTTP/2 may write an answer in two pieces: the last one ends it.
type clockedConnection struct {
	net.Conn
	read, wrote, asked atomic.Int64
}

func (c *clockedConnection) Read(into []byte) (int, error) {
	count, err := c.Conn.Read(into)
	c.read.Store(time.Now().UnixNano())
	if asked := c.asked.Swap(0); asked != 0 {
		lock.Lock()
		taken = append(taken, float64(c.wrote.Load()-asked)/1e6)
		lock.Unlock()
	}
	return count, err
}

func (c *clockedConnection) Write(bytes []byte) (int, error) {
	count, err := c.Conn.Write(bytes)
	c.wrote.Store(time.Now().UnixNano())
	return count, err
}

// Serves on a port of its own, and prints its URL. Nobody hears of handshakes that a probe broke off.
func serve(scheme string, server *http.Server) {
	server.ErrorLog = log.New(io.Discard, "", 0)
	server.ConnContext = func(ctx context.Context, connection net.Conn) context.Context {
		if encrypted, ok := connection.(*tls.Conn); ok {
			connection = encrypted.NetConn()
		}
		return context.WithValue(ctx, connectionKey{}, connection)
	}
	bare, err := net.Listen("tcp", "127.0.0.1:0")
	check(err)
	listener := clockedListener{bare}
	fmt.Printf("%s://%s ", scheme, listener.Addr())
	if scheme == "http" {
		go server.Serve(listener)
	} else {
		go server.ServeTLS(listener, "", "")
	}
}

// A certificate for this machine that only those trust who read `path`.
func newCertificate(path string) tls.Certificate {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	check(err)
	template := &x509.Certificate{
		SerialNumber:          big.NewInt(1),
		Subject:               pkix.Name{CommonName: "bench"},
		NotBefore:             time.Now().Add(-time.Hour),
		NotAfter:              time.Now().Add(24 * time.Hour),
		IPAddresses:           []net.IP{net.IPv4(127, 0, 0, 1)},
		IsCA:                  true,
		BasicConstraintsValid: true,
		KeyUsage:              x509.KeyUsageCertSign | x509.KeyUsageDigitalSignature,
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key)
	check(err)
	check(os.WriteFile(path, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der}), 0o644))
	return tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key}
}

func check(err error) {
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func count(r *http.Request) int {
	number, _ := strconv.Atoi(r.URL.Query().Get("count"))
	return number
}
