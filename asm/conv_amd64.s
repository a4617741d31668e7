//go:build !purego

#include "textflag.h"
#include "microkernel_amd64.h"

// STORE rectifies a pixel and stores it. Of two operands with a NaN, VMAXPS
// takes the one that Go's assembler writes first.
#define STORE(C0, C1) \
	VMAXPS  C0, Y12, C0 \
	VMAXPS  C1, Y12, C1 \
	VMOVUPS C0, 0(DI)   \
	VMOVUPS C1, 32(DI)  \
	ADDQ    R11, DI

// BITS notes which values of a pixel are positive: 0 < c, false for NaN.
#define BITS(C0, C1) \
	VCMPPS    $1, C0, Y13, Y14 \
	VCMPPS    $1, C1, Y13, Y15 \
	VMOVMSKPS Y14, CX          \
	VMOVMSKPS Y15, DI          \
	MOVB      CX, 0(AX)        \
	MOVB      DI, 1(AX)        \
	ADDQ      R9, AX

// func convRowAVX2(pixels, outputs, kh, k int, a *float32, ld, step int, b, bias, c *float32, ldc int, floor float32, mask *uint8)
//
// The block of registers is that of microkernel_amd64.h. What differs:
// the sums start from the bias; A is kh stretches of k values; panels are the
// inner loop, since all of B fits in the first-level cache, so that c is
// written from one end to the other; and each sum is finished, rectified and
// compared with zero, while it is in its register.
TEXT ·convRowAVX2(SB), NOSPLIT, $8-104
	MOVQ pixels+0(FP), R12
	MOVQ outputs+8(FP), CX
	MOVQ k+24(FP), DI
	MOVQ a+32(FP), SI
	MOVQ ld+40(FP), R10
	MOVQ step+48(FP), R8
	MOVQ c+72(FP), DX
	MOVQ ldc+80(FP), R11
	MOVQ mask+96(FP), R13
	SUBQ DI, R10                // from the end of a stretch to the next one
	SHLQ $2, R10                // distances in bytes
	SHLQ $2, R8
	SHLQ $2, R11
	SHLQ $2, CX
	MOVQ CX, end-8(SP)

block:                          // six pixels: a at SI, c at DX, mask at R13
	MOVQ b+56(FP), BX
	XORQ R15, R15               // R15 = offset of the panel in a pixel of c

panel:
	// The sums are soon done: ask for their places in the next six pixels now,
	// or the stores will wait for memory.
	LEAQ       (R11)(R11*2), DI
	LEAQ       (DX)(DI*2), DI
	ADDQ       R15, DI
	PREFETCHT0 (DI)
	PREFETCHT0 (DI)(R11*1)
	LEAQ       (DI)(R11*2), DI
	PREFETCHT0 (DI)
	PREFETCHT0 (DI)(R11*1)
	LEAQ       (DI)(R11*2), DI
	PREFETCHT0 (DI)
	PREFETCHT0 (DI)(R11*1)

	MOVQ    bias+64(FP), DI
	VMOVUPS (DI)(R15*1), Y0
	VMOVUPS 32(DI)(R15*1), Y1
	VMOVAPS Y0, Y2
	VMOVAPS Y1, Y3
	VMOVAPS Y0, Y4
	VMOVAPS Y1, Y5
	VMOVAPS Y0, Y6
	VMOVAPS Y1, Y7
	VMOVAPS Y0, Y8
	VMOVAPS Y1, Y9
	VMOVAPS Y0, Y10
	VMOVAPS Y1, Y11
	MOVQ    kh+16(FP), R14
	MOVQ    SI, AX

stretch:                        // for each row of the filters
	LEAQ (AX)(R8*2), R9
	ADDQ R8, R9                 // R9 = the fourth pixel
	MOVQ k+24(FP), CX
	SUBQ $3, CX
	JLT  tail

	PCALIGN $32
loop3:                          // for ; k >= 3; k -= 3, a multiple of three for colours
	STEP(0, 0)
	STEP(64, 4)
	STEP(128, 8)
	ADDQ $192, BX
	ADDQ $12, AX
	ADDQ $12, R9
	SUBQ $3, CX
	JGE  loop3

