package tensor

import (
	"runtime"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

func setThreads(t testing.TB, n int) {
	old := runtime.GOMAXPROCS(n)
	t.Cleanup(func() { runtime.GOMAXPROCS(old) })
}

// TestParallelForDoesEachPieceOnce, with more goroutines than cores and fewer,
// and their number changing from call to call.
func TestParallelForDoesEachPieceOnce(t *testing.T) {
	setThreads(t, 1)
	for round := range 300 {
		runtime.GOMAXPROCS([]int{1, 2, 8, 3, 5}[round%5])
		for _, n := range []int{0, 1, 2, 3, 17, 200} {
			count := make([]int, n) // not atomic, so that the race detector sees two that do one piece
			parallelFor(n, func(i int) { count[i]++ })
			parallelRange(n, 3, func(lo, hi int) {
				if hi-lo > 3 || lo%3 != 0 {
					t.Errorf("range [%d,%d) of %d in blocks of 3", lo, hi, n)
				}
				for i := lo; i < hi; i++ {
					count[i]++
				}
			})
			for i, c := range count {
				if c != 2 {
					t.Fatalf("piece %d of %d was done %d times, want once in each loop", i, n, c)
				}
			}
		}
	}
}

// TestParallelForUsesWorkers: pieces that wait for each other are done at the
// same time.
func TestParallelForUsesWorkers(t *testing.T) {
	const threads = 4
	setThreads(t, threads)
	var all sync.WaitGroup
	all.Add(threads)
	parallelFor(threads, func(int) {
		all.Done()
		all.Wait()
	})
}

// TestParallelForNested: bodies may spread their own work, and several callers
// may do so at once.
func TestParallelForNested(t *testing.T) {
	setThreads(t, 5)
	var callers sync.WaitGroup
	for range 6 {
		callers.Go(func() {
			for range 50 {
				var sum atomic.Int64
				parallelFor(7, func(i int) {
					parallelFor(11, func(j int) {
						parallelRange(13, 5, func(lo, hi int) { sum.Add(int64((i + j) * (hi - lo))) })
					})
				})
				if want := int64(13 * (11*21 + 7*55)); sum.Load() != want {
					t.Errorf("sum %d, want %d", sum.Load(), want)
				}
			}
		})
	}
	callers.Wait()
}

// TestParallelForPanics: a panic arrives at the caller from whatever goroutine,
// no piece is running any more then, and the workers go on to the next job.
func TestParallelForPanics(t *testing.T) {
	setThreads(t, 4)
	for piece := range 40 {
		var running, started atomic.Int32
		wantPanic(t, "piece fails", func() {
			parallelFor(40, func(i int) {
				running.Add(1)
				defer running.Add(-1)
				started.Add(1)
				if i == piece {
					panic("piece fails")
				}
				for range 1000 {
					_ = strings.Repeat("x", 3)
				}
			})
		})
		if n := running.Load(); n != 0 {
			t.Fatalf("%d pieces are still running", n)
		}
		if started.Load() == 0 {
			t.Fatal("nothing was started")
		}
		var sum atomic.Int64
		parallelFor(40, func(i int) { sum.Add(int64(i)) })
		if sum.Load() != 780 {
			t.Fatalf("after a panic, sum %d, want 780", sum.Load())
		}
	}
	// Every goroutine panics, with a value of no type in particular.
	type value struct{}
	defer func() {
		if got := recover(); got != (value{}) {
			t.Errorf("panic with %v, want the body's value", got)
		}
	}()
	parallelFor(40, func(int) { panic(value{}) })
}

// TestWorkersGoToSleep: what looks out for work does not do so for long.
func TestWorkersGoToSleep(t *testing.T) {
	setThreads(t, 4)
	parallelFor(100, func(int) {})
	deadline := time.Now().Add(10 * time.Second)
	for {
		awake := 0
		for _, w := range *workers.list.Load() {
			if w.mailbox.Load() != asleep {
				awake++
			}
		}
		if awake == 0 {
			break
		}
		if time.Now().After(deadline) {
			t.Fatalf("%d workers are awake long after the last job", awake)
		}
		time.Sleep(time.Millisecond)
	}
	// And they wake up again.
	TestParallelForUsesWorkers(t)
}

// TestParallelForAllocates counts what a loop allocates: the body, since other
// goroutines get to know it, and nothing else. (testing.AllocsPerRun would do
// without other goroutines.)
func TestParallelForAllocates(t *testing.T) {
	setThreads(t, 4)
	x := make([]int, 64)
	loops := func() {
		for range 100 {
			parallelFor(len(x), func(i int) { x[i]++ })
			parallelRange(len(x), 8, func(lo, hi int) { x[lo]++ })
		}
	}
	loops()
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	loops()
	runtime.ReadMemStats(&after)
	// The race detector makes pools forget at random. A goroutine for each
	// thread would take ten.
	if got := float64(after.Mallocs-before.Mallocs) / 100; got > 5 {
		t.Errorf("%v allocations for two loops, want one each", got)
	}
}
