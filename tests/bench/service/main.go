// A fast HTTP service to measure load generators on: answers at once on /pet, sleeps 2 ms on /sleep, and keeps its own
// account of how long it took from having the request to having the answer written.
package main

import (
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"sort"
	"sync"
	"time"
)

var (
	lock  sync.Mutex
	taken []float64
)

func main() {
	answer := []byte(`{"id":1,"name":"doggie","photoUrls":[]}`)
	http.HandleFunc("/pet", func(w http.ResponseWriter, r *http.Request) {
		io.Copy(io.Discard, r.Body)
		w.Header().Set("Content-Type", "application/json")
		w.Write(answer)
	})
	http.HandleFunc("/sleep", func(w http.ResponseWriter, r *http.Request) {
		began := time.Now()
		io.Copy(io.Discard, r.Body)
		time.Sleep(2 * time.Millisecond)
		w.Header().Set("Content-Type", "application/json")
		w.Write(answer)
		lock.Lock()
		taken = append(taken, float64(time.Since(began).Nanoseconds())/1e6)
		lock.Unlock()
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
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	fmt.Printf("http://%s\n", listener.Addr())
	os.Stdout.Sync()
	http.Serve(listener, nil)
}
