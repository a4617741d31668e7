package main

import (
	"fmt"
	"time"

	"github.com/brushgrad/brushgrad/cmd/internal/painting"
	"github.com/brushgrad/brushgrad/cmd/internal/statusline"
)

// series is how far a command is that paints several pictures. A nil series is that of a
// single one.
type series struct {
	efforts []float64 // of the pictures, in a unit of their own; 0 for one that needs none
	now     int       // the picture that is being painted, from 0
	took    time.Duration
	painted float64 // the efforts of those that took so long
	warned  map[string]bool
}

func newSeries(jobs []painting.Job) *series {
	s := &series{now: -1, warned: make(map[string]bool)}
	for _, job := range jobs {
		s.efforts = append(s.efforts, job.Effort())
	}
	return s
}

// skip says that a picture is not painted.
func (s *series) skip(i int) { s.efforts[i] = 0 }

// begin says that a picture is being painted from now on.
func (s *series) begin(i int) { s.now = i }

// end says that the present picture is finished after some time.
func (s *series) end(after time.Duration) {
	s.took += after
	s.painted += s.efforts[s.now]
}

// warns reports whether a warning is the first of its kind.
func (s *series) warns(text string) bool {
	if s == nil {
		return true
	}
	known := s.warned[text]
	s.warned[text] = true
	return !known
}

// prefix says which of the pictures is being painted.
func (s *series) prefix() string {
	if s == nil {
		return ""
	}
	return fmt.Sprintf("%d of %d, ", s.now+1, len(s.efforts))
}

// with returns the part of all pictures that is done, and the time to the end of them,
// when some work is done on the present one that has taken a while and has a time left.
// The pictures to come are taken to need as long for their efforts as those so far.
func (s *series) with(work float64, elapsed, left time.Duration) (part float64, all time.Duration) {
	present, later, whole := s.efforts[s.now], s.later(s.now), 0.0
	for _, e := range s.efforts {
		whole += e
	}
	part = 1 - (later+(1-work)*present)/whole
	perEffort := float64(s.took+elapsed+left) / (s.painted + present)
	return part, left + time.Duration(later*perEffort)
}

// remaining returns the time for a picture and those after it, once one has been painted.
func (s *series) remaining(from int) (left time.Duration, known bool) {
	if s.painted == 0 {
		return 0, false
	}
	return time.Duration((s.later(from) + s.efforts[from]) * float64(s.took) / s.painted), true
}

// later returns the efforts of the pictures after one.
func (s *series) later(than int) (sum float64) {
	for _, e := range s.efforts[than+1:] {
		sum += e
	}
	return sum
}

// left says what the pictures from one on will take, once it is known.
func (s *series) left(from int) string {
	if t, known := s.remaining(from); known {
		return ", " + statusline.Duration(t) + " left for all"
	}
	return ""
}
