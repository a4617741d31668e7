package tensor

import (
	"runtime"
	"sync"
	"sync/atomic"
)

// parallelFor calls body(i) for every i in [0,n), on up to GOMAXPROCS
// goroutines. Which goroutine runs which i is up to chance, so a body may
// write only what no other one touches; partial sums go to a slot per i and
// are combined in the order of i. That keeps every result independent of the
// number of threads.
func parallelFor(n int, body func(i int)) {
	workers := min(n, runtime.GOMAXPROCS(0))
	if workers <= 1 {
		for i := range n {
			body(i)
		}
		return
	}
	var next atomic.Int64
	work := func() {
		for {
			i := int(next.Add(1)) - 1
			if i >= n {
				return
			}
			body(i)
		}
	}
	var wg sync.WaitGroup
	for range workers - 1 {
		wg.Go(work)
	}
	work()
	wg.Wait()
}

// parallelRange splits [0,n) into blocks of the given size and calls
// body(lo, hi) for each.
func parallelRange(n, block int, body func(lo, hi int)) {
	parallelFor((n+block-1)/block, func(i int) {
		body(i*block, min(n, (i+1)*block))
	})
}

// elementBlock is the number of elements an element-wise kernel hands to a
// goroutine at a time: small enough to stay in the second-level cache, large
// enough that handing it out costs nothing.
const elementBlock = 1 << 15
