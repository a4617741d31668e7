package autodiff

import (
	"unsafe"

	"golang.org/x/sys/unix"
)

// hugePage is the size of a huge page on x86-64 and arm64. Where it is larger,
// the kernel ignores the advice for what does not fill one.
const hugePage = 2 << 20

// preferHugePages asks the system to back a large piece of memory by huge
// pages: one entry in the processor's table of addresses then covers 2 MiB
// instead of 4 KiB, and the first touch of the memory faults once instead of
// 512 times. It is advice, so that an error changes nothing.
func preferHugePages(memory []byte) {
	if len(memory) < 2*hugePage {
		return
	}
	start := int(-uintptr(unsafe.Pointer(&memory[0])) % hugePage) // to the next multiple
	if end := start + (len(memory)-start)/hugePage*hugePage; end > start {
		unix.Madvise(memory[start:end], unix.MADV_HUGEPAGE)
	}
}
