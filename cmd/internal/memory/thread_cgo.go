//go:build cgo

package memory

// threadSpace is the address space of a thread, in a program that is linked with the C
// library: 8 MiB of stack and an arena of 64 MiB for malloc, next to none of which is
// touched (measured with glibc).
const threadSpace = (8 + 64) << 20
