//go:build !unix

package rss

// Peak returns 0: the system does not tell.
func Peak() int { return 0 }
