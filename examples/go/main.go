package main

import (
	"encoding/json"
	"fmt"
	"log"
	"net/http"
	"os"
	"regexp"
)

var products []string
var red = regexp.MustCompile(`(?i)\bred\b`)

func search(response http.ResponseWriter, _ *http.Request) {
	found := []string{}
	for _, name := range products {
		if red.MatchString(name) {
			found = append(found, name)
		}
	}
	json.NewEncoder(response).Encode(found)
}

func main() {
	for number := range 200 {
		products = append(products, fmt.Sprint([]string{"Red", "Green", "Blue"}[number%3], " bicycle ", number))
	}
	http.HandleFunc("GET /red", search)
	log.Fatal(http.ListenAndServe("127.0.0.1:"+os.Getenv("PORT"), nil))
}
