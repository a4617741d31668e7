package parallel

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

// TestForDoesEachPieceOnce, with more goroutines than cores and fewer,
// and their number changing from call to call.
func TestForDoesEachPieceOnce(t *testing.T) {
	setThreads(t, 1)
	for round := range 300 {
		runtime.GOMAXPROCS([]int{1, 2, 8, 3, 5}[round%5])
		for _, n := range []int{0, 1, 2, 3, 17, 200} {
			count := make([]int, n) // not atomic, so that the race detector sees two that do one piece
			For(n, func(i int) { count[i]++ })
			Range(n, 3, func(lo, hi int) {
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

// TestForUsesWorkers: pieces that wait for each other are done at the
// same time.
func TestForUsesWorkers(t *testing.T) {
	const threads = 4
	setThreads(t, threads)
	var all sync.WaitGroup
	all.Add(threads)
	For(threads, func(int) {
		all.Done()
		all.Wait()
	})
}

// TestForNested: bodies may spread their own work, and several callers
// may do so at once.
func TestForNested(t *testing.T) {
	setThreads(t, 5)
	var callers sync.WaitGroup
	for range 6 {
		callers.Go(func() {
			for range 50 {
				var sum atomic.Int64
				For(7, func(i int) {
					For(11, func(j int) {
						Range(13, 5, func(lo, hi int) { sum.Add(int64((i + j) * (hi - lo))) })
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

// TestForPanics: a panic arrives at the caller from whatever goroutine,
// no piece is running any more then, and the workers go on to the next job.
func TestForPanics(t *testing.T) {
	setThreads(t, 4)
	for piece := range 40 {
		var running, started atomic.Int32
		wantPanic(t, "piece fails", func() {
			For(40, func(i int) {
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
		For(40, func(i int) { sum.Add(int64(i)) })
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
	For(40, func(int) { panic(value{}) })
}

// TestWorkersGoToSleep: what looks out for work does not do so for long.
func TestWorkersGoToSleep(t *testing.T) {
	setThreads(t, 4)
	For(100, func(int) {})
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
	TestForUsesWorkers(t)
}

// TestForAllocates counts what a loop allocates: the body, since other
// goroutines get to know it, and nothing else. (testing.AllocsPerRun would do
// without other goroutines.)
func TestForAllocates(t *testing.T) {
	setThreads(t, 4)
	x := make([]int, 64)
	loops := func() {
		for range 100 {
			For(len(x), func(i int) { x[i]++ })
			Range(len(x), 8, func(lo, hi int) { x[lo]++ })
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

// wantPanic checks that f panics with the given value.
func wantPanic(t *testing.T, value any, f func()) {
	t.Helper()
	defer func() {
		t.Helper()
		if got := recover(); got != value {
			t.Errorf("panic %v, want %v", got, value)
		}
	}()
	f()
}
