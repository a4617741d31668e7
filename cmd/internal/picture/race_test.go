//go:build race

package picture

// underRace says that the race detector runs, with which everything allocates more.
const underRace = true
