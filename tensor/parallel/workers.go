package parallel

import (
	"runtime"
	"sync"
	"sync/atomic"
)

// Kernels follow each other closely, and each is spread over all cores. To start
// goroutines for each takes allocations, and time: a core that has gone to sleep
// needs tens of microseconds to wake up. So workers stay. One that has finished
// a job looks out for the next for a few microseconds before it goes to sleep.
// From then on it costs nothing but the memory of a goroutine.

// job is a loop over numbered pieces that several goroutines share. One that
// is done serves again.
type job struct {
	body       func(i int)      // called with each piece, or:
	rangeBody  func(lo, hi int) // called with the elements of each piece,
	block, end int              // so many of them, up to the end

	pieces  int64
	next    atomic.Int64  // the first piece that nobody has taken
	running atomic.Int32  // goroutines that may still touch the job
	done    chan struct{} // told by the last one if the caller is waiting

	failed  atomic.Bool // a body has panicked in a helper,
	problem any         // the first of them with this
}

var jobs = sync.Pool{New: func() any { return &job{done: make(chan struct{}, 1)} }}

// newJob returns a job of n pieces without a body.
func newJob(n int) *job {
	j := jobs.Get().(*job)
	j.pieces = int64(n)
	j.next.Store(0)
	return j
}

// share does the job with the help of up to so many idle workers.
func (j *job) share(helpers int) {
	j.running.Store(1)
	engage(j, helpers)
	finished := false
	defer func() {
		if !finished { // the body panics here: helpers must not be left behind
			j.next.Store(j.pieces)
			j.wait()
		}
	}()
	j.work()
	finished = true
	j.wait()
	if j.failed.Load() {
		panic(j.problem)
	}
	j.body, j.rangeBody = nil, nil
	jobs.Put(j)
}

// work does pieces until none is left.
func (j *job) work() {
	for {
		i := j.next.Add(1) - 1
		if i >= j.pieces {
			return
		}
		if j.body != nil {
			j.body(int(i))
			continue
		}
		lo := int(i) * j.block
		j.rangeBody(lo, min(j.end, lo+j.block))
	}
}

// help is work for a worker: a panic is the caller's.
func (j *job) help() {
	defer func() {
		if problem := recover(); problem != nil {
			j.next.Store(j.pieces)
			if j.failed.CompareAndSwap(false, true) {
				j.problem = problem
			}
		}
	}()
	j.work()
}

// leave is the last that a worker does with a job.
func (j *job) leave() {
	if j.running.Add(-1) == 0 {
		j.done <- struct{}{}
	}
}

// wait returns when every worker has left.
func (j *job) wait() {
	if soon(func() bool { return j.running.Load() == 1 }) {
		return
	}
	if j.running.Add(-1) > 0 {
		<-j.done
	}
}

// worker is a goroutine that helps with jobs. Its mailbox holds nil while it
// looks out for a job, asleep when it has given up, and otherwise the job that
// it does.
type worker struct {
	mailbox atomic.Pointer[job]
	wake    chan struct{}
	_       [112]byte // each mailbox has a cache line of its own, and the next
}

var asleep = new(job) // a mark, never done

var workers struct {
	list atomic.Pointer[[]*worker]
	sync.Mutex
}

// engage hands the job to up to n idle workers.
func engage(j *job, n int) {
	list := workers.list.Load()
	if list == nil || len(*list) < n {
		list = hire(n)
	}
	for _, w := range *list {
		if n == 0 {
			return
		}
		if w.offer(j) {
			n--
		}
	}
}

// hire makes sure that there are n workers, and returns all.
func hire(n int) *[]*worker {
	workers.Lock()
	defer workers.Unlock()
	var list []*worker
	if old := workers.list.Load(); old != nil {
		list = append(list, *old...)
	}
	for len(list) < n {
		w := &worker{wake: make(chan struct{}, 1)}
		list = append(list, w)
		go w.run()
	}
	workers.list.Store(&list)
	return &list
}

// offer hands the job to the worker if it is idle.
func (w *worker) offer(j *job) bool {
	for {
		old := w.mailbox.Load()
		if old != nil && old != asleep {
			return false
		}
		j.running.Add(1)
		if w.mailbox.CompareAndSwap(old, j) {
			if old == asleep {
				w.wake <- struct{}{}
			}
			return true
		}
		// It has just gone to sleep, or somebody else was faster.
		j.running.Add(-1) // not to 0, as the caller counts
	}
}

func (w *worker) run() {
	for {
		j := w.receive()
		j.help()
		// From here on the worker can be given another job, before it has left
		// this one: the next call should find it idle.
		w.mailbox.Store(nil)
		j.leave()
	}
}

// receive waits for a job.
func (w *worker) receive() *job {
	if !soon(func() bool { return w.mailbox.Load() != nil }) && w.mailbox.CompareAndSwap(nil, asleep) {
		<-w.wake
	}
	return w.mailbox.Load()
}

// soon looks for some five microseconds whether something becomes true, which
// is no more than it takes to go to sleep and be woken up. It looks at memory of
// its own nearly all of that time: many that called the scheduler at once would
// be in each other's way there.
func soon(happened func() bool) bool {
	for range 25 {
		for range 100 {
			if happened() {
				return true
			}
		}
		runtime.Gosched()
	}
	return false
}
