//go:build !cgo

package memory

// threadSpace is the address space of a thread: its stack is in the heap.
const threadSpace = 64 << 10
