package demo

import (
	"fmt"
	"testing"
)

func BenchmarkPostings(b *testing.B) {
	n := 0
	for b.Loop() {
		for range Postings(Options{N: 10000}) {
			n++
		}
	}
	b.ReportMetric(float64(n)/b.Elapsed().Seconds(), "postings/s")
}

func TestLook(t *testing.T) {
	for p := range Postings(Options{N: 12}) {
		fmt.Printf("%+v\n\n", p)
	}
}
