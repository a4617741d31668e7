// Package commandlinetest helps to test what a program does when it is
// interrupted: at a known place, not after a time.
package commandlinetest

import "context"

// EndsAfter returns a context whose Err is nil for so many calls and then
// context.Canceled. Its Done is that of parent, and it is for a single goroutine.
func EndsAfter(parent context.Context, calls int) context.Context {
	return &endsAfter{parent, calls}
}

type endsAfter struct {
	context.Context
	calls int // that are left
}

func (c *endsAfter) Err() error {
	if c.calls == 0 {
		return context.Canceled
	}
	c.calls--
	return nil
}
