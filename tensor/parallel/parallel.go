// Package parallel spreads loops over all cores. What a loop computes must not
// depend on how many there are: pieces are numbered, and sized by the work alone
// wherever their size could show in a result.
package parallel

import "runtime"

// For calls body(i) for every i in [0,n), on up to GOMAXPROCS
// goroutines, one of which is the caller's. Which goroutine runs which i is up
// to chance, so a body may write only what no other one touches; partial sums
// go to a slot per i and are combined in the order of i. That keeps every
// result independent of the number of threads.
//
// A body may call For itself; where no worker is idle, the caller does
// all of the work. If a body panics, what has not been started is left undone
// and For panics with the same value. A body must not end its goroutine, as a
// test's FailNow does: it may be a worker's.
func For(n int, body func(i int)) {
	if helpers := min(n, runtime.GOMAXPROCS(0)) - 1; helpers > 0 {
		j := newJob(n)
		j.body = body
		j.share(helpers)
		return
	}
	for i := range n {
		body(i)
	}
}

// Range splits [0,n) into blocks of the given size and calls
// body(lo, hi) for each, like For.
func Range(n, block int, body func(lo, hi int)) {
	blocks := (n + block - 1) / block
	if helpers := min(blocks, runtime.GOMAXPROCS(0)) - 1; helpers > 0 {
		j := newJob(blocks)
		j.rangeBody, j.block, j.end = body, block, n
		j.share(helpers)
		return
	}
	for lo := 0; lo < n; lo += block {
		body(lo, min(n, lo+block))
	}
}
