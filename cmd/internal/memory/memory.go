// Package memory measures and limits the memory of this process: how much it has
// taken, how much it may still take, and how much the collector of garbage lets it
// take. Sizes are in bytes where nothing else is said.
//
// A process that takes more than its machine or its control group has is killed by
// the kernel without a word, and one that meets a limit of its address space ends in
// a fatal error of the runtime. Who asks first can say what would fit.
package memory

// Available returns how many bytes this process may still take: the least of what the
// machine has, the control groups that the process is in leave, and its own limits
// (ulimit -v and -d) allow. It reads small files of the system and takes no memory
// worth mentioning. ok is false where the system does not say, as anywhere but on
// Linux.
func Available() (bytes int64, ok bool) { return available() }
