package asm

// FMABurstFLOP is the number of floating-point operations of one round of
// FMABurst: twelve vectors of eight multiply-adds.
const FMABurstFLOP = 12 * 8 * 2

// FMABurst runs rounds of twelve independent vector multiply-adds on registers
// alone. Nothing that multiplies matrices can be faster, so its speed is the
// yardstick, the FMA peak, that benchmarks divide by. Without assembly it runs
// the same number of scalar multiply-adds.
func FMABurst(rounds int) { fmaBurst(rounds) }

// fmaBurstGeneric multiplies and adds in a dozen independent chains, and
// returns their sum so that the compiler keeps them.
func fmaBurstGeneric(rounds int) float32 {
	const a, b = float32(0.999), float32(0.001)
	var s [12]float32
	for range rounds * 8 {
		for i := range s {
			s[i] = s[i]*a + b
		}
	}
	sum := float32(0)
	for _, v := range s {
		sum += v
	}
	return sum
}
