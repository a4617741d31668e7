package main

import (
	"math"
	"testing"
	"time"

	"github.com/brushgrad/brushgrad/nst"
)

// simulated returns the evaluations of a run at several scales, as those of real runs
// were measured: coarse scales take up to 1.4 times as long for their work, each scale
// sets out, and its first iteration takes three evaluations. The run takes about a
// second times pace, which may depend on the time.
func simulated(scales, iterations int, pace func(elapsed float64) float64) (all []nst.Progress) {
	works, whole := make([]float64, scales), 0.0
	for i := range works {
		works[i] = math.Pow(2, float64(i-scales+1))
		if i < scales-1 {
			works[i] /= 10
		}
		whole += works[i]
	}
	elapsed, done := 0.0, 0.0
	for i, work := range works {
		n := iterations
		if i < scales-1 {
			n = max(1, iterations/10)
		}
		slow := 1 + 0.4*math.Pow(0.6, float64(i))*float64(min(1, scales-1-i))
		step := work / whole / float64(n)
		elapsed += 1.5 * step * slow * pace(elapsed)
		for k := range n {
			evaluations := 1
			if k == 0 {
				evaluations = 3
			}
			for range evaluations {
				elapsed += step * slow * pace(elapsed)
				all = append(all, nst.Progress{Scale: i + 1, Scales: scales, Work: done + float64(k)*step, Elapsed: time.Duration(elapsed * 1e9)})
			}
		}
		done += work / whole
	}
	return all
}

// TestTimeLeftIsRight: from a tenth of a run on it is within a third of the truth, though
// the plan was wrong by a quarter, or the machine is busy all the time. Of the last
// iterations it does not matter.
func TestTimeLeftIsRight(t *testing.T) {
	for name, pace := range map[string]float64{"as planned": 1, "faster": 0.8, "slower": 1.25} {
		for _, scales := range []int{1, 3, 5} {
			for _, iterations := range []int{50, 150, 350} {
				run := simulated(scales, iterations, func(float64) float64 { return pace })
				total := run[len(run)-1].Elapsed
				e := estimate{planned: time.Second}
				for _, at := range run {
					left, known := e.after(at)
					truth := total - at.Elapsed
					if at.Elapsed < total/10 || truth < total/10 {
						continue
					}
					if ratio := float64(left) / float64(truth); !known || ratio < 2.0/3 || ratio > 4.0/3 {
						t.Errorf("%s, %d scales, %d iterations: after %.2f of the time %v are left, by the estimate %v",
							name, scales, iterations, float64(at.Elapsed)/float64(total), truth, left)
						break
					}
				}
			}
		}
	}
}

// TestTimeLeftNoticesABusyMachine: when everything takes three times as long from the
// middle on, the estimate is right again soon after.
func TestTimeLeftNoticesABusyMachine(t *testing.T) {
	run := simulated(3, 350, func(elapsed float64) float64 {
		if elapsed > 0.5 {
			return 3
		}
		return 1
	})
	total := run[len(run)-1].Elapsed
	e := estimate{planned: time.Second}
	for _, at := range run {
		left, _ := e.after(at)
		truth := total - at.Elapsed
		if at.Elapsed < time.Second || truth < total/20 {
			continue
		}
		if ratio := float64(left) / float64(truth); ratio < 2.0/3 || ratio > 4.0/3 {
			t.Errorf("after %v %v are left, by the estimate %v", at.Elapsed, truth, left)
		}
	}
}

// TestTimeLeftIsUnknownAtFirst: the forecast has said how long it will take.
func TestTimeLeftIsUnknownAtFirst(t *testing.T) {
	e := estimate{planned: time.Minute}
	if _, known := e.after(nst.Progress{Scale: 1, Elapsed: time.Second}); known {
		t.Error("there is an estimate before the first iteration")
	}
}

// TestSeries: the time for all pictures follows from those that are painted, in
// proportion to their efforts; what is skipped takes none.
func TestSeries(t *testing.T) {
	s := &series{efforts: []float64{1, 5, 1, 2}, now: -1}
	if _, known := s.remaining(0); known {
		t.Error("the time for all is known before one is painted")
	}
	s.skip(1)
	s.begin(0)
	part, all := s.with(0.5, 10*time.Second, 10*time.Second)
	if part != 0.125 || all != 70*time.Second {
		t.Errorf("half of the first: %v, %v left, want an eighth and 70 s", part, all)
	}
	s.end(30 * time.Second)
	if left, known := s.remaining(2); !known || left != 90*time.Second {
		t.Errorf("after the first: %v, want 90 s", left)
	}
	s.begin(2)
	if part, all = s.with(0, 0, 10*time.Second); part != 0.25 || all != 50*time.Second {
		t.Errorf("at the beginning of the third: %v, %v, want a quarter and 50 s", part, all)
	}
	s.end(10 * time.Second)
	s.begin(3)
	if part, all = s.with(1, 50*time.Second, 0); part != 1 || all != 0 {
		t.Errorf("at the end: %v, %v", part, all)
	}
}
