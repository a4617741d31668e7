//go:build !linux

package autodiff

// preferHugePages does nothing: only Linux takes such advice.
func preferHugePages([]byte) {}