tail:
	ADDQ $3, CX
	JZ   next

loop1:
	STEP(0, 0)
	ADDQ $64, BX
	ADDQ $4, AX
	ADDQ $4, R9
	DECQ CX
	JNZ  loop1

next:
	ADDQ R10, AX
	DECQ R14
	JNZ  stretch

	VBROADCASTSS floor+88(FP), Y12
	LEAQ         (DX)(R15*1), DI
	STORE(Y0, Y1)
	STORE(Y2, Y3)
	STORE(Y4, Y5)
	STORE(Y6, Y7)
	STORE(Y8, Y9)
	STORE(Y10, Y11)

	TESTQ R13, R13
	JZ    unmasked
	MOVQ  R15, AX
	SHRQ  $5, AX                // a bit for each 4 bytes
	ADDQ  R13, AX
	MOVQ  R11, R9
	SHRQ  $5, R9
	VXORPS Y13, Y13, Y13
	BITS(Y0, Y1)
	BITS(Y2, Y3)
	BITS(Y4, Y5)
	BITS(Y6, Y7)
	BITS(Y8, Y9)
	BITS(Y10, Y11)

unmasked:
	ADDQ $64, R15
	CMPQ R15, end-8(SP)
	JLT  panel

	LEAQ  (R11)(R11*2), DI
	LEAQ  (DX)(DI*2), DX        // six pixels on
	LEAQ  (R8)(R8*2), CX
	LEAQ  (SI)(CX*2), SI
	TESTQ R13, R13
	JZ    more
	SHRQ  $4, DI                // 6*ldc bits = 3*4*ldc / 16 bytes
	ADDQ  DI, R13

more:
	SUBQ $6, R12
	JG   block

	VZEROUPPER
	RET

// func sumTapsAVX2(n int, dst *float32, step int, t *float32, ld int, offsets *int, taps int)
//
// Four pixels at a time share the loop over the offsets, and give the adder
// four independent sums.
TEXT ·sumTapsAVX2(SB), NOSPLIT, $0-56
	MOVQ n+0(FP), CX
	MOVQ dst+8(FP), DI
	MOVQ step+16(FP), R8
	MOVQ t+24(FP), SI
	MOVQ ld+32(FP), R9
	SHLQ $2, R8
	SHLQ $2, R9
	LEAQ (R9)(R9*2), R10
	SUBQ $4, CX
	JLT  sumTail

sum4:
	MOVQ   offsets+40(FP), BX
	MOVQ   taps+48(FP), R11
	VXORPS X0, X0, X0
	VXORPS X1, X1, X1
	VXORPS X2, X2, X2
	VXORPS X3, X3, X3

taps4:
	MOVQ   (BX), AX
	LEAQ   (SI)(AX*4), AX
	VADDPS (AX), X0, X0
	VADDPS (AX)(R9*1), X1, X1
	VADDPS (AX)(R9*2), X2, X2
	VADDPS (AX)(R10*1), X3, X3
	ADDQ   $8, BX
	DECQ   R11
	JNZ    taps4

	VMOVUPS X0, (DI)
	ADDQ    R8, DI
	VMOVUPS X1, (DI)
	ADDQ    R8, DI
	VMOVUPS X2, (DI)
	ADDQ    R8, DI
	VMOVUPS X3, (DI)
	ADDQ    R8, DI
	LEAQ    (SI)(R9*4), SI
	SUBQ    $4, CX
	JGE     sum4

sumTail:
	ADDQ $4, CX
	JZ   sumDone

sum1:
	MOVQ   offsets+40(FP), BX
	MOVQ   taps+48(FP), R11
	VXORPS X0, X0, X0

taps1:
	MOVQ   (BX), AX
	VADDPS (SI)(AX*4), X0, X0
	ADDQ   $8, BX
	DECQ   R11
	JNZ    taps1

	VMOVUPS X0, (DI)
	ADDQ    R8, DI
	ADDQ    R9, SI
	DECQ    CX
	JNZ     sum1

sumDone:
	VZEROUPPER
	RET
